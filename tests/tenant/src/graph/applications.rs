//! `/applications`: the connector's own registration, and the directory extensions that it defines.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::extensions::Extension;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::plain::{list, one};
use crate::{APPLICATION_HEX, APPLICATION_ID, APPLICATION_NAME, CLIENT_ID, DOMAIN};

/// The types of values that a directory extension can have.
const DATA_TYPES: [&str; 6] = ["Binary", "Boolean", "DateTime", "Integer", "LargeInteger", "String"];
/// What a directory extension can be a property of.
const TARGETS: [&str; 6] = ["AdministrativeUnit", "Application", "Device", "Group", "Organization", "User"];
/// What `$filter` takes of applications.
const FILTERABLE: [&str; 4] = ["appId", "displayName", "id", "signInAudience"];

/// Answers what is asked of applications and their extensions.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    if call.operation.path == "/applications" {
        return list(call, "applications", &[application()], &FILTERABLE);
    }
    if call.key != APPLICATION_ID && call.key != format!("appId={CLIENT_ID}") {
        return Err(Error::not_found(&call.key));
    }
    let collection = format!("applications('{APPLICATION_ID}')/extensionProperties");
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/applications/{id}") => one(call, "applications", &application(), 200),
        ("GET", "/applications/{id}/extensionProperties") => {
            let all: Vec<Value> = call.tenant.extensions().iter().map(Extension::to_json).collect();
            list(call, &collection, &all, &["name", "isMultiValued"])
        }
        ("POST", _) => {
            let extension = read(&call.body()?)?;
            let (name, told) = (extension.name.clone(), extension.to_json());
            if !call.tenant.extensions_mut().add(extension) {
                return Err(Error::request(format!("An extension property exists with the name {name}.")));
            }
            one(call, &collection, &told, 201)
        }
        ("DELETE", _) => {
            let removed = call.tenant.extensions_mut().remove(&call.inner_key);
            if removed { Ok(Answer::empty(204)) } else { Err(Error::not_found(&call.inner_key)) }
        }
        _ => {
            let extensions = call.tenant.extensions();
            let known = extensions.iter().find(|known| known.id().eq_ignore_ascii_case(&call.inner_key));
            let known = known.ok_or_else(|| Error::not_found(&call.inner_key))?;
            one(call, &collection, &known.to_json(), 200)
        }
    }
}

/// A definition as a body has it.
fn read(body: &Value) -> Result<Extension> {
    let invalid = |name: &str| {
        Error::request(format!("Invalid value specified for property '{name}' of resource 'ExtensionProperty'."))
            .about("InvalidValue", name)
    };
    let members = body.as_object().ok_or_else(|| Error::syntax("Invalid body: an extension property is expected."))?;
    let known = ["name", "dataType", "targetObjects", "isMultiValued"];
    if let Some(unknown) = members.keys().find(|name| !name.starts_with("@odata.") && !known.contains(&name.as_str())) {
        return Err(invalid(unknown));
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str).ok_or_else(|| invalid(name));
    let name = text("name").ok().filter(|name| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (1..=128).contains(&name.len()) && name.bytes().all(is_word)
    });
    let name = name.ok_or_else(|| invalid("name"))?;
    let data_type = text("dataType").ok().filter(|data_type| DATA_TYPES.contains(data_type));
    let targets = members.get("targetObjects").and_then(Value::as_array).filter(|targets| !targets.is_empty());
    let targets: Option<Vec<String>> = targets.and_then(|targets| {
        let known = |target: &Value| target.as_str().filter(|name| TARGETS.contains(name)).map(str::to_owned);
        targets.iter().map(known).collect()
    });
    Ok(Extension {
        name: format!("extension_{APPLICATION_HEX}_{name}"),
        data_type: data_type.ok_or_else(|| invalid("dataType"))?.to_owned(),
        targets: targets.ok_or_else(|| invalid("targetObjects"))?,
        is_multi_valued: match members.get("isMultiValued") {
            None => false,
            Some(value) => value.as_bool().ok_or_else(|| invalid("isMultiValued"))?,
        },
    })
}

fn application() -> Value {
    json!({"id": APPLICATION_ID, "deletedDateTime": null, "appId": CLIENT_ID, "createdDateTime": "2024-01-15T09:00:00Z",
        "displayName": APPLICATION_NAME, "identifierUris": [], "publisherDomain": DOMAIN,
        "signInAudience": "AzureADMyOrg", "tags": []})
}
