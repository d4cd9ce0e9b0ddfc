//! Optional claims: Graph keeps a list for each kind of token, SCIM sees one of all.

use serde_json::{Map, Value, json};

use crate::table::Conversion;

/// The lists.
const TOKENS: [&str; 3] = ["idToken", "accessToken", "saml2Token"];
/// The part that tells which list an element is of.
const TOKEN: &str = "token";

pub(super) static OPTIONAL_CLAIMS: Conversion = Conversion { read, write };

fn read(lists: Value) -> Value {
    let list = |token: &'static str| {
        let claims = lists.get(token).and_then(Value::as_array).into_iter().flatten();
        claims.filter_map(Value::as_object).map(move |claim| {
            let mut claim = claim.clone();
            claim.insert(TOKEN.to_owned(), json!(token));
            Value::Object(claim)
        })
    };
    TOKENS.into_iter().flat_map(list).collect()
}

/// Every list is named, as one that is not would stay as it was; a claim of no known token is one of the ID token.
fn write(claims: Value) -> Value {
    let mut lists: Map<String, Value> = TOKENS.into_iter().map(|token| (token.to_owned(), json!([]))).collect();
    for claim in claims.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let mut claim = claim.clone();
        let given = claim.remove(TOKEN);
        let given = given.as_ref().and_then(Value::as_str).unwrap_or_default();
        let token = TOKENS.into_iter().find(|token| token.eq_ignore_ascii_case(given)).unwrap_or("idToken");
        claim.entry("essential").or_insert(json!(false));
        if let Some(list) = lists.get_mut(token).and_then(Value::as_array_mut) {
            list.push(Value::Object(claim));
        }
    }
    Value::Object(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_one_list() {
        let graph = json!({
            "idToken": [{ "name": "email", "source": null, "essential": true, "additionalProperties": [] }],
            "accessToken": [],
            "saml2Token": [{ "name": "groups", "essential": false, "additionalProperties": ["sam_account_name"] }],
        });
        let scim = read(graph.clone());
        assert_eq!(
            scim,
            json!([
                { "token": "idToken", "name": "email", "source": null, "essential": true, "additionalProperties": [] },
                { "token": "saml2Token", "name": "groups", "essential": false,
                    "additionalProperties": ["sam_account_name"] },
            ])
        );
        assert_eq!(write(scim), graph);
        assert_eq!(read(Value::Null), json!([]));
        assert_eq!(write(json!([])), json!({ "idToken": [], "accessToken": [], "saml2Token": [] }));
        let written = write(json!([{ "name": "upn" }, { "token": "ACCESSTOKEN", "name": "ipaddr" }]));
        assert_eq!(written["idToken"], json!([{ "name": "upn", "essential": false }]));
        assert_eq!(written["accessToken"][0]["name"], "ipaddr");
    }
}
