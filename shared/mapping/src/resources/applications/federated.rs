//! `/applications/{id}/federatedIdentityCredentials`: each is found by its name, which does not change.

use serde_json::Value;

use super::WRITING;
use crate::keyed::{Call, Difference, Keyed, only, text};

pub(super) static FEDERATED: Keyed = Keyed::new("name", WRITING, calls);

fn calls(path: &str, difference: &Difference) -> Vec<Call> {
    let all = format!("{path}/federatedIdentityCredentials");
    let one = |element: &Value| format!("{all}(name='{}')", escaped(text(element, "name")));
    // Those that go make room: there are twenty at most, and no two with the same issuer and subject.
    let removed = difference.removed.iter().map(|element| Call::delete(one(element)));
    let parts = ["issuer", "subject", "audiences", "description"];
    let changed = difference.changed.iter().map(|element| {
        let mut body = only(element, &parts);
        body.entry("description").or_insert(Value::Null);
        Call::patch(one(element), Value::Object(body))
    });
    let added = difference.added.iter().map(|element| {
        let parts = ["name", "issuer", "subject", "audiences", "description"];
        Call::post(&all, Value::Object(only(element, &parts)))
    });
    removed.chain(changed).chain(added).collect()
}

/// A name in a path: Graph lets it be of letters, digits, `-` and `_`, so anything else names nothing.
fn escaped(name: &str) -> String {
    name.chars().filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_is_calls() {
        let one = |name: &str| json!({ "name": name, "issuer": "https://i", "subject": "s", "audiences": ["a"] });
        let difference = Difference {
            added: vec![one("new")],
            changed: vec![one("old")],
            removed: vec![json!({ "name": "g'/one" })],
        };
        let all = "/applications/1/federatedIdentityCredentials";
        assert_eq!(
            calls("/applications/1", &difference),
            [
                Call::delete(format!("{all}(name='gone')")),
                Call::patch(
                    format!("{all}(name='old')"),
                    json!({ "issuer": "https://i", "subject": "s", "audiences": ["a"], "description": null })
                ),
                Call::post(all, one("new")),
            ]
        );
    }
}
