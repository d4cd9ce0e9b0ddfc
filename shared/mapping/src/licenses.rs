//! Licences as users and groups hold them, and the one call that gives and takes them.
//!
//! Source: <https://learn.microsoft.com/graph/api/user-assignlicense>, `group-assignlicense`.

use scim::schema::Attribute;
use serde_json::{Map, Value, json};

use crate::{
    keyed::{Call, Difference, Keyed, text},
    table::Conversion,
};

/// The parts of a user's licence.
pub(crate) static ENTITLEMENT: &[Attribute] = &[
    Attribute::string("value").describe("The id of the licence: skuId of one of /Licenses"),
    Attribute::string("type").canonical(&["License"]).read_only().describe("License"),
    Attribute::boolean("primary").unkept(),
    Attribute::string("disabledPlans").many().describe("The service plans of it that are switched off"),
    Attribute::string("assignedByGroup").read_only().describe("The id of the group by which the user has it"),
    Attribute::string("state")
        .canonical(&["Active", "ActiveWithError", "Disabled", "Error"])
        .read_only()
        .describe("Whether it is in force"),
    Attribute::string("error").read_only().describe("Why it is not, such as CountViolation"),
    Attribute::date_time("lastUpdatedDateTime").read_only().describe("When it last changed"),
];

/// The parts of a group's licence.
pub(crate) static GROUP_LICENSE: &[Attribute] = &[
    Attribute::string("value").describe("The id of the licence: skuId of one of /Licenses"),
    Attribute::string("disabledPlans").many().describe("The service plans of it that are switched off"),
];

/// From `licenseAssignmentStates` or `assignedLicenses`.
pub(crate) static CONVERSION: Conversion = Conversion { read, write: |value| value };

/// How both are changed.
pub(crate) static LICENSES: Keyed =
    Keyed { refers: Some("value"), ..Keyed::new("value", "LicenseAssignment.ReadWrite.All", assign) };

fn read(states: Value) -> Value {
    let Value::Array(states) = states else { return Value::Null };
    states.into_iter().map(shown).collect()
}

fn shown(mut state: Value) -> Value {
    let Some(members) = state.as_object_mut() else { return Value::Null };
    let sku = members.remove("skuId").unwrap_or_default();
    members.insert("value".to_owned(), sku);
    if members.contains_key("state") {
        members.insert("type".to_owned(), json!("License"));
    }
    // Graph writes "None" where nothing is wrong.
    if members.get("error").is_some_and(|error| error == "None") {
        members.remove("error");
    }
    state
}

/// One call for all: a licence that changes is assigned again.
fn assign(path: &str, difference: &Difference) -> Vec<Call> {
    let given = difference.added.iter().chain(&difference.changed);
    let added: Vec<Value> = given
        .map(|element| {
            let plans = element.get("disabledPlans").cloned().unwrap_or_else(|| json!([]));
            json!({ "skuId": text(element, "value"), "disabledPlans": plans })
        })
        .collect();
    let mut removed: Vec<&str> = difference.removed.iter().map(|element| text(element, "value")).collect();
    removed.dedup();
    let mut body = Map::new();
    body.insert("addLicenses".to_owned(), Value::Array(added));
    body.insert("removeLicenses".to_owned(), json!(removed));
    vec![Call::post(format!("{path}/assignLicense"), Value::Object(body))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_gives_and_takes() {
        let difference = Difference {
            added: vec![json!({ "value": "a" })],
            changed: vec![json!({ "value": "b", "disabledPlans": ["p"] })],
            removed: vec![json!({ "value": "c" }), json!({ "value": "c", "assignedByGroup": "g" })],
        };
        assert_eq!(
            assign("/users/1", &difference),
            [Call::post(
                "/users/1/assignLicense",
                json!({ "addLicenses": [{ "skuId": "a", "disabledPlans": [] }, { "skuId": "b", "disabledPlans": ["p"] }],
                    "removeLicenses": ["c"] })
            )]
        );
    }

    #[test]
    fn states_are_shown() {
        let states = json!([{ "skuId": "a", "state": "Active", "error": "None", "assignedByGroup": null }]);
        assert_eq!(
            read(states),
            json!([{ "value": "a", "type": "License", "state": "Active", "assignedByGroup": null }])
        );
        assert_eq!(
            read(json!([{ "skuId": "a", "disabledPlans": [] }])),
            json!([{ "value": "a", "disabledPlans": [] }])
        );
    }
}
