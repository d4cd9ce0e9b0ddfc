//! `/applications/{id}/extensionProperties`: the directory extensions that an application defines.

use serde_json::Value;

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::extensions::Extension;
use crate::graph::Call;
use crate::graph::applications::{app_id, object};
use crate::graph::error::{Error, Result};
use crate::graph::plain::{list, one};

/// The types of values that a directory extension can have.
const DATA_TYPES: [&str; 6] = ["Binary", "Boolean", "DateTime", "Integer", "LargeInteger", "String"];
/// What a directory extension can be a property of.
const TARGETS: [&str; 6] = ["AdministrativeUnit", "Application", "Device", "Group", "Organization", "User"];

/// Lists, gets, makes or deletes definitions.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let (id, application) = {
        let replicas = call.tenant.replicas();
        let row = call.row_of(replicas.seen(), ObjectType::Application)?;
        let application = app_id(&object(replicas.seen(), row)).replace('-', "");
        (replicas.seen().item(row).map(|item| item.id()).unwrap_or_default(), application)
    };
    let prefix = format!("extension_{application}_");
    let is_own = |known: &&Extension| known.name.starts_with(&prefix);
    let is_asked = |known: &&Extension| known.id().eq_ignore_ascii_case(&call.inner_key);
    let missing = || Error::not_found(&call.inner_key);
    let collection = format!("applications('{id}')/extensionProperties");
    match (call.operation.method.as_str(), call.inner_key.is_empty()) {
        ("GET", true) => {
            let all: Vec<Value> = call.tenant.extensions().iter().filter(is_own).map(Extension::to_json).collect();
            list(call, &collection, &all, &["name", "isMultiValued"])
        }
        ("POST", _) => {
            let extension = read(&call.body()?, &application)?;
            let (name, told) = (extension.name.clone(), extension.to_json());
            if !call.tenant.extensions_mut().add(extension) {
                return Err(Error::request(format!("An extension property exists with the name {name}.")));
            }
            one(call, &collection, &told, 201)
        }
        ("DELETE", _) => {
            let mut extensions = call.tenant.extensions_mut();
            let known = extensions.iter().filter(is_own).any(|known| is_asked(&known));
            if known && extensions.remove(&call.inner_key) { Ok(Answer::empty(204)) } else { Err(missing()) }
        }
        _ => {
            let extensions = call.tenant.extensions();
            let known = extensions.iter().filter(is_own).find(is_asked).ok_or_else(missing)?;
            one(call, &collection, &known.to_json(), 200)
        }
    }
}

/// A definition as a body has it.
fn read(body: &Value, application: &str) -> Result<Extension> {
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
        name: format!("extension_{application}_{name}"),
        data_type: data_type.ok_or_else(|| invalid("dataType"))?.to_owned(),
        targets: targets.ok_or_else(|| invalid("targetObjects"))?,
        is_multi_valued: match members.get("isMultiValued") {
            None => false,
            Some(value) => value.as_bool().ok_or_else(|| invalid("isMultiValued"))?,
        },
    })
}
