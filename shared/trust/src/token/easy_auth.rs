//! Easy Auth: App Service checks the token and says in a header what it claims.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities>.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::Claims;
use crate::{configuration::Tenant, strict};

/// The header with the claims.
pub(crate) const HEADER: &str = "x-ms-client-principal";

/// The most claims that are looked at.
const MOST_CLAIMS: usize = 500;

/// The longest header that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Claims whose names App Service writes out.
const NAMES: [(&str, &str); 6] = [
    ("http://schemas.microsoft.com/identity/claims/tenantid", "tid"),
    ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid"),
    ("http://schemas.microsoft.com/identity/claims/scope", "scp"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/role", "roles"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "sub"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", "upn"),
];

/// The claims of the principal; none when the header is not there.
///
/// # Errors
///
/// When the header is malformed, or its claims are not those of a current token of this tenant.
pub(crate) fn claims(
    headers: &HeaderMap,
    tenant: Option<&Tenant>,
    now: DateTime<Utc>,
) -> Result<Option<Claims>, &'static str> {
    let mut values = headers.get_all(HEADER).iter();
    let header = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) if value.len() <= LONGEST => value.as_bytes(),
        _ => return Err("several or too long principals"),
    };
    let claims = STANDARD.decode(header).ok().and_then(|json| read(&json)).ok_or("malformed principal")?;
    let claims = tenant.and_then(|tenant| Claims::read(&claims, tenant, now));
    claims.map(Some).ok_or("principal")
}

/// The claims as they stood in the token.
fn read(json: &[u8]) -> Option<Map<String, Value>> {
    let principal = strict::parse(json).ok()?;
    (principal.get("auth_typ")?.as_str()? == "aad").then_some(())?;
    let listed = principal.get("claims")?.as_array().filter(|listed| listed.len() <= MOST_CLAIMS)?;
    let mut claims = Map::new();
    for claim in listed {
        let (name, value) = (claim.get("typ")?.as_str()?, claim.get("val")?.as_str()?);
        let name = NAMES.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short);
        match name {
            "roles" => {
                let roles = claims.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                roles.as_array_mut()?.push(value.into());
            }
            // Each way of signing in is a claim of its own.
            "amr" => {
                claims.insert(name.to_owned(), value.into());
            }
            "exp" | "nbf" => {
                let is_first = claims.insert(name.to_owned(), value.parse::<i64>().ok()?.into()).is_none();
                is_first.then_some(())?;
            }
            // Those that decide may not be there twice, under whichever name; groups and the like may.
            "aud" | "iss" | "tid" | "ver" | "appid" | "azp" | "oid" | "sub" | "idtyp" => {
                claims.insert(name.to_owned(), value.into()).is_none().then_some(())?;
            }
            _ => {
                claims.insert(name.to_owned(), value.into());
            }
        }
    }
    Some(claims)
}
