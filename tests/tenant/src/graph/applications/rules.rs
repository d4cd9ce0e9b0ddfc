//! What an application cannot be: names that others have, roles and scopes that contradict each other, and so on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::ObjectType;
use crate::directory::{Directory, Object};
use crate::graph::error::{Error, Result};
use crate::resources::text;
use crate::{TENANT_ID, VERIFIED_DOMAINS};

/// Who can sign in.
const AUDIENCES: [&str; 4] =
    ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"];

/// Where permissions are: the property, the list in it, and what each item needs.
struct Place {
    path: &'static [&'static str],
    needed: &'static [&'static str],
}

/// Roles, and scopes.
const PERMISSIONS: [Place; 2] = [
    Place { path: &["appRoles"], needed: &["id", "displayName", "description"] },
    Place {
        path: &["api", "oauth2PermissionScopes"],
        needed: &["id", "value", "adminConsentDisplayName", "adminConsentDescription"],
    },
];

/// Refuses changes, in which complex values are whole, of an application that is like this before.
pub(super) fn check(directory: &Directory, before: &Object, changes: &Object, own: Option<u32>) -> Result<()> {
    check_audience(changes)?;
    let app_id = if before.is_empty() { text(changes, "appId") } else { text(before, "appId") };
    check_identifiers(directory, changes, app_id, own)?;
    check_redirects(changes)?;
    PERMISSIONS.iter().try_for_each(|place| place.check(before, changes))?;
    check_required(changes)
}

fn check_audience(changes: &Object) -> Result<()> {
    match changes.get("signInAudience").and_then(Value::as_str) {
        Some(audience) if !AUDIENCES.contains(&audience) => Err(invalid("signInAudience")),
        _ => Ok(()),
    }
}

/// Identifiers are of this application, this tenant or a verified domain, and of no other application.
fn check_identifiers(directory: &Directory, changes: &Object, app_id: &str, own: Option<u32>) -> Result<()> {
    let given: Vec<&str> = texts(changes.get("identifierUris")).collect();
    for uri in &given {
        let fits = match uri.split_once("://") {
            Some(("api", rest)) => [app_id, TENANT_ID].iter().any(|id| rest.contains(id)) || is_verified(rest),
            Some(("https" | "http", rest)) => is_verified(rest),
            _ => uri.starts_with("urn:"),
        };
        if !fits {
            return Err(Error::new(
                400,
                "HostNameNotOnVerifiedDomain",
                format!(
                    "Values of identifierUris property must use a verified domain of the organization or its subdomain: '{uri}'"
                ),
            ));
        }
    }
    let others = directory.rows_of_type(ObjectType::Application, 0).filter(|row| Some(*row) != own);
    let taken = others.filter_map(|row| directory.item(row)).any(|other| {
        let known = other.value("identifierUris");
        texts(Some(&known)).any(|uri| given.contains(&uri))
    });
    if taken { Err(Error::conflict("identifierUris")) } else { Ok(()) }
}

fn is_verified(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    VERIFIED_DOMAINS.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
}

/// Redirects are absolute, and of the web by HTTPS except to this machine.
fn check_redirects(changes: &Object) -> Result<()> {
    for property in ["web", "spa", "publicClient"] {
        let uris = changes.get(property).and_then(|value| value.get("redirectUris"));
        let fits = |uri: &str| match uri.split_once(':') {
            Some(("https", rest)) => rest.len() > 2,
            Some(("http", rest)) => rest.starts_with("//localhost") || rest.starts_with("//127.0.0.1"),
            Some((scheme, _)) => property == "publicClient" && !scheme.is_empty(),
            None => false,
        };
        if !texts(uris).all(fits) {
            return Err(
                Error::request("One or more properties contains invalid values.").about("InvalidValue", "redirectUris")
            );
        }
    }
    Ok(())
}

impl Place {
    fn check(&self, before: &Object, changes: &Object) -> Result<()> {
        let Some(items) = self.items(changes) else { return Ok(()) };
        let property = self.path.last().copied().unwrap_or_default();
        let (mut ids, mut values) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            let has = |name: &&str| item.get(*name).is_some_and(|value| !value.is_null());
            let value = item.get("value").and_then(Value::as_str);
            let is_named = value.is_none_or(|value| !value.contains(char::is_whitespace) && values.insert(value));
            let members = item.get("allowedMemberTypes");
            let is_for_some = property != "appRoles"
                || members.and_then(Value::as_array).is_some_and(|types| !types.is_empty())
                    && texts(members).all(|one| ["User", "Application"].contains(&one));
            let is_new = ids.insert(item.get("id").and_then(Value::as_str));
            if !(self.needed.iter().all(has) && is_named && is_new && is_for_some) {
                return Err(invalid(property));
            }
        }
        self.check_enabled(self.items(before).unwrap_or_default(), items)
    }

    /// What is enabled is neither taken away nor renamed.
    fn check_enabled(&self, before: &[Value], after: &[Value]) -> Result<()> {
        let refuse = |text: &str| Err(Error::new(400, "CannotDeleteOrUpdateEnabledEntitlement", text));
        for known in before.iter().filter(|known| known.get("isEnabled") == Some(&Value::Bool(true))) {
            // What is missing is null.
            let value = |item: &Value| item.get("value").cloned().unwrap_or_default();
            match after.iter().find(|item| item.get("id") == known.get("id")) {
                None => return refuse("Property value cannot be deleted unless it is disabled first."),
                Some(item) if value(item) != value(known) => {
                    return refuse("Permission (scope or role) cannot be deleted or updated unless disabled first.");
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn items<'a>(&self, object: &'a Object) -> Option<&'a [Value]> {
        let (first, rest) = self.path.split_first()?;
        let value = rest.iter().try_fold(object.get(*first)?, |value, name| value.get(*name))?;
        value.as_array().map(Vec::as_slice)
    }
}

/// Each resource is named once, with at least one permission.
fn check_required(changes: &Object) -> Result<()> {
    let mut resources = BTreeSet::new();
    for resource in changes.get("requiredResourceAccess").and_then(Value::as_array).into_iter().flatten() {
        let wanted = resource.get("resourceAccess").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_typed = |one: &Value| {
            matches!(one.get("type").and_then(Value::as_str), Some("Role" | "Scope")) && one.get("id").is_some()
        };
        let is_new = resource.get("resourceAppId").and_then(Value::as_str).is_some_and(|id| resources.insert(id));
        if wanted.is_empty() || !wanted.iter().all(is_typed) || !is_new {
            return Err(invalid("requiredResourceAccess"));
        }
    }
    Ok(())
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn invalid(property: &str) -> Error {
    Error::value(ObjectType::Application, property)
}
