//! Delegated permissions that were granted: as a set of a client, and `/OAuth2PermissionGrants` for all of them.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>.

use scim::schema::{Attribute, ResourceType, Schema};
use serde_json::{Value, json};

use super::assignments::segment;
use crate::{
    capability::{Capability, EQUAL},
    keyed::{Call, Difference, Keyed, only, text},
    mapping::{Listing, Mapping, PAGED},
    table::{Property, Row, keep, once, row, unfiltered},
};

/// The permission to read grants.
pub(super) const READING: &str = "Directory.Read.All";
/// The permission to grant.
const WRITING: &str = "DelegatedPermissionGrant.ReadWrite.All";
const COLLECTION: &str = "/oauth2PermissionGrants";

/// What a client was granted.
pub(super) static GRANTED: Keyed =
    Keyed { resource: Some("OAuth2PermissionGrants"), ..Keyed::new("id", WRITING, calls) };

pub(super) static GRANTS: Mapping = Mapping {
    component: "scim-service-principals",
    listing: Listing { counted: false, finds_ids: false, ..PAGED },
    reading: READING,
    writing: WRITING,
    creating: WRITING,
    ..Mapping::new(&RESOURCE_TYPE, "oAuth2PermissionGrant", COLLECTION, ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "OAuth2PermissionGrant",
    endpoint: "/OAuth2PermissionGrants",
    description: "Delegated permissions that were granted to clients, for one user or for all",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:OAuth2PermissionGrant",
        name: "OAuth2PermissionGrant",
        description: "A grant of delegated permissions of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const CONSENT: &[&str] = &["AllPrincipals", "Principal"];

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("clientId")
        .required()
        .immutable()
        .case_exact()
        .describe("The service principal that may act; its id, not the application's"),
    Attribute::string("consentType")
        .required()
        .immutable()
        .canonical(CONSENT)
        .describe("Whether it may act for all users, which is admin consent, or for one"),
    Attribute::string("principalId").immutable().case_exact().describe("The user that it may act for, if it is one"),
    Attribute::string("resourceId")
        .required()
        .immutable()
        .case_exact()
        .describe("The service principal of the API; its id, not the application's"),
    Attribute::string("scope").required().case_exact().describe("The scopes, with blanks between them"),
];

static ROWS: &[Row] = &[
    row("clientId", once(Property::with("clientId", Capability::of(EQUAL, 0)))),
    row("consentType", once(Property::with("consentType", Capability::of(EQUAL, 0)))),
    row("principalId", once(Property::with("principalId", Capability::of(EQUAL, 0)))),
    row("resourceId", once(Property::with("resourceId", Capability::of(EQUAL, 0)))),
    row("scope", keep(unfiltered("scope"))),
];

/// The parts of a grant as a client shows it.
pub(super) const PARTS: &[Attribute] = &[
    Attribute::string("id").case_exact().immutable().describe("The id; Entra gives it"),
    Attribute::string("consentType").canonical(CONSENT).immutable().describe("Whether it is for all users or for one"),
    Attribute::string("principalId").case_exact().immutable().describe("The user, if it is for one"),
    Attribute::string("resourceId").case_exact().immutable().describe("The service principal of the API"),
    Attribute::string("scope").case_exact().describe("The scopes, with blanks between them"),
];

fn calls(path: &str, difference: &Difference) -> Vec<Call> {
    let client = path.rsplit('/').next().unwrap_or_default();
    let one = |element: &Value| format!("{COLLECTION}/{}", segment(text(element, "id")));
    let added = difference.added.iter().map(|element| {
        let mut body = only(element, &["consentType", "principalId", "resourceId", "scope"]);
        body.insert("clientId".to_owned(), json!(client));
        Call::post(COLLECTION, Value::Object(body))
    });
    let changed =
        difference.changed.iter().map(|element| Call::patch(one(element), json!({ "scope": text(element, "scope") })));
    let removed = difference.removed.iter().map(|element| Call::delete(one(element)));
    added.chain(changed).chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_given_changed_and_taken_back() {
        let difference = Difference {
            added: vec![json!({ "consentType": "AllPrincipals", "resourceId": "r", "scope": "User.Read" })],
            changed: vec![json!({ "id": "g_1", "consentType": "AllPrincipals", "scope": "User.Read Mail.Read" })],
            removed: vec![json!({ "id": "g_2" })],
        };
        assert_eq!(
            calls("/servicePrincipals/1", &difference),
            [
                Call::post(
                    COLLECTION,
                    json!({ "clientId": "1", "consentType": "AllPrincipals", "resourceId": "r", "scope": "User.Read" })
                ),
                Call::patch("/oauth2PermissionGrants/g_1", json!({ "scope": "User.Read Mail.Read" })),
                Call::delete("/oauth2PermissionGrants/g_2"),
            ]
        );
    }
}
