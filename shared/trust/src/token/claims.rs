//! What a token says, checked against the tenant that it is shown to.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Version;
use crate::{configuration::Tenant, protected::is_guid, rights::Role};

/// How far apart the clocks of Entra ID and of this machine may be, in seconds.
const SKEW: i64 = 300;

/// The longest life of a token in seconds; Entra ID gives at most a day, and 28 hours with continuous access evaluation.
const LONGEST_LIFE: i64 = 30 * 3600;

/// The most app roles that are looked at.
const MOST_ROLES: usize = 100;

/// Claims that only tokens of users have.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.
const OF_USERS: [&str; 8] =
    ["scp", "upn", "unique_name", "preferred_username", "amr", "onprem_sid", "login_hint", "nonce"];

/// What a token claims, as far as it counts here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Claims {
    /// Whom it is for.
    pub(crate) audience: String,
    pub(crate) version: Version,
    /// The application that asked for it, in lower case.
    pub(crate) application: String,
    /// The service principal or user whom it was given to; empty when it does not say.
    pub(crate) object: String,
    pub(crate) is_user: bool,
    /// Those of our roles that it names.
    pub(crate) roles: Vec<Role>,
    not_before: i64,
    expires: i64,
}

impl Claims {
    /// Reads the claims, if they are those of a token that Entra ID gave out in this tenant and that counts now.
    pub(crate) fn read(claims: &Map<String, Value>, tenant: &Tenant, now: DateTime<Utc>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let version = match text("ver")? {
            "1.0" => Version::V1,
            "2.0" => Version::V2,
            _ => return None,
        };
        let tid = text("tid").filter(|tid| is_guid(tid) && tid.eq_ignore_ascii_case(&tenant.tenant_id))?;
        if text("iss")? != issuer(version, tid, tenant) {
            return None;
        }
        // The other version's claim beside it would let two readers see two applications.
        let (own, other) = match version {
            Version::V1 => ("appid", "azp"),
            Version::V2 => ("azp", "appid"),
        };
        let application = text(own).filter(|id| is_guid(id) && !claims.contains_key(other))?.to_ascii_lowercase();
        let claims = Self {
            audience: text("aud").filter(|audience| !audience.is_empty())?.to_owned(),
            version,
            application,
            object: optional_text(claims, "oid")?.to_ascii_lowercase(),
            is_user: is_user(claims)?,
            roles: roles(claims.get("roles"))?,
            not_before: claims.get("nbf")?.as_i64()?,
            expires: claims.get("exp")?.as_i64()?,
        };
        claims.is_current(now).then_some(claims)
    }

    /// Whether the token counts at that moment.
    pub(crate) fn is_current(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let life = self.expires.saturating_sub(self.not_before);
        (0..=LONGEST_LIFE).contains(&life)
            && self.not_before <= now.saturating_add(SKEW)
            && now < self.expires.saturating_add(SKEW)
    }

    /// When it ends, in seconds since 1970.
    pub(crate) const fn expires(&self) -> i64 {
        self.expires
    }
}

/// Who gives out such tokens.
fn issuer(version: Version, tid: &str, tenant: &Tenant) -> String {
    match version {
        Version::V1 => format!("{}/{tid}/", tenant.cloud().issuer),
        Version::V2 => format!("{}/{tid}/v2.0", tenant.login()),
    }
}

/// Empty when it is not there, `None` when it is no text.
fn optional_text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).map_or(Some(""), Value::as_str)
}

/// Whether it was given to a user. Without `idtyp`, an optional claim, it is an application's own only if it has no
/// claim of a user, and subject and object are the same, as they are in applications' tokens alone.
fn is_user(claims: &Map<String, Value>) -> Option<bool> {
    let has_user = OF_USERS.iter().any(|name| claims.contains_key(*name));
    let is_application = match optional_text(claims, "idtyp")? {
        "app" => !has_user,
        "" => {
            let (subject, object) = (optional_text(claims, "sub")?, optional_text(claims, "oid")?);
            !has_user && !object.is_empty() && subject == object
        }
        _ => false,
    };
    Some(!is_application)
}

/// Those of our roles that a token names; `None` when the claim is not a list of texts.
fn roles(claim: Option<&Value>) -> Option<Vec<Role>> {
    let Some(claim) = claim else { return Some(Vec::new()) };
    let names = claim.as_array().filter(|names| names.len() <= MOST_ROLES)?;
    let names = names.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    Some(names.into_iter().filter_map(Role::named).collect())
}
