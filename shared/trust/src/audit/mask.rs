//! What never gets into a record.

use serde_json::{Map, Value, json};

use super::Record;
use crate::{hash, hex};

/// What stands for a secret.
pub const MASK: &str = "***";

/// The largest value that is written as it is, in bytes of JSON; of larger ones (pictures) only size and hash are kept.
const LARGEST_VALUE: usize = 8 * 1024;

/// The longest text among the other members, in characters.
const LONGEST_TEXT: usize = 1_024;

/// The most changes and the most ids that are written.
const MOST: usize = 2_000;

/// Names, in lower case and without anything but letters and digits, of attributes and members whose values are secret.
const SECRETS: [&str; 18] = [
    "accesstoken",
    "authorization",
    "clientassertion",
    "clientcertificate",
    "clientcertificatepassword",
    "clientsecret",
    "currentpassword",
    "keycredentials",
    "newpassword",
    "password",
    "passwordcredentials",
    "passwordprofile",
    "privatekey",
    "refreshtoken",
    "secret",
    "secretkey",
    "secrettext",
    "temporaryaccesspass",
];

/// Names that are secret only when they stand alone, as members of credentials do.
const SECRETS_ALONE: [&str; 3] = ["key", "token", "pin"];

/// Whether a value by this name is secret: an attribute's path, of which any part counts, or a member's name.
///
/// ```
/// assert!(trust::audit::is_secret("urn:ietf:params:scim:schemas:core:2.0:User:password"));
/// assert!(trust::audit::is_secret("passwordProfile.forceChangePasswordNextSignIn"));
/// assert!(!trust::audit::is_secret("name.familyName"));
/// ```
#[must_use]
pub fn is_secret(name: &str) -> bool {
    name.split(['.', ':', '[', ']', '/']).any(|part| {
        let part: String =
            part.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        SECRETS.contains(&part.as_str()) || SECRETS_ALONE.contains(&part.as_str())
    })
}

/// A value without its secrets, at any depth.
#[must_use]
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = if is_secret(name) { MASK.into() } else { masked(value) };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(masked).collect()),
        other => other.clone(),
    }
}

/// The text of a record: masked, bounded, canonical.
pub(super) fn text(record: &Record) -> String {
    let mut record = record.clone();
    record.changes.truncate(MOST);
    record.graph_request_ids.truncate(MOST);
    for change in &mut record.changes {
        let is_secret = is_secret(&change.attribute);
        let cleared = |value: &Value| if is_secret { MASK.into() } else { bounded(masked(value)) };
        change.old = change.old.as_ref().map(cleared);
        change.new = change.new.as_ref().map(cleared);
        shorten(&mut change.attribute);
    }
    let Record { at, request_id, tenant, caller, proof, address, operation, resource, object, detail, .. } =
        &mut record;
    [at, request_id, tenant, caller, proof, address, operation, resource, object, detail].into_iter().for_each(shorten);
    record.graph_request_ids.iter_mut().for_each(shorten);
    // A record is made of texts and JSON: it always has a text.
    serde_json::to_value(&record).map(|value| sorted(&value).to_string()).unwrap_or_default()
}

fn bounded(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= LARGEST_VALUE {
        return value;
    }
    json!({ "bytes": text.len(), "sha256": hex::encode(&hash(&[text.as_bytes()])) })
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
    }
}

/// The same value with the members of each object in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
