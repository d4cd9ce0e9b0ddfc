//! `POST /applicationTemplates/{id}/instantiate`: an application and its service principal, made of a template.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::Object;
use crate::graph::error::{self, Error, Result};
use crate::graph::{Call, applications, service_principals};
use crate::resources::text;

/// The template of an application that is not in the gallery. Source: Graph's page "applicationTemplate: instantiate".
const NON_GALLERY: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
/// What marks applications that were added to the tenant.
const TAG: &str = "WindowsAzureActiveDirectoryIntegratedApp";

/// Answers with both at once; they are there after the delay of the settings, and unknown until then.
pub(super) fn instantiate(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let members = body.as_object().cloned().unwrap_or_default();
    let known = ["displayName", "serviceManagementReference"];
    if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Error::unknown_property(name));
    }
    let name = text(&members, "displayName");
    if name.is_empty() {
        return Err(Error::request(
            "A value is required for property 'displayName' of resource 'ApplicationTemplate'.",
        )
        .about("MissingValue", "displayName"));
    }
    let delay = Duration::from_millis(call.tenant.settings().instantiation_delay);
    let mut replicas = call.tenant.replicas_mut();
    let template = replicas.resources.find("applicationTemplates", "id", &call.key);
    let template = template.cloned().ok_or_else(|| Error::not_found(&call.key))?;
    let (application, principal) = made(&template, name);
    let told = json!({
        "@odata.context": call.context("microsoft.graph.applicationServicePrincipal"),
        "application": shown(&application, ObjectType::Application),
        "servicePrincipal": shown(&principal, ObjectType::ServicePrincipal),
    });
    let objects = vec![(ObjectType::Application, application), (ObjectType::ServicePrincipal, principal)];
    replicas.make(objects, Instant::now() + delay);
    Ok(Answer::odata(201, told.to_string().into_bytes()))
}

fn made(template: &Object, name: &str) -> (Object, Object) {
    let id = text(template, "id");
    let home = template.get("homePageUrl").filter(|_| id != NON_GALLERY).cloned().unwrap_or_default();
    let roles = json!([
        {"allowedMemberTypes": ["User"], "description": "User", "displayName": "User", "id": error::new_id(),
            "isEnabled": true, "origin": "Application", "value": null},
        {"allowedMemberTypes": ["User"], "description": "msiam_access", "displayName": "msiam_access",
            "id": error::new_id(), "isEnabled": true, "origin": "Application", "value": null}
    ]);
    let given = json!({"id": error::new_id(), "displayName": name, "applicationTemplateId": id, "appRoles": roles,
        "web": {"homePageUrl": home}});
    let application = applications::complete(given.as_object().cloned().unwrap_or_default());
    let mut principal = service_principals::complete(&application);
    principal.insert("id".to_owned(), json!(error::new_id()));
    principal.insert("tags".to_owned(), json!([TAG]));
    (application, principal)
}

/// The properties that are sent without `$select`.
fn shown(object: &Object, object_type: ObjectType) -> Value {
    let properties = object_type.schema().properties().filter(|property| property.is_sent_by_default());
    let value = |name: &str, is_list: bool| {
        object.get(name).cloned().unwrap_or_else(|| if is_list { json!([]) } else { Value::Null })
    };
    properties.map(|property| (property.name.clone(), value(&property.name, property.collection))).collect()
}
