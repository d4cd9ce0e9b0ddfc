//! Writes a Bulk response. RFC 7644 section 3.7.3.

use serde_json::{Map, Value};

use super::{Outcome, RESPONSE_SCHEMA};

/// What came of one operation.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) method: Option<String>,
    pub(super) bulk_id: Option<String>,
    pub(super) location: Option<String>,
    pub(super) outcome: Outcome,
}

/// The message.
pub(super) fn response(results: impl Iterator<Item = Result>) -> Value {
    let operations = results.map(Result::into_value).collect();
    let schemas = Value::Array(vec![RESPONSE_SCHEMA.into()]);
    Value::Object(Map::from_iter([
        ("schemas".to_owned(), schemas),
        ("Operations".to_owned(), Value::Array(operations)),
    ]))
}

impl Result {
    fn into_value(self) -> Value {
        let Outcome { status, version, response, .. } = self.outcome;
        let texts =
            [("method", self.method), ("bulkId", self.bulk_id), ("location", self.location), ("version", version)];
        let mut members = Map::from_iter([("status".to_owned(), status.to_string().into())]);
        for (name, text) in texts {
            members.extend(text.map(|text| (name.to_owned(), Value::from(text))));
        }
        members.extend(response.map(|response| ("response".to_owned(), response)));
        Value::Object(members)
    }
}
