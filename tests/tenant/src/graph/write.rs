//! `POST /users`, `PATCH` and `DELETE /users/{id}`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object, identifier};
use crate::graph::error::{Error, Result};
use crate::graph::validate::{self, Writer};
use crate::graph::{Call, directory_roles, reference, security_attributes};
use crate::{DOMAIN, clock};

/// What directory synchronisation is the master of. Source: Graph's page of the user resource.
const ON_PREMISES_MASTERED: [&str; 22] = [
    "businessPhones",
    "city",
    "companyName",
    "country",
    "department",
    "displayName",
    "employeeId",
    "employeeType",
    "faxNumber",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "mobilePhone",
    "officeLocation",
    "onPremisesExtensionAttributes",
    "onPremisesImmutableId",
    "postalCode",
    "state",
    "streetAddress",
    "surname",
    "userPrincipalName",
];
const LEAVE_DATE: &str = "employeeLeaveDateTime";
const LEAVE_PERMISSION: &str = "User-LifeCycleInfo.ReadWrite.All";

/// `POST /users`.
pub(super) fn post(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    check_leave_date(call, &body)?;
    security_attributes::permit_write(call, &body)?;
    call.check_extensions(&body, ObjectType::User)?;
    let mut replicas = call.tenant.replicas_mut();
    let id = create(&mut replicas, &body)?;
    call.created(&replicas.primary, &id)
}

/// `PATCH /users/{id}`.
pub(super) fn patch(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::User)?;
    call.check_extensions(&body, ObjectType::User)?;
    security_attributes::permit_write(call, &body)?;
    let directory = &mut replicas.primary;
    let changes = validate::object(&body, ObjectType::User, Writer::Update)?;
    check_leave_date(call, &body)?;
    refuse_mastered(directory, row, changes.keys().map(String::as_str))?;
    refuse_conflicts(directory, &changes, Some(row))?;
    apply(directory, row, changes);
    Ok(Answer::empty(204))
}

/// `DELETE /users/{id}`.
pub(super) fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::User)?;
    directory_roles::take_all(&mut replicas, row);
    replicas.primary.delete(row);
    Ok(Answer::empty(204))
}

/// Creates a user and returns its id.
pub(crate) fn create(replicas: &mut Replicas, body: &Value) -> Result<String> {
    let mut body = body.clone();
    let manager = match body.as_object_mut().and_then(|members| members.remove("manager@odata.bind")) {
        Some(reference) => Some(reference::row(replicas.seen(), &reference, &[ObjectType::User])?),
        None => None,
    };
    let directory = &mut replicas.primary;
    let mut user = validate::object(&body, ObjectType::User, Writer::Create)?;
    let id = String::from_utf8_lossy(&identifier::of_row(directory.rows())).into_owned();
    if user.contains_key("identities") {
        // An account with identities of its own gets a principal name made of its id.
        user.entry("userPrincipalName").or_insert_with(|| json!(format!("{id}@{DOMAIN}")));
        user.entry("mailNickname").or_insert_with(|| json!(id));
        user.entry("accountEnabled").or_insert(json!(true));
    }
    require(ObjectType::User, &user)?;
    refuse_conflicts(directory, &user, None)?;
    let principal_name = user.get("userPrincipalName").cloned().unwrap_or_default();
    let now = json!(clock::now_text());
    user.entry("identities").or_insert_with(
        || json!([{"signInType": "userPrincipalName", "issuer": DOMAIN, "issuerAssignedId": principal_name}]),
    );
    security_attributes::merge_into(&mut user, || Value::Null);
    user.entry("userType").or_insert(json!("Member"));
    user.insert("createdDateTime".to_owned(), now.clone());
    user.insert("lastPasswordChangeDateTime".to_owned(), now);
    set_proxy_addresses(&mut user, Vec::new());
    directory.create(ObjectType::User, user, manager);
    Ok(id)
}

/// Sets properties as the directory itself does.
pub(crate) fn overwrite(directory: &mut Directory, row: u32, body: &Value) -> Result<()> {
    let changes = validate::object(body, directory.type_of(row), Writer::Directory)?;
    refuse_conflicts(directory, &changes, Some(row))?;
    apply(directory, row, changes);
    Ok(())
}

/// Refuses a new object without the properties that it has to have.
pub(super) fn require(object_type: ObjectType, object: &Object) -> Result<()> {
    let missing = object_type
        .schema()
        .properties()
        .find(|property| property.required_on_create && object.get(&property.name).is_none_or(Value::is_null));
    missing.map_or(Ok(()), |property| Err(Error::missing(object_type, &property.name)))
}

/// Refuses to change what on-premises directories are the master of.
pub(super) fn refuse_mastered<'a>(
    directory: &Directory,
    row: u32,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let synchronised = directory.user(row).is_some_and(|user| user.value("onPremisesSyncEnabled") == json!(true));
    if synchronised && names.any(|name| ON_PREMISES_MASTERED.contains(&name) || name == "manager") {
        return Err(Error::mastered());
    }
    Ok(())
}

/// Refuses a principal name or an address that another user has.
pub(super) fn refuse_conflicts(directory: &Directory, changes: &Object, row: Option<u32>) -> Result<()> {
    for (property, reported) in [("userPrincipalName", "userPrincipalName"), ("mail", "proxyAddresses")] {
        let Some(value) = changes.get(property).and_then(Value::as_str) else { continue };
        if directory.rows_of(property, value).iter().any(|other| Some(*other) != row) {
            return Err(Error::conflict(reported));
        }
    }
    Ok(())
}

fn apply(directory: &mut Directory, row: u32, mut changes: Object) {
    if changes.contains_key("mail") {
        let before = directory.user(row).map(|user| user.value("proxyAddresses"));
        set_proxy_addresses(&mut changes, before.and_then(|value| value.as_array().cloned()).unwrap_or_default());
    }
    if changes.get("passwordProfile").is_some_and(|profile| profile.get("password").is_some()) {
        changes.insert("lastPasswordChangeDateTime".to_owned(), json!(clock::now_text()));
    }
    security_attributes::merge_into(&mut changes, || {
        directory.user(row).map(|user| user.value(security_attributes::PROPERTY)).unwrap_or_default()
    });
    directory.update(row, changes);
}

/// The address becomes the primary proxy address; the primary one before is dropped.
fn set_proxy_addresses(user: &mut Object, before: Vec<Value>) {
    let mut addresses: Vec<Value> =
        before.into_iter().filter(|value| value.as_str().is_some_and(|text| !text.starts_with("SMTP:"))).collect();
    if let Some(mail) = user.get("mail").and_then(Value::as_str) {
        addresses.insert(0, json!(format!("SMTP:{mail}")));
    }
    user.insert("proxyAddresses".to_owned(), Value::Array(addresses));
}

fn check_leave_date(call: &Call<'_>, body: &Value) -> Result<()> {
    if body.get(LEAVE_DATE).is_some() && !call.grant.roles.iter().any(|role| role == LEAVE_PERMISSION) {
        return Err(Error::denied());
    }
    Ok(())
}
