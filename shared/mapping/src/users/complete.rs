//! What Graph demands of a new user.

use serde_json::{Map, Value, json};

use crate::rule::is_of_nickname;

/// The longest mail alias.
const MAX_NICKNAME: usize = 64;

/// Makes up what is missing. A made-up password must be changed at the first sign-in.
pub(super) fn complete(body: &mut Map<String, Value>, password: &str) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let user_name = text("userPrincipalName").unwrap_or_default();
    let nickname = nickname(user_name.split('@').next().unwrap_or_default());
    let name = [text("givenName"), text("surname")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    body.entry("displayName").or_insert_with(|| json!(if name.is_empty() { &user_name } else { &name }));
    body.entry("mailNickname").or_insert_with(|| json!(nickname));
    body.entry("accountEnabled").or_insert(json!(true));
    let profile = body.entry("passwordProfile").or_insert_with(|| json!({}));
    if let Some(profile) = profile.as_object_mut().filter(|profile| !profile.contains_key("password")) {
        profile.insert("password".to_owned(), json!(password));
        profile.insert("forceChangePasswordNextSignIn".to_owned(), json!(true));
    }
}

/// A mail alias: the characters that Entra allows.
fn nickname(local: &str) -> String {
    let nickname: String = local.chars().filter(|character| is_of_nickname(*character)).take(MAX_NICKNAME).collect();
    if nickname.is_empty() { "user".to_owned() } else { nickname }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut body: Value, expected: &Value) {
        let given = body.to_string();
        complete(body.as_object_mut().unwrap(), "made up");
        assert_eq!(body, *expected, "{given}");
    }

    #[test]
    fn what_is_missing_is_made_up() {
        let profile = json!({ "password": "made up", "forceChangePasswordNextSignIn": true });
        check(
            json!({ "userPrincipalName": "ana(1)@x.y", "givenName": "Ana" }),
            &json!({ "userPrincipalName": "ana(1)@x.y", "givenName": "Ana", "displayName": "Ana",
                "mailNickname": "ana1", "accountEnabled": true, "passwordProfile": profile }),
        );
        check(
            json!({ "userPrincipalName": "é@x.y", "passwordProfile": { "password": "p" } }),
            &json!({ "userPrincipalName": "é@x.y", "displayName": "é@x.y", "mailNickname": "user",
                "accountEnabled": true, "passwordProfile": { "password": "p" } }),
        );
    }

    #[test]
    fn what_is_given_stays() {
        let given = json!({ "userPrincipalName": "a@x.y", "displayName": "A", "mailNickname": "b",
            "accountEnabled": false, "passwordProfile": { "password": "p", "forceChangePasswordNextSignIn": false } });
        check(given.clone(), &given);
    }
}
