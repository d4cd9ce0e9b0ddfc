//! Secrets and certificates of applications and service principals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use ring::digest;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clock;
use crate::contract::ObjectType;
use crate::directory::Object;
use crate::graph::Call;
use crate::graph::error::{self, Error, Result};
use crate::resources::text;

const PASSWORDS: &str = "passwordCredentials";
const KEYS: &str = "keyCredentials";
/// How long a secret is good when the request does not say, in seconds: two years.
const SECRET_LIFETIME: i64 = 2 * 365 * 86_400;
/// How long a signing certificate is good when the request does not say, in seconds: three years.
const CERTIFICATE_LIFETIME: i64 = 3 * 365 * 86_400;

/// The actions on credentials.
pub(super) fn answer(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    match call.operation.segments.last().map(String::as_str) {
        Some("addPassword") => add_password(call, object_type),
        Some("removePassword") => remove_password(call, object_type),
        Some("addTokenSigningCertificate") => add_certificate(call, object_type),
        // Adding or rolling a key needs a proof of possession of one that is there, which nobody has in here.
        _ => Err(Error::new(
            400,
            "Authentication_MissingOrMalformed",
            "Access Token missing or malformed: the proof is not a token signed with a key of this object.",
        )),
    }
}

/// Refuses new secrets in a body, and completes the certificates; what is there already stays as it is.
pub(super) fn kept(before: &Object, mut changes: Object) -> Result<Object> {
    let known = |property: &str, id: Option<&Value>| {
        let items = before.get(property).and_then(Value::as_array).into_iter().flatten();
        items.filter(|_| id.is_some()).find(|item| item.get("keyId") == id).cloned()
    };
    if let Some(passwords) = changes.get_mut(PASSWORDS).and_then(Value::as_array_mut) {
        for password in passwords {
            let same = known(PASSWORDS, password.get("keyId"));
            *password = same.ok_or_else(|| invalid("A secret is added with addPassword.", PASSWORDS))?;
        }
    }
    if let Some(keys) = changes.get_mut(KEYS).and_then(Value::as_array_mut) {
        for key in keys {
            *key = match known(KEYS, key.get("keyId")) {
                Some(same) => same,
                None => complete(key)?,
            };
        }
    }
    Ok(changes)
}

/// A new certificate as it is kept: the key itself is never shown.
fn complete(key: &Value) -> Result<Value> {
    let bytes = key.get("key").and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(|| invalid("A certificate needs its key.", KEYS))?;
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let known = matches!(member("type"), Some("AsymmetricX509Cert" | "X509CertAndPassword"))
        && matches!(member("usage"), Some("Verify" | "Sign"));
    if !known {
        return Err(invalid("The type is AsymmetricX509Cert, and the usage Verify or Sign.", KEYS));
    }
    let (start, end) = period(key, SECRET_LIFETIME)?;
    let thumbprint = STANDARD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bytes));
    Ok(json!({
        "customKeyIdentifier": member("customKeyIdentifier").map_or(thumbprint, str::to_owned),
        "displayName": member("displayName"), "endDateTime": end, "key": null,
        "keyId": member("keyId").map_or_else(error::new_id, str::to_owned), "startDateTime": start,
        "type": member("type"), "usage": member("usage"),
    }))
}

fn add_password(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let body = if call.request.body.is_empty() { json!({}) } else { call.body()? };
    let wanted = body.get("passwordCredential").cloned().unwrap_or_else(|| json!({}));
    let known = ["displayName", "startDateTime", "endDateTime"];
    let unknown = wanted
        .as_object()
        .into_iter()
        .flat_map(Object::keys)
        .find(|name| !known.contains(&name.as_str()) && !name.starts_with("@odata."));
    if let Some(name) = unknown {
        return Err(Error::unknown_property(name));
    }
    let (start, end) = period(&wanted, SECRET_LIFETIME)?;
    let secret: String = format!("{}~{}", error::new_id(), error::new_id()).replace('-', "").chars().take(40).collect();
    let hint: String = secret.chars().take(3).collect();
    let credential = json!({
        "customKeyIdentifier": null, "displayName": wanted.get("displayName"), "endDateTime": end, "hint": hint,
        "keyId": error::new_id(), "secretText": null, "startDateTime": start,
    });
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, object_type)?;
    let mut object = replicas.primary.item(row).map(|item| item.to_object()).unwrap_or_default();
    let mut passwords = list(&mut object, PASSWORDS);
    passwords.push(credential.clone());
    replicas.primary.update(row, [(PASSWORDS.to_owned(), Value::Array(passwords))].into_iter().collect());
    Ok(shown(call, "microsoft.graph.passwordCredential", credential, [("secretText", secret)]))
}

fn remove_password(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let body = call.body()?;
    let id = body.get("keyId").and_then(Value::as_str).ok_or_else(|| invalid("The keyId is missing.", "keyId"))?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, object_type)?;
    let mut object = replicas.primary.item(row).map(|item| item.to_object()).unwrap_or_default();
    let mut passwords = list(&mut object, PASSWORDS);
    let before = passwords.len();
    passwords.retain(|password| password.get("keyId").and_then(Value::as_str) != Some(id));
    if passwords.len() == before {
        return Err(Error::request(format!("No password credential found with keyId '{id}'.")));
    }
    replicas.primary.update(row, [(PASSWORDS.to_owned(), Value::Array(passwords))].into_iter().collect());
    Ok(Answer::empty(204))
}

/// A certificate to sign SAML tokens with: kept to sign, to verify, and with the password of its private key.
fn add_certificate(call: &Call<'_>, object_type: ObjectType) -> Result<Answer> {
    let body = call.body()?;
    let name = text(body.as_object().unwrap_or(&Object::new()), "displayName").to_owned();
    if !name.starts_with("CN=") {
        return Err(invalid("The displayName has to begin with CN=.", "displayName"));
    }
    let (start, end) = period(&body, CERTIFICATE_LIFETIME)?;
    let bytes = format!("{name} {}", error::new_id()).into_bytes();
    let print = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let thumbprint: String = print.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let custom = STANDARD.encode(print);
    let (sign, verify) = (error::new_id(), error::new_id());
    let key = |id: &str, kind: &str, usage: &str| {
        json!({"customKeyIdentifier": custom, "displayName": name, "endDateTime": end, "key": null, "keyId": id,
            "startDateTime": start, "type": kind, "usage": usage})
    };
    let password = json!({"customKeyIdentifier": custom, "displayName": name, "endDateTime": end, "hint": null,
        "keyId": sign, "secretText": null, "startDateTime": start});
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, object_type)?;
    let mut object = replicas.primary.item(row).map(|item| item.to_object()).unwrap_or_default();
    let (mut keys, mut passwords) = (list(&mut object, KEYS), list(&mut object, PASSWORDS));
    keys.extend([key(&sign, "X509CertAndPassword", "Sign"), key(&verify, "AsymmetricX509Cert", "Verify")]);
    passwords.push(password);
    let changes = [(KEYS.to_owned(), Value::Array(keys)), (PASSWORDS.to_owned(), Value::Array(passwords))];
    replicas.primary.update(row, changes.into_iter().collect());
    let told = key(&verify, "AsymmetricX509Cert", "Verify");
    let further = [("key", STANDARD.encode(&bytes)), ("thumbprint", thumbprint)];
    Ok(shown(call, "microsoft.graph.selfSignedCertificate", told, further))
}

fn list(object: &mut Object, property: &str) -> Vec<Value> {
    match object.remove(property) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// From when to when a credential is good.
fn period(wanted: &Value, lifetime: i64) -> Result<(String, String)> {
    let given = |name: &'static str| match wanted.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            time.map(|time| Some(time.timestamp())).ok_or_else(|| invalid("A time is expected.", name))
        }
    };
    let start = given("startDateTime")?.unwrap_or_else(clock::now);
    let end = given("endDateTime")?.unwrap_or(start + lifetime);
    if end <= start {
        return Err(invalid("Key credential end date is invalid.", "endDateTime"));
    }
    Ok((clock::text(start), clock::text(end)))
}

/// A credential, with what is told this once.
fn shown<const N: usize>(call: &Call<'_>, type_name: &str, told: Value, once: [(&str, String); N]) -> Answer {
    let mut body = Object::new();
    body.insert("@odata.context".to_owned(), json!(call.context(type_name)));
    body.extend(told.as_object().cloned().unwrap_or_default());
    body.extend(once.map(|(name, value)| (name.to_owned(), json!(value))));
    Answer::odata(200, Value::Object(body).to_string().into_bytes())
}

fn invalid(why: &str, property: &str) -> Error {
    Error::request(why).about("InvalidValue", property)
}
