//! Lists of resources: what a client asks for, and the message it gets. RFC 7644 section 3.4.2, RFC 9865.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::boolean("active")] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::list::{ListResponse, Query, Start};
//! use serde_json::json;
//!
//! let query = Query::parse([("filter", "ACTIVE eq \"True\""), ("startIndex", "0"), ("count", "10")], &USERS)?;
//! assert_eq!(query.filter.map(|filter| filter.to_string()).as_deref(), Some("active eq true"));
//! assert_eq!((query.start, query.count), (Start::Index(1), Some(10)));
//!
//! let list = ListResponse { total_results: Some(1), start_index: Some(1), ..ListResponse::default() };
//! assert_eq!(list.to_value(vec![json!({ "id": "1" })])["itemsPerPage"], 1);
//! # Ok::<(), scim::Error>(())
//! ```

mod parameters;
mod query;
mod search;

use serde_json::{Map, Value, json};

pub use self::parameters::SEARCH_SCHEMA;
pub use self::query::{Query, Sort, Start};
pub use self::search::Search;

/// The schema of a list.
pub const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What a list says beside its resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListResponse {
    /// How many resources match in all; `None` if that cannot be told (RFC 9865 section 2).
    pub total_results: Option<u64>,
    /// The position of the first resource, from 1; `None` when paging by cursor.
    pub start_index: Option<u64>,
    /// The cursor of the next page; `None` on the last.
    pub next_cursor: Option<String>,
    /// The cursor of the page before; `None` on the first.
    pub previous_cursor: Option<String>,
}

impl ListResponse {
    /// What stands before the first resource of a list that is written piece by piece.
    pub const HEADER: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":["#;

    /// The message.
    pub fn to_value(&self, resources: Vec<Value>) -> Value {
        let mut members = self.counts(resources.len() as u64);
        members.insert("schemas".to_owned(), json!([LIST_SCHEMA]));
        members.insert("Resources".to_owned(), Value::Array(resources));
        Value::Object(members)
    }

    /// What stands after the last resource; resources are joined by commas.
    ///
    /// ```
    /// use scim::list::ListResponse;
    ///
    /// let list = ListResponse { total_results: Some(7), start_index: Some(1), ..ListResponse::default() };
    /// let text = format!("{}{}{}", ListResponse::HEADER, r#"{"id":"1"},{"id":"2"}"#, list.footer(2));
    /// let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    /// assert_eq!(value["itemsPerPage"], 2);
    /// assert_eq!(value["Resources"][1]["id"], "2");
    /// ```
    pub fn footer(&self, items_per_page: u64) -> String {
        let counts = Value::Object(self.counts(items_per_page)).to_string();
        // The object's own opening brace gives way to the end of the array.
        format!("],{}", counts.strip_prefix('{').unwrap_or(&counts))
    }

    /// The whole message around resources that are rendered already.
    pub fn write<T: AsRef<[u8]>>(&self, resources: impl IntoIterator<Item = T>) -> Vec<u8> {
        let mut bytes = Self::HEADER.as_bytes().to_vec();
        let mut count = 0;
        for resource in resources {
            if count > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(resource.as_ref());
            count += 1;
        }
        bytes.extend_from_slice(self.footer(count).as_bytes());
        bytes
    }

    fn counts(&self, items_per_page: u64) -> Map<String, Value> {
        let numbers = [("totalResults", self.total_results), ("startIndex", self.start_index)];
        let cursors = [("nextCursor", &self.next_cursor), ("previousCursor", &self.previous_cursor)];
        let mut members = Map::from_iter([("itemsPerPage".to_owned(), items_per_page.into())]);
        for (name, number) in numbers {
            members.extend(number.map(|number| (name.to_owned(), number.into())));
        }
        for (name, cursor) in cursors {
            members.extend(cursor.as_ref().map(|cursor| (name.to_owned(), cursor.as_str().into())));
        }
        members
    }
}

#[cfg(test)]
mod tests;
