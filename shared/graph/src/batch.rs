//! Several calls in one exchange. <https://learn.microsoft.com/graph/json-batching>

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    answer::Answer,
    error::{Error, Kind},
    operation::Operation,
};

/// The most calls that Graph takes in one batch.
pub(crate) const MOST: usize = 20;

/// The call that makes those of `operations` that `group` names by index, each with its address below the version.
///
/// Only what is in the group is waited for: the rest has succeeded before.
pub(crate) fn operation(operations: &[Operation], group: &[(usize, &str)]) -> Result<Operation, Error> {
    let requests: Vec<SubRequest<'_>> = group
        .iter()
        .filter_map(|(index, url)| Some((*index, operations.get(*index)?, *url)))
        .map(|(index, operation, url)| SubRequest::of(index, operation, url, group))
        .collect::<Result<_, _>>()?;
    let body = serde_json::to_vec(&Requests { requests })
        .map_err(|error| Error::local(Kind::BadRequest, format!("the batch cannot be written: {error}")))?;
    Ok(Operation::post("/$batch").body(body))
}

/// The answer to each operation of `group`, in its order; Graph answers in any.
pub(crate) fn answers(group: &[usize], body: &[u8]) -> Result<Vec<Result<Answer, Error>>, Error> {
    let answer: Responses<'_> = serde_json::from_slice(body).map_err(|error| {
        Error::local(Kind::InvalidAnswer, format!("the answer to a batch is not one of JSON batching: {error}"))
    })?;
    let mut by_id: BTreeMap<String, SubResponse<'_>> =
        answer.responses.into_iter().map(|response| (response.id.clone(), response)).collect();
    Ok(group
        .iter()
        .map(|index| match by_id.remove(&index.to_string()) {
            Some(response) => response.answer(),
            None => {
                let message = format!("the answer to a batch says nothing of its operation {index}");
                Err(Error::local(Kind::InvalidAnswer, message))
            }
        })
        .collect())
}

#[derive(Serialize)]
struct Requests<'a> {
    requests: Vec<SubRequest<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubRequest<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

impl<'a> SubRequest<'a> {
    fn of(index: usize, operation: &'a Operation, url: &'a str, group: &[(usize, &str)]) -> Result<Self, Error> {
        let body = operation.body.as_deref().map(serde_json::from_slice).transpose().map_err(|error| {
            Error::local(Kind::BadRequest, format!("the body of operation {index} of a plan is not JSON: {error}"))
        })?;
        let mut headers: BTreeMap<_, _> = operation.headers.iter().copied().collect();
        if operation.body.is_some() {
            headers.insert("Content-Type", "application/json");
        }
        let together = |after: &&usize| group.iter().any(|(index, _)| index == *after);
        let depends_on = operation.after.iter().filter(together).map(usize::to_string).collect();
        Ok(Self { id: index.to_string(), method: operation.method.as_str(), url, headers, body, depends_on })
    }
}

#[derive(Deserialize)]
struct Responses<'a> {
    #[serde(borrow)]
    responses: Vec<SubResponse<'a>>,
}

#[derive(Deserialize)]
struct SubResponse<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

impl SubResponse<'_> {
    fn answer(self) -> Result<Answer, Error> {
        let status = StatusCode::from_u16(self.status).map_err(|_| {
            Error::local(Kind::InvalidAnswer, format!("the answer to a batch has the status {}", self.status))
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            // What no header may be is left out: nothing here depends on it.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
        let body = self.body.map_or("", RawValue::get);
        Ok(Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) })
    }
}
