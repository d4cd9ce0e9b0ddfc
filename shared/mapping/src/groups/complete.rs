//! What Graph demands of a new group.

use serde_json::{Map, Value, json};

/// The longest mail alias.
const MAX_NICKNAME: usize = 64;

/// Makes up what is missing: a security group, unless it is to have a mailbox; then it is a Microsoft 365 group.
pub(super) fn complete(body: &mut Map<String, Value>, _password: &str) {
    let is_type = |item: &Value| item.as_str().is_some_and(|text| text.eq_ignore_ascii_case("Unified"));
    let types = body.get("groupTypes").and_then(Value::as_array);
    let mut is_unified = types.is_some_and(|types| types.iter().any(is_type));
    if types.is_none_or(Vec::is_empty) && body.get("mailEnabled") == Some(&json!(true)) {
        body.insert("groupTypes".to_owned(), json!(["Unified"]));
        is_unified = true;
    }
    let name = body.get("displayName").and_then(Value::as_str).unwrap_or_default();
    let nickname = nickname(name);
    body.entry("mailNickname").or_insert_with(|| json!(nickname));
    body.entry("mailEnabled").or_insert(json!(is_unified));
    body.entry("securityEnabled").or_insert(json!(!is_unified));
}

fn nickname(name: &str) -> String {
    let nickname: String = name.chars().filter(char::is_ascii_alphanumeric).take(MAX_NICKNAME).collect();
    if nickname.is_empty() { "group".to_owned() } else { nickname }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut body: Value, expected: &Value) {
        let given = body.to_string();
        complete(body.as_object_mut().unwrap(), "");
        assert_eq!(body, *expected, "{given}");
    }

    #[test]
    fn a_security_group_unless_it_has_a_mailbox() {
        check(
            json!({ "displayName": "Tour Guides (EU)" }),
            &json!({ "displayName": "Tour Guides (EU)", "mailNickname": "TourGuidesEU",
                "mailEnabled": false, "securityEnabled": true }),
        );
        check(
            json!({ "displayName": "Ü", "mailEnabled": true }),
            &json!({ "displayName": "Ü", "mailNickname": "group", "groupTypes": ["Unified"],
                "mailEnabled": true, "securityEnabled": false }),
        );
        check(
            json!({ "displayName": "M", "groupTypes": ["Unified"], "mailNickname": "n", "securityEnabled": true }),
            &json!({ "displayName": "M", "groupTypes": ["Unified"], "mailNickname": "n",
                "mailEnabled": true, "securityEnabled": true }),
        );
    }
}
