//! Client assertions: signed with the key of a registered certificate, or by a trusted issuer (federation).
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>,
//! <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>. As in Entra, an assertion may be shown
//! again until it expires, so its `jti` is not remembered.

use ring::signature::RsaParameters;

use crate::federation::{AUDIENCE, KEY, KEY_ID};
use crate::login::jwt::{self, Unverified};
use crate::login::revocation::Credential;
use crate::login::{LOGINS, Refusal, certificates};
use crate::tenant::Tenant;
use crate::{CLIENT_ID, DOMAIN, TENANT_ID, clock};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far a clock may be ahead, in seconds.
const SKEW: i64 = 300;

/// Lets a client in that shows a good assertion.
pub(super) fn prove(assertion: &str, kind: &str, tenant: &Tenant) -> Result<(), Refusal> {
    if kind != KIND {
        return Err(invalid(90023, "The value of 'client_assertion_type' is not valid."));
    }
    let Some(token) = jwt::read(assertion) else {
        return Err(invalid(50027, "JWT token is invalid or malformed."));
    };
    let Some(algorithm) = token.algorithm() else {
        let named = token.header("alg").unwrap_or_default();
        let text = format!(
            "Invalid JWT token. '{named}' is not a supported signature algorithm. Supported signing algorithms are: \
             'RS256, PS256'"
        );
        return Err(invalid(5_002_738, text));
    };
    let issuer = token.claim("iss").ok_or_else(|| missing("iss"))?;
    if token.audiences().is_empty() {
        return Err(missing("aud"));
    }
    check_time(&token)?;
    // Applications go by their ids, all other issuers by their addresses.
    if issuer.starts_with("https://") {
        federated(&token, issuer, algorithm, tenant)
    } else {
        own(&token, issuer, algorithm, tenant)
    }
}

fn check_time(token: &Unverified<'_>) -> Result<(), Refusal> {
    let now = clock::now();
    let (from, until) = (token.time("nbf").unwrap_or_default(), token.time("exp").unwrap_or_default());
    if from <= now + SKEW && now < until {
        return Ok(());
    }
    let [now, from, until] = [now, from, until].map(clock::text);
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, expiry \
         time of assertion {until}. Review the documentation at \
         https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
    );
    Err(invalid(700_024, text))
}

/// An assertion of the application itself.
fn own(
    token: &Unverified<'_>,
    issuer: &str,
    algorithm: &'static RsaParameters,
    tenant: &Tenant,
) -> Result<(), Refusal> {
    if issuer != CLIENT_ID {
        return Err(invalid(700_021, "Client assertion application identifier doesn't match 'client_id' parameter."));
    }
    if token.claim("sub") != Some(issuer) {
        return Err(invalid(50048, "Subject must match the issuer claim in the client assertion."));
    }
    if !token.audiences().iter().any(|audience| is_realm(audience, tenant)) {
        return Err(invalid(700_023, "Client assertion audience claim does not match Realm issuer."));
    }
    let Some(thumbprint) = certificates::thumbprint(token) else {
        let text = "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId \
                    specified in token header.";
        return Err(invalid(5_002_723, text));
    };
    let used: String = thumbprint.iter().map(|byte| format!("{byte:02X}")).collect();
    let found = certificates::find(&thumbprint).filter(|_| !tenant.revoked().has(Credential::Certificate));
    let reason = match found {
        None => format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. \
             [Reason - The key was not found., Thumbprint of key used by client: '{used}']"
        ),
        Some(certificate) if certificate.has_expired => format!(
            "The certificate with identifier used to sign the client assertion is expired on application. [Reason - \
             The key used is expired., Thumbprint of key used by client: '{used}', Found key '{}']",
            certificate.validity
        ),
        Some(certificate) if token.is_signed_with(certificate.key.public(), algorithm) => return Ok(()),
        Some(certificate) => format!(
            "Client assertion failed signature validation. [Reason - The provided signature value did not match the \
             expected signature value., Thumbprint of key used by client: '{used}', Found key '{}']",
            certificate.validity
        ),
    };
    Err(invalid(700_027, reason))
}

/// An assertion of another issuer, which the application trusts for one subject.
fn federated(
    token: &Unverified<'_>,
    issuer: &str,
    algorithm: &'static RsaParameters,
    tenant: &Tenant,
) -> Result<(), Refusal> {
    let trusted = &tenant.options().federation;
    let subject = token.claim("sub").ok_or_else(|| missing("sub"))?;
    let no_match = |number: u32, what: &str, value: &str| {
        let text = format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. Check your \
             federated identity credential Subject, Audience and Issuer against the presented assertion. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
        );
        Err(invalid(number, text))
    };
    if issuer != trusted.issuer || tenant.revoked().has(Credential::Federation) {
        return no_match(700_211, "issuer", issuer);
    }
    if !token.audiences().contains(&AUDIENCE) {
        return no_match(700_212, "audience", token.audiences().first().unwrap_or(&""));
    }
    if subject != trusted.subject {
        return no_match(700_213, "subject", subject);
    }
    let key = token.header("kid").unwrap_or_default();
    if key != KEY_ID {
        let text = format!(
            "The certificate with identifier {key} used to sign the federated credential could not be found in the \
             metadata of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes \
             the key used to sign the incoming token."
        );
        return Err(invalid(7_000_272, text));
    }
    if !token.is_signed_with(KEY.public(), algorithm) {
        let text = format!(
            "Assertion failed signature validation. [Reason - The provided signature value did not match the expected \
             signature value., Thumbprint of key used by client: '{key}']"
        );
        return Err(invalid(50013, text));
    }
    Ok(())
}

/// Whether an assertion names the token endpoint, or the issuer, of this tenant: here, or at the login it stands for.
fn is_realm(audience: &str, tenant: &Tenant) -> bool {
    let origins = LOGINS.into_iter().chain([tenant.origin()]);
    let rest = origins.filter_map(|origin| audience.strip_prefix(origin)?.strip_prefix('/')).next();
    let Some((realm, endpoint)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    [TENANT_ID, DOMAIN].contains(&realm) && ["oauth2/v2.0/token", "oauth2/token", "v2.0"].contains(&endpoint)
}

fn missing(claim: &str) -> Refusal {
    let text = format!(
        "The required field '{claim}' is missing from the credential. Ensure that you have all the necessary \
         parameters for the login request."
    );
    Refusal::new(400, "invalid_request", 90014, text)
}

fn invalid(number: u32, text: impl Into<String>) -> Refusal {
    Refusal::new(401, "invalid_client", number, text)
}
