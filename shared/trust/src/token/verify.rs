//! Verifying a token: claims first, then the signature, and the same work for every token that is refused.

use std::sync::{Arc, OnceLock};

use rsa::{pkcs1v15::VerifyingKey, sha2::Sha256};
use runtime::{Clock, Http};

use super::{Claims, KeyStore, jwt};
use crate::{admit::Denied, configuration::Tenant, hash};

/// The claims of a token that Entra ID signed for this tenant and that some caller of it may show; `None` for any other.
///
/// The keys are asked for only when the claims are those of a caller of the tenant: who can neither name its id nor an
/// audience and an application that are let in cannot make this service call anybody.
///
/// # Errors
///
/// [`Denied`] when the keys cannot be had.
pub(crate) async fn verify<H: Http, C: Clock>(
    bearer: &str,
    tenant: Option<&Tenant>,
    keys: &KeyStore,
    http: &H,
    clock: &C,
) -> Result<Option<Arc<Claims>>, Denied> {
    let now = clock.now();
    let digest = hash(&[bearer.as_bytes()]);
    // An unknown tenant has a key as well, under which nothing is ever found.
    let id = tenant.map_or_else(String::new, Tenant::key);
    if let Some(claims) = keys.verified(&id, &digest, now) {
        return Ok(Some(claims));
    }
    let Some(token) = jwt::Unverified::read(bearer) else { return Ok(None) };
    let read = tenant.and_then(|tenant| Some((tenant, Claims::read(&token.claims, tenant, now)?)));
    let taken = read.filter(|(tenant, claims)| {
        tenant.callers.iter().filter_map(|caller| caller.tokens.as_ref()).any(|rule| rule.takes(claims))
    });
    let key = match &taken {
        Some((tenant, _)) => keys.key(tenant, &id, &token.key, http, clock).await?,
        None => None,
    };
    let is_signed = key.as_ref().map_or_else(
        || {
            nobodys().inspect(|key| _ = std::hint::black_box(token.is_signed_by(key)));
            false
        },
        |key| token.is_signed_by(key),
    );
    let Some((_, claims)) = taken.filter(|_| is_signed) else { return Ok(None) };
    let claims = Arc::new(claims);
    keys.remember(&id, digest, &claims, now);
    Ok(Some(claims))
}

/// A key whose private half nobody has, to do the work of a verification with.
fn nobodys() -> Option<&'static VerifyingKey<Sha256>> {
    static KEY: OnceLock<Option<VerifyingKey<Sha256>>> = OnceLock::new();
    let make = || {
        let mut modulus: Vec<u8> = (0..8_u8).flat_map(|part| hash(&[b"nobody's key", &[part]])).collect();
        // The highest bit gives it its length, and the lowest one makes it odd, as moduli are.
        *modulus.first_mut()? |= 0x80;
        *modulus.last_mut()? |= 1;
        let key = rsa::RsaPublicKey::new(rsa::BigUint::from_bytes_be(&modulus), rsa::BigUint::from(65_537_u32));
        key.ok().map(VerifyingKey::new)
    };
    KEY.get_or_init(make).as_ref()
}
