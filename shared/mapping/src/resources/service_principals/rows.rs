//! Which property of a service principal is which attribute.

use serde_json::{Value, json};

use crate::{
    capability::{ADVANCED_TEXT, CODE, Capability, DIFFER, EQUAL, IN, ITEMS, NOT, NULL, ORDER, STARTS, TEXT},
    credentials::{PASSWORDS, SIGNING_CERTIFICATES},
    table::{Conversion, Property, Row, Shape, keep, once, read, row, unfiltered},
};

/// Words of a fixed list.
const WORD: Capability = Capability::of(EQUAL, DIFFER);
/// Arrays of objects, which this service does not ask Graph to filter by.
const OBJECTS: Capability = Capability::of(EQUAL | ORDER, NOT);

const fn objects(path: &'static str) -> Property {
    unfiltered(path).shape(Shape::Complex)
}

/// A value as it is that Graph is not asked to filter by: it wants such ids without quotes.
static SAME: Conversion = Conversion { read: |value| value, write: |value| value };

/// The certificates that Entra signs with are among the others, by the half that verifies.
static SIGNING: Conversion = Conversion { read: signing, write: |value| value };

pub(super) static ROWS: &[Row] = &[
    row("appId", once(Property::with("appId", Capability::of(EQUAL | IN | STARTS, DIFFER).assigned()))),
    row("displayName", read(Property::with("displayName", TEXT.sorted()))),
    row("accountEnabled", keep(Property::with("accountEnabled", CODE))),
    row(
        "appRoleAssignmentRequired",
        keep(Property::with("appRoleAssignmentRequired", Capability::of(0, EQUAL | DIFFER))),
    ),
    row("servicePrincipalType", read(unfiltered("servicePrincipalType"))),
    row("preferredSingleSignOnMode", unfiltered("preferredSingleSignOnMode")),
    row("loginUrl", unfiltered("loginUrl")),
    row("logoutUrl", unfiltered("logoutUrl")),
    row("homepage", Property::with("homepage", Capability::of(0, EQUAL | STARTS | NULL))),
    row("description", Property::with("description", ADVANCED_TEXT.without(IN | NULL))),
    row("notes", unfiltered("notes")),
    row("notificationEmailAddresses", unfiltered("notificationEmailAddresses").shape(Shape::Many(""))),
    row("replyUrls", unfiltered("replyUrls").shape(Shape::Many(""))),
    row("servicePrincipalNames", read(Property::with("servicePrincipalNames", ITEMS)).shape(Shape::Many(""))),
    row("alternativeNames", Property::with("alternativeNames", ITEMS).shape(Shape::Many(""))),
    row("tags", Property::with("tags", ITEMS).shape(Shape::Many(""))),
    row("appDisplayName", read(unfiltered("appDisplayName"))),
    row("appDescription", read(unfiltered("appDescription"))),
    row(
        "appOwnerOrganizationId",
        read(Property::with("appOwnerOrganizationId", Capability::of(0, EQUAL | ORDER | DIFFER)))
            .shape(Shape::Converted(&SAME)),
    ),
    row("applicationTemplateId", read(Property::with("applicationTemplateId", WORD))),
    row("signInAudience", read(unfiltered("signInAudience"))),
    row("disabledByMicrosoftStatus", read(Property::with("disabledByMicrosoftStatus", WORD))),
    row("samlSingleSignOnSettings", objects("samlSingleSignOnSettings")),
    row("preferredTokenSigningKeyThumbprint", unfiltered("preferredTokenSigningKeyThumbprint")),
    row("tokenEncryptionKeyId", unfiltered("tokenEncryptionKeyId")),
    row("keyCredentials", Property::with("keyCredentials", OBJECTS).shape(Shape::Complex)),
    row("passwordCredentials", objects("passwordCredentials").keyed(&PASSWORDS)),
    row(
        "tokenSigningCertificates",
        Property::with("keyCredentials", OBJECTS).shape(Shape::Converted(&SIGNING)).keyed(&SIGNING_CERTIFICATES),
    ),
    row("info", read(Property::with("info", Capability::of(EQUAL | ORDER | NULL, DIFFER))).shape(Shape::Complex)),
    row("verifiedPublisher", read(objects("verifiedPublisher"))),
    row("appRoles", read(objects("appRoles"))),
    row("oauth2PermissionScopes", read(objects("oauth2PermissionScopes"))),
];

/// Those of which there is a half that signs, with the same thumbprint; the key is told only when it is made.
fn signing(keys: Value) -> Value {
    let keys = keys.as_array().cloned().unwrap_or_default();
    let print = |key: &Value| key.get("customKeyIdentifier").cloned().unwrap_or_default();
    let signs = |key: &Value| key.get("usage") == Some(&json!("Sign"));
    let is_signed_with =
        |key: &Value| !signs(key) && keys.iter().any(|other| signs(other) && print(other) == print(key));
    let shown = |key: &Value| {
        let mut shown = key.clone();
        if let Some(members) = shown.as_object_mut() {
            members.remove("key");
        }
        shown
    };
    keys.iter().filter(|key| is_signed_with(key)).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_certificate_is_its_half_that_verifies() {
        let key = |id: &str, usage: &str, print: &str| json!({ "keyId": id, "usage": usage, "customKeyIdentifier": print, "key": null });
        let keys = json!([key("1", "Sign", "p"), key("2", "Verify", "p"), key("3", "Verify", "q")]);
        assert_eq!(signing(keys), json!([{ "keyId": "2", "usage": "Verify", "customKeyIdentifier": "p" }]));
        assert_eq!(signing(Value::Null), json!([]));
    }
}
