//! The connector of an identity governance product: it knows each attribute of a person by a path of its own, and
//! writes and reads them one by one. Elements are found by their type, and some attributes stand beside those of the
//! RFC.

use serde_json::{Value, json};

use crate::callers::{ENTERPRISE, USER, USERS, at, left_out, named, patch, read, typed, user};
use crate::harness::Server;

const ON_PREMISES: &str = "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User";

/// Each path, a value to create with, and one to change to.
fn attributes() -> Vec<(String, Value, Value)> {
    let text = |path: &str, value: &str| (path.to_owned(), json!(value), json!(format!("{value}2")));
    let pair = |path: &str, first: &str, second: &str| (path.to_owned(), json!(first), json!(second));
    let enterprise = |name: &str| format!("{ENTERPRISE}:{name}");
    let mut attributes = vec![
        ("active".to_owned(), json!(true), json!(false)),
        pair("userName", &named("governed"), &named("governed2")),
        text("displayName", "Gov Erned"),
        text("name.givenName", "Gov"),
        text("name.familyName", "Erned"),
        text("title", "Auditor"),
        pair("preferredLanguage", "en-GB", "de-CH"),
        text("externalId", "hr-7001"),
        pair("emails[type eq \"work\"].value", &named("governed"), &named("gov.erned")),
        text("phoneNumbers[type eq \"work\"].value", "+41 44 555 01 0"),
        text("phoneNumbers[type eq \"mobile\"].value", "+41 79 555 01 0"),
        text("phoneNumbers[type eq \"fax\"].value", "+41 44 555 02 0"),
        text("addresses[type eq \"work\"].streetAddress", "Bahnhofstrasse 1"),
        text("addresses[type eq \"work\"].postalCode", "8001"),
        text("addresses[type eq \"other\"].formatted", "Tower 3, floor 1"),
        text("city", "Zürich"),
        text("state", "ZH"),
        text("country", "Switzerland"),
        text("companyName", "Contoso"),
        pair("usageLocation", "CH", "NO"),
        text("employeeType", "Employee"),
        text("employeeOrgData.costCenter", "4711"),
        text("employeeOrgData.division", "Control"),
        pair("startDateTime", "2026-01-02T00:00:00Z", "2026-02-03T00:00:00Z"),
        pair("endDateTime", "2027-01-02T00:00:00Z", "2027-02-03T00:00:00Z"),
        text(&enterprise("department"), "Audit"),
        text(&enterprise("employeeNumber"), "E7001"),
        pair(
            &enterprise("manager.value"),
            "f6ede700-27d0-4c42-bfb9-4dffff43c74a",
            "ba76f586-9604-57a3-b94e-02d749c65171",
        ),
    ];
    let extension = |number: u8| format!("{ON_PREMISES}:onPremisesExtensionAttributes.extensionAttribute{number}");
    attributes.extend((1..=15).map(|number| text(&extension(number), &format!("value {number}"))));
    attributes
}

/// Where a value stands in a resource.
struct Place<'a> {
    schema: Option<&'a str>,
    attribute: &'a str,
    /// The type of the element.
    kind: Option<&'a str>,
    part: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        if let Some((attribute, rest)) = path.split_once("[type eq \"") {
            let (kind, part) = rest.split_once("\"].").unwrap();
            return Self { schema: None, attribute, kind: Some(kind), part: Some(part) };
        }
        let (schema, name) = path.rsplit_once(':').map_or((None, path), |(schema, name)| (Some(schema), name));
        let (attribute, part) = name.split_once('.').map_or((name, None), |(name, part)| (name, Some(part)));
        Self { schema, attribute, kind: None, part }
    }

    fn get<'r>(&self, resource: &'r Value) -> &'r Value {
        let container = self.schema.map_or(resource, |schema| &resource[schema]);
        match (self.kind, self.part) {
            (Some(kind), Some(part)) => &typed(container, self.attribute, kind)[part],
            (_, Some(part)) => &container[self.attribute][part],
            (_, None) => &container[self.attribute],
        }
    }

    fn put(&self, resource: &mut Value, value: Value) {
        let container = match self.schema {
            Some(schema) => &mut resource[schema],
            None => resource,
        };
        let attribute = &mut container[self.attribute];
        match (self.kind, self.part) {
            (Some(kind), Some(part)) => {
                if attribute.is_null() {
                    *attribute = json!([]);
                }
                let elements = attribute.as_array_mut().unwrap();
                match elements.iter_mut().find(|element| element["type"] == kind) {
                    Some(element) => element[part] = value,
                    None => elements.push(json!({ "type": kind, part: value })),
                }
            }
            (_, Some(part)) => attribute[part] = value,
            (_, None) => *attribute = value,
        }
    }
}

/// A user with the first value of each attribute.
fn governed() -> Value {
    let mut body = json!({ "schemas": [USER, ENTERPRISE, ON_PREMISES] });
    for (path, value, _) in attributes() {
        Place::of(&path).put(&mut body, value);
    }
    body
}

/// What is not as expected, all of it at once.
fn differences(resource: &Value, expected: impl IntoIterator<Item = (String, Value)>) -> Vec<String> {
    let shown = |(path, value): (String, Value)| {
        let found = Place::of(&path).get(resource);
        (*found != value).then(|| format!("{path}: {found} instead of {value}"))
    };
    expected.into_iter().filter_map(shown).collect()
}

/// A user is made with all attributes, and each is read under its own name: from the answer, by itself, and in a list.
#[test]
fn every_attribute_is_made() {
    let server = Server::sample();
    let made = server.post(USERS, &governed()).expect(201);
    let list = server.get(&format!("{USERS}?filter=externalId%20eq%20%22hr-7001%22")).expect(200);
    for user in [&made, &read(&server, &made), &list["Resources"][0]] {
        let expected = attributes().into_iter().map(|(path, value, _)| (path, value));
        assert_eq!(differences(user, expected), Vec::<String>::new(), "{user}");
    }
}

/// Each attribute is changed by its path alone, and read under its own name; the others stay as they were.
#[test]
fn every_attribute_is_changed() {
    let server = Server::sample();
    let user = server.post(USERS, &governed()).expect(201);
    let mut wrong = Vec::new();
    let mut expected: Vec<(String, Value)> = attributes().into_iter().map(|(path, value, _)| (path, value)).collect();
    for (index, (path, _, value)) in attributes().into_iter().enumerate() {
        let answer = patch(&server, &user, json!([{ "op": "replace", "path": path, "value": value }]));
        if answer.status != 200 {
            wrong.push(format!("{path}: {} {}", answer.status, answer.json()));
            continue;
        }
        expected[index].1 = value;
        wrong.extend(differences(&read(&server, &user), expected.clone()));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// All attributes put back changed, in one request.
#[test]
fn every_attribute_is_put() {
    let server = Server::sample();
    let user = server.post(USERS, &governed()).expect(201);
    let mut whole = read(&server, &user);
    for (path, _, value) in attributes() {
        Place::of(&path).put(&mut whole, value);
    }
    // Some properties have a second name, and what that says comes first; a connector that knows one name sends one.
    whole.as_object_mut().unwrap().remove("userType");
    let addresses = whole["addresses"].as_array_mut().unwrap().iter_mut();
    for address in addresses.filter(|address| address["type"] == "work") {
        address.as_object_mut().unwrap().retain(|part, _| !["locality", "region", "country"].contains(&part.as_str()));
    }
    server.put(&at(&user), &whole).expect(200);
    let expected = attributes().into_iter().map(|(path, _, value)| (path, value));
    let read = read(&server, &user);
    assert_eq!(differences(&read, expected), Vec::<String>::new(), "{read}");
}

/// The site is kept outside the directory, and returned when it is asked for.
#[test]
fn a_site_is_written_alone() {
    let server = Server::sample();
    let user = user(&server, "site");
    let site = "https://contoso-my.sharepoint.com/personal/site/";
    patch(&server, &user, json!([{ "op": "replace", "path": "profileUrl", "value": site }])).expect(200);
    let read = server.get(&format!("{}?attributes=profileUrl", at(&user))).expect(200);
    assert_eq!(read["profileUrl"], site, "{read}");
}

/// Graph wants such a property in a request of its own; the connector knows nothing of that.
#[test]
fn a_site_is_written_with_the_rest() {
    let server = Server::sample();
    let user = user(&server, "site");
    let site = "https://contoso-my.sharepoint.com/personal/site/";
    let changes = json!([{ "op": "replace", "value": { "profileUrl": site, "title": "Auditor" } }]);
    patch(&server, &user, changes).expect(200);
    let read = server.get(&format!("{}?attributes=profileUrl,title", at(&user))).expect(200);
    assert_eq!((&read["profileUrl"], &read["title"]), (&json!(site), &json!("Auditor")), "{read}");
}

/// The attributes of the connector for which Entra has nothing are told, one by one.
#[test]
fn what_entra_has_not_is_told() {
    let server = Server::sample();
    let user = user(&server, "told");
    for path in [
        "description",
        "name.middleName",
        "name.honorificSuffix",
        "phoneNumbers[type eq \"home\"].value",
        "phoneNumbers[type eq \"other\"].value",
    ] {
        let answer = patch(&server, &user, json!([{ "op": "replace", "path": path, "value": "x" }]));
        answer.expect(200);
        assert!(left_out(&answer).starts_with(path.trim_end_matches(".value")), "{path}: {:?}", answer.headers);
        assert!(Place::of(path).get(&read(&server, &user)).is_null(), "{path}");
    }
}
