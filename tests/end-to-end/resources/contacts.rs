//! `scim-contacts`: `/scim/v2/Contacts`.

use serde_json::json;

use super::{at, find, listed, patch};
use crate::harness::Server;

const CONTACTS: &str = "/Contacts";

/// Row A11; `Get All Org Contacts`.
#[test]
fn contacts_are_read() {
    let server = Server::sample();
    let contact = find(&server, CONTACTS, |contact| contact["mail"] == "katri.niemi@fabrikam.com");
    assert_eq!(contact["companyName"], "Fabrikam");
    assert_eq!(contact["schemas"], json!(["urn:ietf:params:scim:schemas:extension:entra:2.0:Contact"]));
    let (exchanges, read) = server.exchanges_of(|| server.get(&at(CONTACTS, &contact)).expect(200));
    assert_eq!((exchanges.len(), &read), (1, &contact));
    let found = listed(&server, "/Contacts?filter=companyName%20eq%20%22fabrikam%22&attributes=displayName");
    assert_eq!((found.len(), &found[0]["displayName"]), (1, &contact["displayName"]));
    assert!(found[0].get("mail").is_none());
    let groups = server.get(&format!("{}?attributes=groups", at(CONTACTS, &contact))).expect(200);
    assert!(groups.get("groups").is_none_or(serde_json::Value::is_array));
    server.get("/scim/v2/Contacts/00000000-0000-0000-0000-00000000000f").expect_error(404, None);
}

#[test]
fn contacts_are_not_written() {
    let server = Server::sample();
    let contact = listed(&server, CONTACTS).remove(0);
    let body = json!({ "schemas": contact["schemas"], "displayName": "X" });
    let (exchanges, ()) = server.exchanges_of(|| {
        for detail in [
            server.post("/scim/v2/Contacts", &body).expect_error(501, None),
            server.put(&at(CONTACTS, &contact), &body).expect_error(501, None),
            server.patch(&at(CONTACTS, &contact), &patch(json!([]))).expect_error(501, None),
            server.delete(&at(CONTACTS, &contact)).expect_error(501, None),
        ] {
            assert!(detail.contains("change them in Exchange"), "{detail}");
        }
    });
    assert!(exchanges.is_empty());
}
