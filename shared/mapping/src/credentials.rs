//! Certificates and secrets of applications and service principals.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/keycredential>,
//! <https://learn.microsoft.com/graph/api/application-addpassword>.

use scim::schema::Attribute;
use serde_json::{Value, json};

use crate::keyed::{Call, Difference, Keyed, only, text};

/// The parts of a certificate. Those that are there are sent back with a new one, and stay by their `keyId`.
pub(crate) static KEY_CREDENTIAL: &[Attribute] = &[
    Attribute::string("keyId").case_exact().describe("The id"),
    Attribute::string("displayName").describe("The name"),
    Attribute::string("type")
        .canonical(&["AsymmetricX509Cert", "X509CertAndPassword"])
        .describe("Whether it is a certificate, or one with its private key"),
    Attribute::string("usage").canonical(&["Verify", "Sign"]).describe("What it is for"),
    Attribute::binary("key").write_only().describe("The certificate"),
    Attribute::binary("customKeyIdentifier").describe("The thumbprint"),
    Attribute::date_time("startDateTime").describe("From when it is good"),
    Attribute::date_time("endDateTime").describe("Until when it is good"),
];

/// The parts of a secret.
pub(crate) static PASSWORD_CREDENTIAL: &[Attribute] = &[
    Attribute::string("keyId").case_exact().immutable().describe("The id; Entra gives it"),
    Attribute::string("displayName").immutable().describe("The name"),
    Attribute::string("hint").read_only().case_exact().describe("The first characters of the secret"),
    Attribute::string("secretText").read_only().case_exact().describe("The secret; told once, when it is made"),
    Attribute::date_time("startDateTime").immutable().describe("From when it is good"),
    Attribute::date_time("endDateTime").immutable().describe("Until when it is good"),
];

/// Secrets are made and taken away by actions.
pub(crate) static PASSWORDS: Keyed = Keyed::new("keyId", "Application.ReadWrite.OwnedBy", passwords);

fn passwords(path: &str, difference: &Difference) -> Vec<Call> {
    let unchanged = difference
        .changed
        .iter()
        .map(|_| Call::none("a secret does not change: add another to passwordCredentials, then remove this one"));
    let parts = ["displayName", "startDateTime", "endDateTime"];
    let added = difference.added.iter().map(|element| {
        let body = json!({ "passwordCredential": only(element, &parts) });
        Call::post(format!("{path}/addPassword"), body).reveals()
    });
    let removed = difference.removed.iter().map(|element| {
        let body = json!({ "keyId": text(element, "keyId") });
        Call::post(format!("{path}/removePassword"), body)
    });
    unchanged.chain(added).chain(removed).collect()
}

/// Certificates that Entra makes to sign SAML tokens with.
pub(crate) static SIGNING_CERTIFICATES: Keyed =
    Keyed::new("keyId", "Application.ReadWrite.OwnedBy", signing_certificates);

/// The parts of such a certificate.
pub(crate) static SIGNING_CERTIFICATE: &[Attribute] = &[
    Attribute::string("keyId").case_exact().immutable().describe("The id; Entra gives it"),
    Attribute::string("displayName").immutable().describe("The name, such as CN=Contoso"),
    Attribute::string("thumbprint").read_only().case_exact().describe("The thumbprint; told when it is made"),
    Attribute::binary("key").read_only().describe("The certificate; told when it is made"),
    Attribute::binary("customKeyIdentifier").read_only().describe("The thumbprint in base64"),
    Attribute::date_time("startDateTime").read_only().describe("From when it is good"),
    Attribute::date_time("endDateTime").immutable().describe("Until when it is good"),
];

fn signing_certificates(path: &str, difference: &Difference) -> Vec<Call> {
    let kept = difference.changed.iter().chain(&difference.removed).map(|_| {
        Call::none(
            "a signing certificate is taken away by removing its elements from keyCredentials, and does not change",
        )
    });
    let added = difference.added.iter().map(|element| {
        let body = Value::Object(only(element, &["displayName", "endDateTime"]));
        Call::post(format!("{path}/addTokenSigningCertificate"), body).reveals()
    });
    kept.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed::Verb;

    #[test]
    fn a_secret_is_added_and_removed_by_actions() {
        let difference = Difference {
            added: vec![json!({ "displayName": "one", "endDateTime": "2027-01-01T00:00:00Z", "keyId": "mine" })],
            changed: Vec::new(),
            removed: vec![json!({ "keyId": "k", "displayName": "old" })],
        };
        let credential = json!({ "displayName": "one", "endDateTime": "2027-01-01T00:00:00Z" });
        assert_eq!(
            passwords("/applications/1", &difference),
            [
                Call::post("/applications/1/addPassword", json!({ "passwordCredential": credential })).reveals(),
                Call::post("/applications/1/removePassword", json!({ "keyId": "k" })),
            ]
        );
        let changed = Difference { changed: vec![json!({ "keyId": "k" })], ..Difference::default() };
        assert!(matches!(passwords("/applications/1", &changed)[0].verb, Verb::None(_)));
    }

    #[test]
    fn a_signing_certificate_is_only_added() {
        let added = Difference { added: vec![json!({ "displayName": "CN=x" })], ..Difference::default() };
        let call =
            Call::post("/servicePrincipals/1/addTokenSigningCertificate", json!({ "displayName": "CN=x" })).reveals();
        assert_eq!(signing_certificates("/servicePrincipals/1", &added), [call]);
        let removed = Difference { removed: vec![json!({ "keyId": "k" })], ..Difference::default() };
        assert!(matches!(signing_certificates("/servicePrincipals/1", &removed)[0].verb, Verb::None(_)));
    }
}
