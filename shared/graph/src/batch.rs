//! Several calls in one exchange. <https://learn.microsoft.com/graph/json-batching>

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    answer,
    client::Response,
    error::{Error, Kind},
    operation::Operation,
};

/// The most calls that Graph takes in one batch.
const MOST: usize = 20;

/// The call that makes all of `operations`, whose addresses below the version are `addresses`.
pub(crate) fn operation(operations: &[Operation], addresses: &[&str]) -> Result<Operation, Error> {
    if operations.len() > MOST {
        let message =
            format!("a plan has {} operations, and a batch takes {MOST}: make several plans", operations.len());
        return Err(Error::local(Kind::BadRequest, message));
    }
    let requests: Vec<SubRequest<'_>> = operations
        .iter()
        .zip(addresses)
        .enumerate()
        .map(|(index, (operation, address))| SubRequest::of(index, operation, address))
        .collect::<Result<_, _>>()?;
    let body = serde_json::to_vec(&Requests { requests })
        .map_err(|error| Error::local(Kind::BadRequest, format!("the batch cannot be written: {error}")))?;
    let mut batch = Operation::post("/$batch").body(body);
    batch.repeatable = operations.iter().all(|operation| operation.repeatable);
    Ok(batch)
}

/// The outcome of each of `count` operations, in their order; Graph answers in any.
pub(crate) fn outcomes(count: usize, body: &[u8]) -> Result<Vec<Result<Response, Error>>, Error> {
    let answer: Responses<'_> = serde_json::from_slice(body).map_err(|error| {
        Error::local(Kind::InvalidAnswer, format!("the answer to a batch is not one of JSON batching: {error}"))
    })?;
    let mut by_id: BTreeMap<String, SubResponse<'_>> =
        answer.responses.into_iter().map(|response| (response.id.clone(), response)).collect();
    Ok((0..count)
        .map(|index| match by_id.remove(&index.to_string()) {
            Some(response) => response.judge(),
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
    fn of(index: usize, operation: &'a Operation, url: &'a str) -> Result<Self, Error> {
        if let Some(later) = operation.after.iter().find(|after| **after >= index) {
            let message = format!("operation {index} of a plan waits for {later}, which does not come before it");
            return Err(Error::local(Kind::BadRequest, message));
        }
        let body = operation.body.as_deref().map(serde_json::from_slice).transpose().map_err(|error| {
            Error::local(Kind::BadRequest, format!("the body of operation {index} of a plan is not JSON: {error}"))
        })?;
        let mut headers: BTreeMap<_, _> = operation.headers.iter().copied().collect();
        if operation.body.is_some() {
            headers.insert("Content-Type", "application/json");
        }
        let depends_on = operation.after.iter().map(usize::to_string).collect();
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
    fn judge(self) -> Result<Response, Error> {
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
        answer::judge(status, headers, Bytes::copy_from_slice(body.as_bytes()))
    }
}
