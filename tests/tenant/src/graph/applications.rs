//! `/applications`: the registrations of the tenant.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object, State};
use crate::graph::error::{self, Result};
use crate::graph::validate::{self, Writer};
use crate::graph::write::require;
use crate::graph::{Call, credentials, get, list, service_principals};
use crate::resources::text;
use crate::{DOMAIN, clock};

mod extension_properties;
mod rules;

/// Answers what is asked of applications.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let application = ObjectType::Application;
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/applications") => list::all(call, application, State::Live),
        ("GET", "/applications/{id}") => get::one(call, application),
        ("POST", "/applications") => post(call),
        ("PATCH", _) => patch(call),
        ("DELETE", "/applications/{id}") => delete(call),
        (_, path) if path.contains("/extensionProperties") => extension_properties::answer(call),
        _ => credentials::answer(call, application),
    }
}

fn post(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let object = validate::object(&body, ObjectType::Application, Writer::Create)?;
    require(ObjectType::Application, &object)?;
    let mut replicas = call.tenant.replicas_mut();
    let object = complete(object);
    rules::check(&replicas.primary, &Object::new(), &object, None)?;
    let object = credentials::kept(&Object::new(), object)?;
    let row = replicas.primary.create(ObjectType::Application, object, None);
    let id = replicas.primary.item(row).map(|item| item.id()).unwrap_or_default();
    call.created(&replicas.primary, &id)
}

fn patch(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::Application)?;
    let changes = validate::object(&body, ObjectType::Application, Writer::Update)?;
    let before = replicas.primary.item(row).map(|item| item.to_object()).unwrap_or_default();
    let changes = credentials::kept(&before, merged(&before, changes))?;
    rules::check(&replicas.primary, &before, &changes, Some(row))?;
    replicas.primary.update(row, changes);
    service_principals::follow(&mut replicas.primary, row);
    Ok(Answer::empty(204))
}

/// The service principal goes with its application.
fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::Application)?;
    if let Some(principal) = service_principals::of_application(&replicas.primary, row, State::Live) {
        service_principals::remove(&mut replicas, principal);
    }
    replicas.primary.delete(row);
    Ok(Answer::empty(204))
}

/// Brings back the service principal that went with an application that was restored.
pub(super) fn restored(replicas: &mut Replicas, row: u32) {
    if let Some(principal) = service_principals::of_application(&replicas.primary, row, State::Deleted) {
        replicas.primary.restore(principal);
    }
}

/// The changes, with complex values merged into those there are.
pub(super) fn merged(before: &Object, changes: Object) -> Object {
    let merge = |(name, value): (String, Value)| {
        let merged = match (before.get(&name), &value) {
            (Some(Value::Object(known)), Value::Object(given)) => {
                Value::Object(known.clone().into_iter().chain(merged(known, given.clone())).collect())
            }
            _ => value,
        };
        (name, merged)
    };
    changes.into_iter().map(merge).collect()
}

/// A new application with what the directory itself says of it.
pub(crate) fn complete(mut object: Object) -> Object {
    let mut members = json!({
        "appId": error::new_id(), "createdDateTime": clock::now_text(), "publisherDomain": DOMAIN,
        "signInAudience": "AzureADMyOrg", "identifierUris": [], "tags": [], "appRoles": [], "keyCredentials": [],
        "passwordCredentials": [], "requiredResourceAccess": [], "addIns": [],
        "api": {"acceptMappedClaims": null, "knownClientApplications": [], "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [], "requestedAccessTokenVersion": null},
        "web": {"homePageUrl": null, "logoutUrl": null, "redirectUris": [], "redirectUriSettings": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": false, "enableIdTokenIssuance": false}},
        "spa": {"redirectUris": []}, "publicClient": {"redirectUris": []},
        "info": {"logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
            "termsOfServiceUrl": null},
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
    });
    let mut whole = members.as_object_mut().map(std::mem::take).unwrap_or_default();
    object = merged(&whole, object);
    whole.extend(object);
    whole
}

/// The row of the application with this client id.
pub(crate) fn find(directory: &Directory, app_id: &str) -> Option<u32> {
    directory.find_of(ObjectType::Application, &format!("appId={app_id}"))
}

/// The application of a row; empty where there is none.
pub(crate) fn object(directory: &Directory, row: u32) -> Object {
    directory.item(row).map(|item| item.to_object()).unwrap_or_default()
}

/// The client id of an application or service principal.
pub(super) fn app_id(object: &Object) -> String {
    text(object, "appId").to_owned()
}
