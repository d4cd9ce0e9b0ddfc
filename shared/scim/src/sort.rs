//! The order of a list: `sortBy` and `sortOrder`. RFC 7644 section 3.4.2.3.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static NAME: &[Attribute] = &[Attribute::string("familyName")];
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::complex("name", NAME)] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::{list::Query, sort};
//! use serde_json::json;
//!
//! let query = Query::parse([("sortBy", "name.familyName")], &USERS)?;
//! let mut users = vec![json!({ "id": "1", "name": { "familyName": "b" } }), json!({ "id": "2" }),
//!     json!({ "id": "3", "name": { "familyName": "A" } })];
//! if let Some(order) = &query.sort {
//!     sort::sort(&mut users, order, &USERS);
//! }
//! assert_eq!(users.iter().map(|user| &user["id"]).collect::<Vec<_>>(), ["3", "1", "2"]);
//! # Ok::<(), scim::Error>(())
//! ```

use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset};
use serde_json::{Number, Value};

use crate::list::Sort;
use crate::schema::{Attribute, Kind, ResourceType, Returned};
use crate::value::{boolean, date_time, element_part, lookup};

/// Sorts resources of one type; those with equal values stay in their order.
pub fn sort(resources: &mut [Value], sort: &Sort, resource_type: &ResourceType) {
    resources.sort_by_cached_key(|resource| key(resource, sort, resource_type));
}

/// What decides the place of a resource among others that are sorted alike; lesser comes first.
///
/// Of several values the primary counts, else the first. A resource without a value, or of a type that does not have
/// the attribute, comes last, in descending order first.
pub fn key(resource: &Value, sort: &Sort, resource_type: &ResourceType) -> Key {
    Key { content: content(resource, sort, resource_type), descending: sort.descending }
}

/// The place of a resource in a list; keys of one [`Sort`] are to be compared with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    content: Option<Content>,
    descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Boolean(bool),
    Number(Size),
    Time(DateTime<FixedOffset>),
    Text(String),
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = match (&self.content, &other.content) {
            (Some(content), Some(other)) => content.cmp(other),
            // What has no value is the greatest.
            (content, other) => content.is_none().cmp(&other.is_none()),
        };
        if self.descending { ascending.reverse() } else { ascending }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number by its size; the whole part tells large integers apart that are the same as floating-point numbers.
#[derive(Clone, Copy, Debug)]
struct Size {
    float: f64,
    whole: i128,
}

impl Size {
    fn of(number: &Number) -> Option<Self> {
        // Adding zero makes the negative zero the other one.
        let float = number.as_f64()? + 0.0;
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        Some(Self { float, whole: whole.unwrap_or(float as i128) })
    }
}

impl Ord for Size {
    fn cmp(&self, other: &Self) -> Ordering {
        self.float.total_cmp(&other.float).then(self.whole.cmp(&other.whole))
    }
}

impl PartialOrd for Size {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Size {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Size {}

fn content(resource: &Value, sort: &Sort, resource_type: &ResourceType) -> Option<Content> {
    let (attribute, value) = lookup(&sort.by, resource, resource_type)?;
    let element = match value {
        Value::Array(items) => items.iter().find(|item| is_primary(item)).or_else(|| items.first())?,
        single => single,
    };
    // The order would tell what is never returned.
    if attribute.returned == Returned::Never {
        return None;
    }
    let name = sort.by.sub_attribute.as_deref().or((attribute.kind == Kind::Complex).then_some("value"));
    match name {
        Some(name) => typed(attribute.sub_attribute(name)?, element_part(element, name)?),
        None => typed(attribute, element),
    }
}

fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(boolean) == Some(true)
}

fn typed(attribute: &Attribute, value: &Value) -> Option<Content> {
    match (attribute.kind, value) {
        (Kind::Boolean, value) => boolean(value).map(Content::Boolean),
        (Kind::Integer | Kind::Decimal, Value::Number(number)) => Size::of(number).map(Content::Number),
        (Kind::DateTime, Value::String(text)) => date_time(text).map(Content::Time),
        (Kind::String | Kind::Reference | Kind::Binary, Value::String(text)) if !text.is_empty() => {
            Some(Content::Text(if attribute.case_exact { text.clone() } else { text.to_lowercase() }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::fixtures::{ENTERPRISE, USERS};
    use crate::list::Query;

    fn order(by: &str, descending: bool) -> Sort {
        let order = if descending { "descending" } else { "ascending" };
        Query::parse([("sortBy", by), ("sortOrder", order)], &USERS).unwrap().sort.unwrap()
    }

    /// The ids after sorting resources that hold the given members.
    fn sorted(by: &str, descending: bool, resources: &[Value]) -> String {
        let mut resources = resources.to_vec();
        for (index, resource) in resources.iter_mut().enumerate() {
            resource["id"] = json!(index.to_string());
        }
        sort(&mut resources, &order(by, descending), &USERS);
        resources.iter().map(|resource| resource["id"].as_str().unwrap()).collect()
    }

    fn check(by: &str, resources: &[Value], ascending: &str, descending: &str) {
        assert_eq!(sorted(by, false, resources), ascending, "{by}");
        assert_eq!(sorted(by, true, resources), descending, "{by} descending");
    }

    #[test]
    fn ok_the_type_and_its_case_rule_decide() {
        let all = |name: &str, values: &[Value]| values.iter().map(|value| json!({ name: value })).collect::<Vec<_>>();
        check("title", &all("title", &[json!("b"), json!("C"), json!("a"), json!("É")]), "2013", "3102");
        check("externalId", &all("externalId", &[json!("b"), json!("C"), json!("a")]), "120", "021");
        check("active", &all("active", &[json!(true), json!(false), json!("True")]), "102", "021");
        check("logins", &all("logins", &[json!(10), json!(9), json!(-1), json!(9.5)]), "2130", "0312");
        let large = [json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), json!(u64::MAX), json!(1e300)];
        check("logins", &all("logins", &large), "1023", "3201");
        let times = ["2026-05-13T06:00:00+02:00", "2026-05-13T05:00:00Z", "2026-05-13T03:59:59.5Z"];
        let times = times.map(|time| json!({ "meta": { "lastModified": time } }));
        check("META.lastmodified", &times, "201", "102");
    }

    #[test]
    fn ok_without_a_value_last_and_first() {
        let titles = [
            json!({}),
            json!({ "title": "b" }),
            json!({ "title": null }),
            json!({ "title": "a" }),
            json!({ "title": "" }),
        ];
        check("title", &titles, "31024", "02413");
        check(
            "emails",
            &[json!({ "emails": [] }), json!({ "emails": [{ "value": "a" }] }), json!({ "emails": [{}] })],
            "102",
            "021",
        );
    }

    #[test]
    fn ok_parts_extensions_and_several_values() {
        let names = [json!({ "name": { "familyName": "b" } }), json!({ "name": { "familyName": "a" } })];
        check("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", &names, "10", "01");
        let managers = [
            json!({ ENTERPRISE: { "manager": { "value": "m2" } } }),
            json!({ ENTERPRISE: { "manager": { "value": "m1" } } }),
        ];
        check(&format!("{ENTERPRISE}:manager"), &managers, "10", "01");
        check(&format!("{ENTERPRISE}:manager.value"), &managers, "10", "01");
        let emails = [
            json!({ "emails": [{ "value": "a" }, { "value": "z", "primary": true }] }),
            json!({ "emails": [{ "value": "m", "type": "home" }, { "value": "b" }] }),
        ];
        check("emails", &emails, "10", "01");
        check("emails.value", &emails, "10", "01");
        check("emails.type", &emails, "10", "01");
        check("tags", &[json!({ "tags": ["b", "a"] }), json!({ "tags": ["a", "c"] })], "10", "01");
    }

    fn any_resource() -> impl Strategy<Value = Value> {
        let title =
            prop_oneof![Just(json!(null)), "[aAbB]{0,2}".prop_map(Value::from), any::<i64>().prop_map(Value::from)];
        let number = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from)
        ];
        (title, number).prop_map(|(title, number)| json!({ "title": title, "logins": number, "score": number }))
    }

    proptest! {
        #[test]
        fn property_a_sorted_list_is_a_permutation_in_order(
            resources in proptest::collection::vec(any_resource(), 0..20),
            by in "title|logins|score|active",
            descending: bool,
        ) {
            let order = order(&by, descending);
            let mut sorted = resources.clone();
            sort(&mut sorted, &order, &USERS);
            prop_assert!(sorted.is_sorted_by_key(|resource| key(resource, &order, &USERS)));
            let texts = |resources: &[Value]| {
                let mut texts = resources.iter().map(Value::to_string).collect::<Vec<_>>();
                texts.sort_unstable();
                texts
            };
            prop_assert_eq!(texts(&sorted), texts(&resources));
            let once = sorted.clone();
            sort(&mut sorted, &order, &USERS);
            prop_assert_eq!(sorted, once);
        }
    }
}
