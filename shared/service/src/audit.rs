//! `GET /audit` — who did what through the connector, the latest first.
//!
//! `caller`, `object`, `operation` and `outcome` ask for equal values, `from` (inclusive) and `to` (exclusive) for a time,
//! `count` for so many lines at most, `cursor` for what is older than the page before. A line shows its record as it was
//! hashed, the hash of the line before and its own, so that whoever reads all of them can verify that none is missing.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use runtime::Database;
use scim::Error;
use serde::Serialize;
use serde_json::value::RawValue;
use warehouse::audit::{AuditFilter, AuditLine, page};

use crate::{answer, failure::Failure, target};

/// How many lines there are on a page when the caller does not say, and at most.
const DEFAULT_COUNT: u32 = 100;
/// A line may be large, and the database answers so many of them at once.
const MOST: u32 = 1000;

/// Answers a request to the audit trail of a tenant, whose caller may read it.
pub(crate) async fn handle<D: Database>(database: &D, tenant_id: &str, request: &Request<Bytes>) -> Response<Bytes> {
    answered(database, tenant_id, request).await.unwrap_or_else(|error| {
        let mut response = answer::failure(&Failure::from(error));
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        }
        response
    })
}

async fn answered<D: Database>(
    database: &D,
    tenant_id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Error> {
    let path = request.uri().path();
    if !path.trim_end_matches('/').ends_with("/audit") {
        return Err(Error::not_found(format!("there is nothing at {path}")));
    }
    if request.method() != Method::GET {
        return Err(Error::method_not_allowed("the audit trail takes GET only"));
    }
    let (filter, count) = asked(&target::parameters(request))?;
    let unavailable = |error: warehouse::Error| Error::unavailable(error.to_string());
    let mut lines = page(database, tenant_id, &filter, count + 1).await.map_err(unavailable)?;
    // One more than asked for tells whether there is another page.
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let more = lines.len() > most;
    lines.truncate(most);
    let next_cursor = lines.last().filter(|_| more).map(|line| line.sequence.to_string());
    let resources: Vec<Shown> = lines.into_iter().map(Shown::of).collect::<Result<_, _>>()?;
    let list = List {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        items_per_page: resources.len(),
        next_cursor,
        resources,
    };
    let body = serde_json::to_vec(&list).map_err(|error| Error::internal(error.to_string()))?;
    Ok(answer::json(StatusCode::OK, body))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    schemas: [&'static str; 1],
    items_per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(rename = "Resources")]
    resources: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    sequence: u64,
    /// As it was hashed, to the byte.
    record: Box<RawValue>,
    previous: String,
    hash: String,
}

impl Shown {
    fn of(line: AuditLine) -> Result<Self, Error> {
        let AuditLine { sequence, record, previous, hash } = line;
        let record = match RawValue::from_string(record) {
            Ok(record) => record,
            // Somebody changed it, and that is for the hashes to show: a text shows whatever it is.
            Err(_) => {
                serde_json::value::to_raw_value("unreadable").map_err(|error| Error::internal(error.to_string()))?
            }
        };
        Ok(Self { sequence, record, previous, hash })
    }
}

/// What the parameters of a request ask for.
fn asked(parameters: &[(String, String)]) -> Result<(AuditFilter, u32), Error> {
    let (mut filter, mut count) = (AuditFilter::default(), DEFAULT_COUNT);
    for (name, value) in parameters {
        let text = || Some(value.clone());
        match name.as_str() {
            "caller" => filter.caller = text(),
            "object" => filter.object_id = text(),
            "operation" => filter.operation = text(),
            "outcome" => filter.outcome = text(),
            "from" => filter.from = Some(moment(name, value)?),
            "to" => filter.to = Some(moment(name, value)?),
            "cursor" if value.is_empty() => {}
            "cursor" => {
                let wrong = |_| Error::invalid_cursor("the cursor is not one of the audit trail: begin without one");
                filter.before = Some(value.parse().map_err(wrong)?);
            }
            "count" => match value.parse() {
                Ok(wanted @ 1..=MOST) => count = wanted,
                _ => return Err(Error::invalid_value(format!("count is a number from 1 to {MOST}"))),
            },
            _ => {
                return Err(Error::invalid_value(
                    "the audit trail takes caller, object, operation, outcome, from, to, count and cursor",
                ));
            }
        }
    }
    Ok((filter, count))
}

fn moment(name: &str, value: &str) -> Result<DateTime<Utc>, Error> {
    DateTime::parse_from_rfc3339(value).map(|moment| moment.to_utc()).map_err(|_| {
        Error::invalid_value(format!("{name} is a point in time such as 2026-05-13T04:42:34Z, with + as %2B"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_of(query: &str) -> Result<(AuditFilter, u32), Error> {
        asked(&form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>())
    }

    #[test]
    fn parameters_ask() {
        let (filter, count) = asked_of("caller=a&object=X&from=2026-05-13T04:42:34Z&cursor=7&count=5").unwrap();
        assert_eq!((filter.caller.as_deref(), filter.object_id.as_deref()), (Some("a"), Some("X")));
        assert_eq!((filter.before, filter.from.unwrap().timestamp(), count), (Some(7), 1_778_647_354, 5));
        assert_eq!(asked_of("").unwrap(), (AuditFilter::default(), DEFAULT_COUNT));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for query in ["cursor=x", "count=0", "count=1001", "from=yesterday", "colour=red"] {
            assert_eq!(asked_of(query).unwrap_err().status, 400, "{query}");
        }
    }
}
