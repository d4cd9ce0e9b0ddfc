//! Letting callers in: from the evidence of a request to who it is and what it may do.

#[cfg(test)]
mod tests;

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, Utc};
use http::{HeaderMap, header};
use runtime::{Clock, Http};

use crate::{
    certificate::{self, Certificate, handed},
    configuration::{CallerRule, Configuration, FrontEnd, FrontEndKind, RightsRule, Tenant},
    rights::{Rights, Role},
    secret::{LONGEST_SECRET, compare_in_vain},
    token::{self, Claims, KeyStore, easy_auth},
};

/// The longest bearer token that is looked at, in bytes.
pub(crate) const LONGEST_TOKEN: usize = 16 * 1024;

/// What a request shows of its caller.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// Where the connection comes from.
    pub address: Option<IpAddr>,
    /// The value of the environment variable `ENTRA_SCIM_HOST_KEY`, by which our host proves that it wrote a header.
    pub host_key: Option<&'a str>,
}

impl Evidence<'_> {
    /// Where the caller is: the address of the connection, or what the front end says of it when it is the front end's.
    ///
    /// The last element of `X-Forwarded-For` counts, as that one is the front end's own.
    #[must_use]
    pub fn client(&self, front_end: &FrontEnd) -> Option<IpAddr> {
        let is_forwarded = front_end.kind != FrontEndKind::Host && front_end.is_from(self.address);
        if !is_forwarded {
            return self.address.map(|address| address.to_canonical());
        }
        let last = self.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        let last = last.rsplit(',').next()?.trim();
        // App Service writes a port behind the address, and then brackets around one of version 6.
        let address = last.parse().ok().or_else(|| Some(last.parse::<std::net::SocketAddr>().ok()?.ip()));
        address.map(|address: IpAddr| address.to_canonical())
    }
}

/// Who is calling, for which tenant, and with which rights.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The name that the configuration gives it.
    pub name: String,
    /// The tenant it calls for.
    pub tenant: Arc<Tenant>,
    /// What it may do.
    pub rights: Arc<Rights>,
    /// How it proved to be who it is.
    pub proof: Proof,
}

/// How a caller proved to be who it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Proof {
    /// By a certificate.
    Certificate {
        /// Its SHA-256 thumbprint, 64 digits in lower case.
        sha256: String,
    },
    /// By a token of Entra ID, or by Easy Auth's word on one.
    Token {
        /// The id of the application that asked for the token.
        application: String,
        /// The object id of the service principal or user it was given to.
        object: String,
    },
    /// By a secret.
    Secret {
        /// The secret's name.
        name: String,
    },
    /// By the host's own secret: it is the timer.
    Timer,
}

/// Why a request is not let in.
///
/// All refusals look the same to the caller, whatever came close; [`Denied::reason`] is for the log alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Denied {
    /// The value of `WWW-Authenticate`, RFC 6750 section 3; none when the status is not 401.
    pub challenge: Option<&'static str>,
    /// The body of the answer: 401, or 503 when the keys that a token has to be checked with cannot be had.
    pub error: scim::Error,
    /// What was wrong, in words of our own: nothing that the caller sent. For the log and the audit, not for the answer.
    pub reason: &'static str,
}

impl Denied {
    /// Nothing was shown: no error code then, RFC 6750 section 3.1.
    pub(crate) fn absent() -> Self {
        let detail = "the request does not show who is calling: send the header 'Authorization: Bearer' with your token, \
                      or use your client certificate";
        let challenge = Some(r#"Bearer realm="entra-scim""#);
        Self { challenge, error: scim::Error::unauthorized(detail), reason: "no credential" }
    }

    pub(crate) fn wrong(reason: &'static str) -> Self {
        let detail = "the credential is not one that is let in";
        let challenge = Some(r#"Bearer realm="entra-scim", error="invalid_token""#);
        Self { challenge, error: scim::Error::unauthorized(detail), reason }
    }

    /// The token may be good, but there is nothing to check it with.
    pub(crate) fn unavailable() -> Self {
        let detail = "the token cannot be checked now: Entra ID does not give its keys; try again in a minute";
        Self { challenge: None, error: scim::Error::unavailable(detail), reason: "no keys" }
    }
}

/// Decides who is calling for `tenant`, the one that the path names; `None` when there is no such tenant.
///
/// A request shows one proof. The bearer token counts where there is one; else the certificate of the connection, or the
/// one that the front end hands on; else what Easy Auth says. A request whose token is refused is not let in by its certificate.
///
/// # Errors
///
/// [`Denied`], in which an unknown tenant, an unknown caller and a wrong credential look alike and take the same work.
pub async fn admit<H: Http, C: Clock>(
    configuration: &Configuration,
    tenant: Option<&Arc<Tenant>>,
    evidence: &Evidence<'_>,
    keys: &KeyStore,
    http: &H,
    clock: &C,
) -> Result<Caller, Denied> {
    let now = clock.now();
    if evidence.headers.contains_key(header::AUTHORIZATION) {
        let bearer = bearer(evidence.headers)?;
        if token::is_one(bearer) {
            let Some(claims) = token::verify(bearer, tenant.map(|tenant| &**tenant), keys, http, clock).await? else {
                return Err(Denied::wrong("token"));
            };
            return by_claims(tenant, &claims).ok_or_else(|| Denied::wrong("token of nobody"));
        }
        return by_secret(configuration, tenant, evidence, bearer, now).ok_or_else(|| Denied::wrong("secret"));
    }
    match handed::certificate(&configuration.front_end, evidence) {
        Ok(Some(der)) => {
            let certificate = Certificate::read(&der).ok_or_else(|| Denied::wrong("malformed certificate"))?;
            return by_certificate(tenant, &certificate, now).ok_or_else(|| Denied::wrong("certificate"));
        }
        Ok(None) => {}
        Err(reason) => return Err(Denied::wrong(reason)),
    }
    if configuration.front_end.easy_auth && configuration.front_end.is_from(evidence.address) {
        match easy_auth::claims(evidence.headers, tenant.map(|tenant| &**tenant), now) {
            Ok(Some(claims)) => return by_claims(tenant, &claims).ok_or_else(|| Denied::wrong("principal of nobody")),
            Ok(None) => {}
            Err(reason) => return Err(Denied::wrong(reason)),
        }
    }
    Err(Denied::absent())
}

/// The token; schemes are case-insensitive, RFC 9110 section 11.1.
fn bearer(headers: &HeaderMap) -> Result<&str, Denied> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Denied::wrong("several authorizations"));
    };
    let Some((scheme, token)) = value.as_bytes().split_at_checked("bearer ".len()) else {
        return Err(Denied::absent());
    };
    let token = token.trim_ascii();
    if !scheme.eq_ignore_ascii_case(b"bearer ") || token.is_empty() {
        return Err(Denied::absent());
    }
    if token.len() > LONGEST_TOKEN {
        return Err(Denied::wrong("token too long"));
    }
    std::str::from_utf8(token).map_err(|_| Denied::wrong("token is no text"))
}

/// Who shows this secret. As many hashes are computed as the tenant with the most secrets needs.
fn by_secret(
    configuration: &Configuration,
    tenant: Option<&Arc<Tenant>>,
    evidence: &Evidence<'_>,
    secret: &str,
    now: DateTime<Utc>,
) -> Option<Caller> {
    if secret.len() > LONGEST_SECRET {
        return None;
    }
    let (secret, address) = (secret.as_bytes(), evidence.client(&configuration.front_end));
    let mut found = None;
    for caller in tenant.iter().flat_map(|tenant| &tenant.callers) {
        for rule in &caller.secrets {
            let is_shown = rule.is_shown(secret, address, now);
            if is_shown && found.is_none() {
                found = Some((caller, rule));
            }
        }
    }
    let own = tenant.map_or(0, |tenant| tenant.secrets());
    (own..configuration.most_secrets()).for_each(|_| compare_in_vain(secret));
    let (caller, rule) = found?;
    let proof = if caller.is_timer { Proof::Timer } else { Proof::Secret { name: rule.name.clone() } };
    Some(caller.admitted(tenant?, proof, &[]))
}

/// Whose certificate this is.
fn by_certificate(tenant: Option<&Arc<Tenant>>, certificate: &Certificate, now: DateTime<Utc>) -> Option<Caller> {
    let tenant = tenant?;
    let is_one_of =
        |caller: &&CallerRule| caller.certificates.iter().any(|rule| certificate::is(certificate, rule, now));
    let caller = tenant.callers.iter().find(is_one_of)?;
    let sha256 = certificate.sha256();
    Some(caller.admitted(tenant, Proof::Certificate { sha256 }, &[]))
}

/// Whose token this is, by claims that were verified.
fn by_claims(tenant: Option<&Arc<Tenant>>, claims: &Claims) -> Option<Caller> {
    let tenant = tenant?;
    let is_one_of = |caller: &&CallerRule| caller.tokens.as_ref().is_some_and(|rule| rule.takes(claims));
    let caller = tenant.callers.iter().find(is_one_of)?;
    let proof = Proof::Token { application: claims.application.clone(), object: claims.object.clone() };
    Some(caller.admitted(tenant, proof, &claims.roles))
}

impl CallerRule {
    /// The caller, with its rights; `roles` are those of its token.
    fn admitted(&self, tenant: &Arc<Tenant>, proof: Proof, roles: &[Role]) -> Caller {
        let rights = match &self.rights {
            RightsRule::Fixed(rights) => Arc::clone(rights),
            RightsRule::Roles(bounds) => Arc::new(bounds.with_roles(roles.iter().copied())),
        };
        Caller { name: self.name.clone(), tenant: Arc::clone(tenant), rights, proof }
    }
}
