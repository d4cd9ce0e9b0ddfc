//! Workload identity federation: the issuer that the application trusts, as the cluster of an AKS would be.

use std::sync::LazyLock;

use ring::rsa::KeyPair;
use serde_json::json;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::login::jwt;
use crate::{FEDERATION_KEY_PEM, clock};

/// Whom a federated token has to be for.
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";
/// The name of the issuer's key.
pub(crate) const KEY_ID: &str = "tenant-in-a-box-federation-1";

/// The issuer's key; Entra would read its public half from the issuer's `jwks_uri`.
pub(crate) static KEY: LazyLock<KeyPair> = LazyLock::new(read);

/// Whose tokens the application trusts in place of a credential of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Federation {
    /// The issuer, an address that starts with `https://`.
    pub issuer: String,
    /// The one subject that is trusted, in exactly this spelling.
    pub subject: String,
}

impl Default for Federation {
    /// A service account of a cluster of AKS.
    fn default() -> Self {
        Self {
            issuer: "https://westeurope.oic.prod-aks.azure.com/8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34/c6a51d7e-2f08-4b93-8e14-70d9ab3c52f1/".to_owned(),
            subject: "system:serviceaccount:entra-scim:entra-scim".to_owned(),
        }
    }
}

impl Federation {
    /// A token of the issuer for the subject, which expires in so many seconds; with a negative number it has already.
    pub fn token(&self, valid_for: i64) -> String {
        let now = clock::now();
        let expires = now.saturating_add(valid_for);
        let header = json!({"alg": "RS256", "kid": KEY_ID});
        let claims = json!({
            "aud": [AUDIENCE], "exp": expires, "iat": now.min(expires), "nbf": now.min(expires), "iss": self.issuer,
            "jti": crate::graph::error::new_id(), "sub": self.subject,
        });
        jwt::sign(&header, &claims, &KEY)
    }
}

/// A token of the default [`Federation`], which expires in so many seconds.
pub fn federated_token(valid_for: i64) -> String {
    Federation::default().token(valid_for)
}

#[expect(clippy::expect_used, reason = "the key is compiled in, and tests sign in with it")]
fn read() -> KeyPair {
    let key = PrivatePkcs8KeyDer::from_pem_slice(FEDERATION_KEY_PEM.as_bytes()).expect("a private key");
    KeyPair::from_pkcs8(key.secret_pkcs8_der()).expect("an RSA key")
}
