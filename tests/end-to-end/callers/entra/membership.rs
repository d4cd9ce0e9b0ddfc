//! The shapes of a PATCH of a group.

use serde_json::json;

use crate::callers::{GROUPS, NOBODY, changed, group, left_out, look_up, members, patch, people, read, sorted};
use crate::harness::Server;

/// One or several come, one or several go, each with an empty `$ref`.
#[test]
fn members_come_and_go() {
    let server = Server::sample();
    let ids = people(4);
    let group = group(&server, "Classic", &[]);
    let values = |ids: &[String]| ids.iter().map(|id| json!({ "$ref": null, "value": id })).collect::<Vec<_>>();
    let change = |op: &str, ids: &[String]| json!([{ "op": op, "path": "members", "value": values(ids) }]);
    for (op, given, expected) in [
        ("Add", &ids[..1], &ids[..1]),
        ("Add", &ids[..], &ids[..]),
        ("Remove", &ids[3..], &ids[..3]),
        ("Remove", &ids[1..], &ids[..1]),
        ("Remove", &ids[..1], &ids[..0]),
    ] {
        let read = changed(&server, &group, change(op, given));
        assert_eq!(members(&read), sorted(expected), "{op} {given:?}");
    }
}

/// One who is there comes again, one who is not there goes: cycles repeat themselves, and that is no error.
#[test]
fn a_repeated_change_is_no_error() {
    let server = Server::sample();
    let ids = people(2);
    let group = group(&server, "Repeated", &ids[..1]);
    for (op, given) in [("Add", &ids[0]), ("Remove", &ids[1]), ("Remove", &NOBODY.to_owned())] {
        let change = json!([{ "op": op, "path": "members", "value": [{ "$ref": null, "value": given }] }]);
        assert_eq!(members(&changed(&server, &group, change)), ids[..1], "{op} {given}");
    }
}

/// The answer to a change of a large group has no body, because that is what Entra advises; a small one has.
#[test]
fn a_large_group_is_answered_without_a_body() {
    let server = Server::sample();
    for (count, status) in [(5, 200), (20, 204)] {
        let group = group(&server, "Sized", &people(count));
        let change = json!([{ "op": "Replace", "path": "displayName", "value": "Sized again" }]);
        let answer = patch(&server, &group, change);
        assert_eq!((answer.status, answer.body.is_empty()), (status, status == 204), "{count}: {answer:?}");
        assert_eq!(read(&server, &group)["displayName"], "Sized again");
    }
}

/// A group is renamed by the path of its name, and found by the new name.
#[test]
fn a_group_is_renamed() {
    let server = Server::sample();
    let ids = people(2);
    let group = group(&server, "Old name", &ids);
    let read = changed(&server, &group, json!([{ "op": "Replace", "path": "displayName", "value": "New name" }]));
    assert_eq!((read["displayName"].as_str(), members(&read)), (Some("New name"), sorted(&ids)));
    assert_eq!(look_up(&server, GROUPS, "displayName eq \"New name\"", "")["totalResults"], 1);
    assert_eq!(look_up(&server, GROUPS, "displayName eq \"Old name\"", "")["totalResults"], 0);
}

/// A member that can be no object of Entra is told and left out; one that could be and is not stops the request.
#[test]
fn a_member_that_is_nobody() {
    let server = Server::sample();
    let ids = people(1);
    let group = group(&server, "Nobody", &[]);
    let add = |id: &str| json!([{ "op": "Add", "path": "members", "value": [{ "value": id }, { "value": ids[0] }] }]);
    patch(&server, &group, add(NOBODY)).expect_error(400, Some("invalidValue"));
    assert_eq!(members(&read(&server, &group)), Vec::<String>::new());
    let answer = patch(&server, &group, add("fake-member-id"));
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    assert!(left_out(&answer).starts_with("members"), "{:?}", answer.headers);
    assert_eq!(members(&read(&server, &group)), ids);
}
