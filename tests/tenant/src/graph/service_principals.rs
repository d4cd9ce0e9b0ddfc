//! `/servicePrincipals`: applications as they are at work in the tenant.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object, State};
use crate::graph::applications::{self, app_id, merged, object};
use crate::graph::error::{Error, Result};
use crate::graph::validate::{self, Writer};
use crate::graph::write::require;
use crate::graph::{Call, credentials, directory_roles, get, list};
use crate::resources::text;
use crate::{TENANT_ID, clock};

/// How people sign in. Source: Graph's page of the service principal resource.
const SIGN_ON_MODES: [&str; 5] = ["password", "saml", "notSupported", "oidc", "external"];

/// Answers what is asked of service principals.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let principal = ObjectType::ServicePrincipal;
    match (call.operation.method.as_str(), call.operation.path.as_str()) {
        ("GET", "/servicePrincipals") => list::all(call, principal, State::Live),
        ("GET", _) => get::one(call, principal),
        ("POST", "/servicePrincipals") => post(call),
        ("PATCH", _) => patch(call),
        ("DELETE", _) => delete(call),
        _ => credentials::answer(call, principal),
    }
}

fn post(call: &Call<'_>) -> Result<Answer> {
    let given = validate::object(&call.body()?, ObjectType::ServicePrincipal, Writer::Create)?;
    require(ObjectType::ServicePrincipal, &given)?;
    check(&given)?;
    let mut replicas = call.tenant.replicas_mut();
    let wanted = text(&given, "appId");
    let application = applications::find(replicas.seen(), wanted).filter(|row| replicas.primary.item(*row).is_some());
    let application = application.ok_or_else(|| {
        let text =
            format!("The appId '{wanted}' of the service principal does not reference a valid application object.");
        Error::request(text).about("NoBackingApplicationObject", "appId")
    })?;
    if of_application(&replicas.primary, application, State::Live).is_some() {
        let text = format!(
            "The service principal cannot be created, updated, or restored because the service principal name {wanted} is already in use."
        );
        return Err(Error::new(409, "Request_MultipleObjectsWithSameKeyValue", text)
            .about("ObjectConflict", "servicePrincipalNames"));
    }
    let mut principal = complete(&object(&replicas.primary, application));
    principal.extend(credentials::kept(&Object::new(), given)?);
    let row = replicas.primary.create(ObjectType::ServicePrincipal, principal, None);
    let id = replicas.primary.item(row).map(|item| item.id()).unwrap_or_default();
    call.created(&replicas.primary, &id)
}

fn patch(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::ServicePrincipal)?;
    let changes = validate::object(&body, ObjectType::ServicePrincipal, Writer::Update)?;
    let before = object(&replicas.primary, row);
    if changes.get("appId").is_some_and(|value| value.as_str() != Some(text(&before, "appId"))) {
        return Err(
            Error::request("Property 'appId' is read-only and cannot be set.").about("ReadOnlyProperty", "appId")
        );
    }
    check(&changes)?;
    let changes = credentials::kept(&before, merged(&before, changes))?;
    replicas.primary.update(row, changes);
    Ok(Answer::empty(204))
}

fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::ServicePrincipal)?;
    remove(&mut replicas, row);
    Ok(Answer::empty(204))
}

/// Moves a service principal to the deleted items, without its roles.
pub(super) fn remove(replicas: &mut Replicas, row: u32) {
    directory_roles::take_all(replicas, row);
    replicas.primary.delete(row);
}

/// The row of the service principal of an application, in this state.
pub(super) fn of_application(directory: &Directory, application: u32, state: State) -> Option<u32> {
    let wanted = directory.item(application).map(|item| item.value("appId"))?;
    let mut rows = directory.rows_of_type(ObjectType::ServicePrincipal, 0);
    rows.find(|row| directory.item_in(*row, state).is_some_and(|item| item.value("appId") == wanted))
}

/// Lets a service principal show what its application has become.
pub(super) fn follow(directory: &mut Directory, application: u32) {
    if let Some(row) = of_application(directory, application, State::Live) {
        let changes = inherited(&object(directory, application));
        directory.update(row, changes);
    }
}

/// The service principal of an application, as it is made.
pub(crate) fn complete(application: &Object) -> Object {
    let own = json!({
        "appId": app_id(application), "accountEnabled": true, "appRoleAssignmentRequired": false,
        "appOwnerOrganizationId": TENANT_ID, "servicePrincipalType": "Application", "createdDateTime": clock::now_text(),
        "keyCredentials": [], "passwordCredentials": [], "alternativeNames": [], "notificationEmailAddresses": [],
        "applicationTemplateId": application.get("applicationTemplateId"), "tags": application.get("tags"),
        "resourceSpecificApplicationPermissions": [], "addIns": [],
    });
    let own = own.as_object().cloned().unwrap_or_default();
    own.into_iter()
        .filter(|(name, value)| !value.is_null() && name != "createdDateTime")
        .chain(inherited(application))
        .collect()
}

/// What a service principal shows of its application.
fn inherited(application: &Object) -> Object {
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first().unwrap_or((&"", &[]));
        let value = application.get(*first);
        rest.iter().fold(value, |value, name| value.and_then(|value| value.get(*name))).cloned().unwrap_or_default()
    };
    let lists = |paths: &[&[&str]]| {
        paths.iter().flat_map(|path| at(path).as_array().cloned().unwrap_or_default()).collect::<Vec<Value>>()
    };
    let names = std::iter::once(at(&["appId"])).chain(lists(&[&["identifierUris"]])).collect::<Vec<_>>();
    let shown = json!({
        "displayName": at(&["displayName"]), "appDisplayName": at(&["displayName"]), "appDescription": at(&["description"]),
        "appRoles": lists(&[&["appRoles"]]), "oauth2PermissionScopes": lists(&[&["api", "oauth2PermissionScopes"]]),
        "replyUrls": lists(&[&["web", "redirectUris"], &["spa", "redirectUris"], &["publicClient", "redirectUris"]]),
        "homepage": at(&["web", "homePageUrl"]), "logoutUrl": at(&["web", "logoutUrl"]), "info": at(&["info"]),
        "servicePrincipalNames": names, "signInAudience": at(&["signInAudience"]),
    });
    shown.as_object().cloned().unwrap_or_default()
}

fn check(changes: &Object) -> Result<()> {
    match changes.get("preferredSingleSignOnMode").and_then(Value::as_str) {
        Some(mode) if !SIGN_ON_MODES.contains(&mode) => {
            Err(Error::value(ObjectType::ServicePrincipal, "preferredSingleSignOnMode"))
        }
        _ => Ok(()),
    }
}
