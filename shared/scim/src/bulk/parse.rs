//! Reads a Bulk request.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{Entry, Method, Operation, REQUEST_SCHEMA, Request};
use crate::error::{Error, Result};
use crate::patch::PATCH_SCHEMA;
use crate::path::shorten;
use crate::schema::ResourceType;
use crate::value::{member, take_member};

/// The longest id in a path, in bytes.
const MAX_ID: usize = 256;
/// What of an id is not as it is in a URL.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b':');

/// Reads the body of a Bulk request; the size of the body is the caller's to check.
///
/// Accepted beside the RFC's form, since clients send it: a method in any letter case, a path without the slash in
/// front, `failOnErrors` as a string, a PATCH whose `data` is the array of operations.
///
/// # Errors
/// `invalidSyntax` for a body that is no Bulk request, 413 for more than `max_operations`. What is wrong with one
/// operation is an error in its [`Entry`].
pub fn parse(body: Value, resource_types: &[&'static ResourceType], max_operations: usize) -> Result<Request> {
    let Value::Object(mut body) = body else {
        return Err(Error::invalid_syntax("the body must be a JSON object"));
    };
    check_schemas(&body)?;
    let fail_on_errors = fail_on_errors(member(&body, "failOnErrors"))?;
    let operations = match take_member(&mut body, "Operations") {
        Some(Value::Array(operations)) if !operations.is_empty() => operations,
        _ => return Err(Error::invalid_syntax("'Operations' must be an array of operations")),
    };
    if operations.len() > max_operations {
        let count = operations.len();
        return Err(Error::payload_too_large(format!(
            "{count} operations are more than maxOperations ({max_operations}); split the request"
        )));
    }
    let entries = operations.into_iter().map(|operation| entry(operation, resource_types)).collect();
    Ok(Request { fail_on_errors, entries })
}

fn check_schemas(body: &Map<String, Value>) -> Result<()> {
    let schemas = member(body, "schemas").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_bulk = |schema: &Value| schema.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(REQUEST_SCHEMA));
    match schemas.iter().any(is_bulk) {
        true => Ok(()),
        false => Err(Error::invalid_syntax(format!("'schemas' must hold {REQUEST_SCHEMA}"))),
    }
}

fn fail_on_errors(value: Option<&Value>) -> Result<Option<usize>> {
    let count = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    match count {
        None | Some(0) => Err(Error::invalid_syntax("'failOnErrors' must be a whole number from 1")),
        Some(count) => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
    }
}

fn entry(operation: Value, resource_types: &[&'static ResourceType]) -> Entry {
    let Value::Object(members) = operation else {
        let error = Error::invalid_syntax("an operation must be a JSON object");
        return Entry { method: None, bulk_id: None, path: None, operation: Err(error) };
    };
    let text = |name: &str| member(&members, name).and_then(Value::as_str);
    let method = text("method").map(|word| match Method::from_keyword(word) {
        Some(method) => method.keyword().to_owned(),
        None => shorten(word).to_owned(),
    });
    let bulk_id = text("bulkId").map(str::to_owned);
    let path = text("path").and_then(|path| target(path.trim(), resource_types).ok());
    let path = path.and_then(|(resource_type, id)| id.map(|id| resource_path(resource_type, &id)));
    Entry { method, bulk_id, path, operation: read(members, resource_types) }
}

fn read(mut members: Map<String, Value>, resource_types: &[&'static ResourceType]) -> Result<Operation> {
    let method = method(text(&mut members, "method")?)?;
    let path = text(&mut members, "path")?.ok_or_else(|| Error::invalid_syntax("'path' is missing"))?;
    let (resource_type, id) = target(path.trim(), resource_types)?;
    let bulk_id = text(&mut members, "bulkId")?.filter(|bulk_id| !bulk_id.is_empty());
    match (method, &id) {
        (Method::Post, Some(_)) => {
            let endpoint = resource_type.endpoint;
            return Err(Error::method_not_allowed(format!("POST needs the path of an endpoint, such as {endpoint}")));
        }
        (Method::Post, None) if bulk_id.is_none() => {
            return Err(Error::invalid_syntax("'bulkId' is missing: POST needs one"));
        }
        (Method::Put | Method::Patch | Method::Delete, None) => {
            let endpoint = resource_type.endpoint;
            return Err(Error::method_not_allowed(format!(
                "{method} needs the path of a resource, such as {endpoint}/2819c223"
            )));
        }
        _ => {}
    }
    let version = text(&mut members, "version")?.filter(|version| !version.trim().is_empty());
    let data = data(method, take_member(&mut members, "data"))?;
    Ok(Operation { method, resource_type, id, bulk_id, version, data })
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match take_member(members, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::invalid_syntax(format!("'{name}' must be a string"))),
    }
}

fn method(word: Option<String>) -> Result<Method> {
    let word = word.ok_or_else(|| Error::invalid_syntax("'method' is missing: POST, PUT, PATCH or DELETE"))?;
    Method::from_keyword(word.trim()).ok_or_else(|| {
        let word = shorten(&word);
        Error::invalid_syntax(format!("'method' must be POST, PUT, PATCH or DELETE, found '{word}'"))
    })
}

fn data(method: Method, data: Option<Value>) -> Result<Value> {
    match (method, data) {
        (Method::Delete, _) => Ok(Value::Null),
        (_, None | Some(Value::Null)) => Err(Error::invalid_syntax(format!("'data' is missing: {method} needs it"))),
        // Clients follow the example of RFC 7644 section 3.7.3, which gives the operations alone.
        (Method::Patch, Some(Value::Array(operations))) => Ok(patch_body(operations)),
        (_, Some(data)) => Ok(data),
    }
}

/// The body of a PATCH with these operations.
pub(super) fn patch_body(operations: Vec<Value>) -> Value {
    let schemas = Value::Array(vec![PATCH_SCHEMA.into()]);
    let operations = Value::Array(operations);
    Value::Object(Map::from_iter([("schemas".to_owned(), schemas), ("Operations".to_owned(), operations)]))
}

/// The resource type and the id that a path such as `/Users/2819c223` names.
fn target(path: &str, resource_types: &[&'static ResourceType]) -> Result<(&'static ResourceType, Option<String>)> {
    if path.contains("://") || path.starts_with("//") {
        return Err(Error::invalid_value("'path' must be relative to the service, such as /Users, and no URL"));
    }
    if path.contains(['?', '#']) {
        return Err(Error::invalid_value("'path' must not have a query: an operation takes no parameters"));
    }
    let path = path.trim_start_matches('/').trim_end_matches('/');
    for resource_type in resource_types {
        let endpoint = resource_type.endpoint.trim_start_matches('/');
        let Some((head, rest)) = path.split_at_checked(endpoint.len()) else { continue };
        if !head.eq_ignore_ascii_case(endpoint) {
            continue;
        }
        match rest.strip_prefix('/') {
            None if rest.is_empty() => return Ok((resource_type, None)),
            Some(id) => return Ok((resource_type, Some(decoded(id)?))),
            None => {}
        }
    }
    Err(Error::not_found(format!("there is no endpoint at '{}'", shorten(path))))
}

/// The path of a resource below the service.
pub(super) fn resource_path(resource_type: &ResourceType, id: &str) -> String {
    format!("{}/{}", resource_type.endpoint, utf8_percent_encode(id, ESCAPED))
}

/// An id without what would make it another path.
fn decoded(id: &str) -> Result<String> {
    let not_found = || Error::not_found("no resource has such an id");
    let id = percent_decode_str(id).decode_utf8().map_err(|_| not_found())?;
    let is_unsafe = |character: char| character.is_control() || "/\\?#%".contains(character);
    match id.is_empty() || id.len() > MAX_ID || id.starts_with('.') || id.contains(is_unsafe) {
        true => Err(not_found()),
        false => Ok(id.into_owned()),
    }
}
