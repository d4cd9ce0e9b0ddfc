//! `POST /applicationTemplates/{id}/instantiate` — makes an application and its service principal of a template.
//!
//! Source: <https://learn.microsoft.com/graph/api/applicationtemplate-instantiate>.

use serde_json::{Map, Value, json};

use super::WRITING;
use crate::creation::{Companion, Creation};

/// The attribute that says how people sign in; what it says is written to the service principal.
pub(super) const SINGLE_SIGN_ON: &str = "singleSignOn";
/// The template of an application that is not in the gallery.
const NON_GALLERY: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
/// What the parts of the attribute are in Graph.
const PARTS: [(&str, &str); 3] = [
    ("mode", "preferredSingleSignOnMode"),
    ("loginUrl", "loginUrl"),
    ("notificationEmailAddresses", "notificationEmailAddresses"),
];

/// How an application is made of the template that the body names; an application with SAML and without one is made of the
/// template for those that are not in the gallery.
pub(super) fn creation(body: &mut Map<String, Value>) -> Option<Creation> {
    let single_sign_on = body.remove(SINGLE_SIGN_ON);
    let template = body.remove("applicationTemplateId");
    let template = template.as_ref().and_then(Value::as_str).or(single_sign_on.is_some().then_some(NON_GALLERY))?;
    // Only the characters of an id: the others would lead elsewhere.
    let template: String = template.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let name = body.remove("displayName").unwrap_or_default();
    Some(Creation {
        path: format!("/applicationTemplates/{template}/instantiate"),
        body: Map::from_iter([("displayName".to_owned(), name)]),
        object: "/application",
        companions: vec![Companion {
            object: "/servicePrincipal",
            collection: "/servicePrincipals",
            permission: WRITING,
            body: single_sign_on.map(signed_on).unwrap_or_default(),
        }],
    })
}

/// The properties of the service principal.
fn signed_on(given: Value) -> Map<String, Value> {
    let part = |(name, property): (&str, &str)| {
        Some((property.to_owned(), given.get(name).filter(|value| !value.is_null())?.clone()))
    };
    let mut body: Map<String, Value> = PARTS.into_iter().filter_map(part).collect();
    if let Some(state) = given.get("relayState").filter(|value| !value.is_null()) {
        body.insert("samlSingleSignOnSettings".to_owned(), json!({ "relayState": state }));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Value, expected: Option<(&str, Value)>, rest: &Value) {
        let mut body = body.as_object().unwrap().clone();
        let creation = creation(&mut body);
        let told = creation.as_ref().map(|creation| {
            let companion = creation.companions[0].body.clone();
            (creation.path.as_str(), json!([creation.body, companion]))
        });
        assert_eq!(told, expected);
        assert_eq!(Value::Object(body), *rest);
    }

    #[test]
    fn what_is_made_of_a_template() {
        check(json!({ "displayName": "A" }), None, &json!({ "displayName": "A" }));
        check(
            json!({ "displayName": "A", "applicationTemplateId": "7/../x", "notes": "n" }),
            Some(("/applicationTemplates/7x/instantiate", json!([{ "displayName": "A" }, {}]))),
            &json!({ "notes": "n" }),
        );
        check(
            json!({ "displayName": "A", "singleSignOn": { "mode": "saml", "loginUrl": "https://a", "relayState": "/b",
                "notificationEmailAddresses": null } }),
            Some((
                "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate",
                json!([{ "displayName": "A" }, { "preferredSingleSignOnMode": "saml", "loginUrl": "https://a",
                    "samlSingleSignOnSettings": { "relayState": "/b" } }]),
            )),
            &json!({}),
        );
    }
}
