//! Whether a body may be written: known properties, their types, their lengths, and what the directory says of some.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::Value;

use crate::VERIFIED_DOMAINS;
use crate::contract::{CONTRACT, NAMESPACE, ObjectType, Property};
use crate::directory::{Object, identifier};
use crate::graph::error::{Error, Result};
use crate::graph::filter::extension_name;
use crate::graph::security_attributes;

/// Who writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// A client that creates an object.
    Create,
    /// A client that changes one.
    Update,
    /// The directory itself, which may write what clients may not.
    Directory,
}

/// The largest value of a property without a documented limit, in characters.
const MAX_LENGTH: usize = 1_024;
const MAX_OTHER_MAILS: usize = 250;
const MAX_PASSWORD: usize = 256;

/// Whether a value has the form the directory wants.
type Form = fn(&Value) -> bool;

/// What the directory says of the form of some properties.
const FORMS: [(&str, Form); 9] = [
    ("businessPhones", |value| value.as_array().is_some_and(|items| items.len() <= 1)),
    ("groupTypes", |value| {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().all(|item| matches!(item.as_str(), Some("Unified" | "DynamicMembership")))
    }),
    ("mail", |value| value.as_str().is_some_and(is_address)),
    ("mailNickname", |value| value.as_str().is_some_and(is_nickname)),
    ("membershipRuleProcessingState", |value| matches!(value.as_str(), Some("On" | "Paused"))),
    ("otherMails", |value| {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.len() <= MAX_OTHER_MAILS && items.iter().all(|item| item.as_str().is_some_and(is_address))
    }),
    ("usageLocation", |value| {
        value.as_str().is_some_and(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
    }),
    ("userType", |value| matches!(value.as_str(), Some("Member" | "Guest"))),
    ("visibility", |value| matches!(value.as_str(), Some("Private" | "Public" | "HiddenMembership"))),
];

/// The properties of a body, when all of them may be written.
pub(super) fn object(body: &Value, object_type: ObjectType, writer: Writer) -> Result<Object> {
    let Value::Object(members) = body else {
        let text = format!("Invalid body: an object with the properties of a {} is expected.", object_type.name());
        return Err(Error::syntax(text));
    };
    let mut object = Object::new();
    for (name, value) in members {
        if name.starts_with("@odata.") {
            continue;
        }
        if extension_name(name) {
            // What its definition says of the value is asked where a client writes it.
            if matches!(value, Value::Object(_)) {
                return Err(Error::value(object_type, name));
            }
        } else {
            let property = object_type.schema().property(name).ok_or_else(|| Error::unknown_property(name))?;
            check(object_type, property, value, writer)?;
        }
        object.insert(name.clone(), value.clone());
    }
    check_outside(&object, object_type)?;
    Ok(object)
}

fn check(object_type: ObjectType, property: &Property, value: &Value, writer: Writer) -> Result<()> {
    let name = property.name.as_str();
    let is_fixed = writer == Writer::Update && property.immutable;
    if writer != Writer::Directory && (is_fixed || !property.is_writable()) {
        return Err(Error::request(format!("Property '{name}' is read-only and cannot be set."))
            .about("ReadOnlyProperty", name));
    }
    if value.is_null() {
        let cleared = property.takes_null() && !(property.required_on_create && name != "passwordProfile");
        return if cleared { Ok(()) } else { Err(Error::value(object_type, name)) };
    }
    of_type(object_type.resource(), property, value)?;
    if name == "userPrincipalName" {
        principal_name(value.as_str().unwrap_or_default())?;
    }
    if name == "passwordProfile" {
        password(value, writer)?;
    }
    match FORMS.iter().find(|(known, _)| *known == name) {
        Some((_, is_formed)) if !is_formed(value) => Err(Error::value(object_type, name)),
        _ => Ok(()),
    }
}

/// Refuses a value that is not of the type of its property, or too long; `resource` is the name errors give the object.
pub(super) fn of_type(resource: &str, property: &Property, value: &Value) -> Result<()> {
    if !property.collection {
        return single(resource, property, value);
    }
    let items = value.as_array().ok_or_else(|| wrong_type(property, value))?;
    items.iter().try_for_each(|item| single(resource, property, item))
}

fn single(resource: &str, property: &Property, value: &Value) -> Result<()> {
    let fits = match property.type_name.as_str() {
        "Edm.String" => {
            return text(resource, &property.name, value, property.max_length.unwrap_or(MAX_LENGTH), false);
        }
        "Edm.Boolean" => value.is_boolean(),
        "Edm.Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Edm.DateTimeOffset" => value.as_str().is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok()),
        "Edm.Guid" => value.as_str().is_some_and(identifier::is_guid),
        "Edm.Binary" => value.as_str().is_some_and(|text| STANDARD.decode(text).is_ok()),
        _ if property.name == security_attributes::PROPERTY => return security_attributes::check(value),
        _ => return complex(resource, property, value),
    };
    if fits { Ok(()) } else { Err(wrong_type(property, value)) }
}

fn complex(resource: &str, property: &Property, value: &Value) -> Result<()> {
    let (Value::Object(members), Some(known)) = (value, CONTRACT.complex(&property.type_name)) else {
        return Err(wrong_type(property, value));
    };
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let member = known.get(name).ok_or_else(|| Error::unknown_property(name))?;
        match value {
            Value::Null => {}
            Value::Array(items) if member.collection => {
                items.iter().try_for_each(|item| single(resource, member, item))?;
            }
            value => single(resource, member, value)?,
        }
    }
    Ok(())
}

/// The directory keeps no empty texts.
fn text(resource: &str, name: &str, value: &Value, longest: usize, or_null: bool) -> Result<()> {
    match value {
        Value::String(text) if (1..=longest).contains(&text.chars().count()) => Ok(()),
        Value::String(_) => Err(Error::value_of(resource, name)),
        Value::Null if or_null => Ok(()),
        _ => Err(Error::request(format!("Cannot convert the literal '{value}' to the expected type 'Edm.String'."))
            .about("InvalidType", name)),
    }
}

fn principal_name(name: &str) -> Result<()> {
    let Some((local, domain)) = name.rsplit_once('@') else { return Err(invalid_principal_name()) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'.-_!#^~".contains(&byte);
    if local.is_empty() || local.len() > 64 || !local.bytes().all(allowed) || local.ends_with('.') {
        return Err(invalid_principal_name());
    }
    if VERIFIED_DOMAINS.iter().any(|verified| verified.eq_ignore_ascii_case(domain)) {
        return Ok(());
    }
    let text = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.";
    Err(Error::request(text).about("InvalidValue", "userPrincipalName"))
}

fn invalid_principal_name() -> Error {
    Error::request("Property userPrincipalName is invalid.").about("InvalidValue", "userPrincipalName")
}

/// Eight to 256 characters, of three of four kinds. Source: "Azure AD password policies".
fn password(profile: &Value, writer: Writer) -> Result<()> {
    let text = match profile.get("password") {
        Some(Value::String(text)) => text,
        _ if writer == Writer::Create => {
            return Err(Error::request("A password must be specified to create a new user.")
                .about("MissingValue", "passwordProfile"));
        }
        _ => return Ok(()),
    };
    let kinds: [fn(char) -> bool; 4] = [
        |character| character.is_ascii_lowercase(),
        |character| character.is_ascii_uppercase(),
        |character| character.is_ascii_digit(),
        |character| !character.is_ascii_alphanumeric(),
    ];
    let kinds = kinds.iter().filter(|is_kind| text.chars().any(is_kind)).count();
    if (8..=MAX_PASSWORD).contains(&text.chars().count()) && kinds >= 3 {
        return Ok(());
    }
    let text = "The specified password does not comply with password complexity requirements. Please provide a different password.";
    Err(Error::request(text).about("PasswordComplexity", "passwordProfile"))
}

/// Properties outside the directory are written on their own. Source: Graph's pages "Update user"
/// and "Update group".
fn check_outside(object: &Object, object_type: ObjectType) -> Result<()> {
    let outside = object.keys().filter(|name| is_outside(object_type, name)).count();
    if outside == 0 || outside == object.len() {
        return Ok(());
    }
    Err(Error::request(
        "The request is currently not supported on the target entity set: properties stored outside the directory must be in a request of their own.",
    ))
}

/// Whether a property lives outside the directory.
pub(super) fn is_outside(object_type: ObjectType, name: &str) -> bool {
    object_type.schema().property(name).is_some_and(|property| property.is_outside_directory)
}

fn is_address(text: &str) -> bool {
    let halves = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    halves && !text.contains(char::is_whitespace)
}

fn is_nickname(text: &str) -> bool {
    text.is_ascii() && !text.contains(|character: char| r#"@()\[]";:<>, "#.contains(character))
}

fn wrong_type(property: &Property, value: &Value) -> Error {
    let expected = if property.type_name.starts_with(NAMESPACE) {
        property.type_name.clone()
    } else {
        format!("Edm.{}", property.short_type())
    };
    Error::request(format!("Cannot convert the literal '{value}' to the expected type '{expected}'."))
        .about("InvalidType", &property.name)
}
