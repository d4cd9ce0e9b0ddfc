//! Bulk: many changes in one request. RFC 7644 section 3.7.
//!
//! [`parse`] reads the request; what is wrong with a single operation becomes the result of that operation alone. A
//! [`Schedule`] then hands out the operations in waves: all of a wave can run at once, with the ids of what earlier
//! waves created in place of `bulkId:…`. What came of each is recorded, and at the end there is the response.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static MEMBER: &[Attribute] = &[Attribute::string("value")];
//! # static GROUP: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:Group", name: "Group", description: "",
//! #     attributes: &[Attribute::string("displayName"), Attribute::complex("members", MEMBER).many()] };
//! # static GROUPS: ResourceType =
//! #     ResourceType { name: "Group", endpoint: "/Groups", description: "", schema: &GROUP, extensions: &[] };
//! use scim::bulk::{self, Outcome, Schedule};
//! use serde_json::json;
//!
//! let body = json!({ "schemas": [bulk::REQUEST_SCHEMA], "Operations": [
//!     { "method": "POST", "path": "/Groups", "bulkId": "all", "data": { "members": [{ "value": "bulkId:some" }] } },
//!     { "method": "POST", "path": "/Groups", "bulkId": "some", "data": { "displayName": "Some" } },
//! ] });
//! let mut schedule = Schedule::new(bulk::parse(body, &[&GROUPS], 1000)?);
//! let mut created = 0;
//! loop {
//!     let wave = schedule.next_wave();
//!     if wave.is_empty() {
//!         break;
//!     }
//!     for step in wave {
//!         created += 1;
//!         let id = Some(format!("g{created}"));
//!         schedule.record(step.index, Outcome { status: 201, id, ..Outcome::default() });
//!     }
//! }
//! let response = schedule.into_response("https://example.com/v2");
//! assert_eq!(response["Operations"][0]["location"], "https://example.com/v2/Groups/g2");
//! assert_eq!(response["Operations"][1]["status"], "201");
//! # Ok::<(), scim::Error>(())
//! ```

mod circle;
mod footprint;
mod parse;
mod reference;
mod response;
mod schedule;

use std::fmt;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::schema::ResourceType;

pub use self::parse::parse;
pub use self::schedule::{Schedule, Step};

/// The schema of a Bulk request.
pub const REQUEST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The schema of a Bulk response.
pub const RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A Bulk request as read.
#[derive(Clone, Debug)]
pub struct Request {
    /// After how many errors to stop; `None` to go on whatever fails.
    pub fail_on_errors: Option<usize>,
    /// The operations in the client's order.
    pub entries: Vec<Entry>,
}

/// One element of `Operations`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The method as written, for the response.
    pub method: Option<String>,
    /// The `bulkId`, for the response.
    pub bulk_id: Option<String>,
    /// The path of the resource that it names, for the response.
    pub path: Option<String>,
    /// What to do, or why it cannot be done.
    pub operation: Result<Operation>,
}

/// One operation: the request that it stands for.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What to do.
    pub method: Method,
    /// What kind of resource it is about.
    pub resource_type: &'static ResourceType,
    /// The resource; `None` for a POST.
    pub id: Option<String>,
    /// The name that other operations can give to what a POST creates.
    pub bulk_id: Option<String>,
    /// The version the resource must be at, as in an `If-Match` header.
    pub version: Option<String>,
    /// The body of a POST, PUT or PATCH; null for a DELETE.
    pub data: Value,
}

/// The methods that an operation can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `POST`: creates a resource.
    Post,
    /// `PUT`: replaces a resource.
    Put,
    /// `PATCH`: changes part of a resource.
    Patch,
    /// `DELETE`: deletes a resource.
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The word in a request, as HTTP has it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method with this word, in any letter case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.keyword().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.keyword())
    }
}

/// What came of an operation: what the response to the single request would have said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The HTTP status.
    pub status: u16,
    /// The id of the resource; a POST that succeeded must have it for others to refer to the resource.
    pub id: Option<String>,
    /// The absolute URL of the resource; it is made from the id where it is missing.
    pub location: Option<String>,
    /// The version of the resource, as in the `ETag` header.
    pub version: Option<String>,
    /// The body; an error must have one.
    pub response: Option<Value>,
}

impl Outcome {
    /// Whether the operation did what it should.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl From<&Error> for Outcome {
    fn from(error: &Error) -> Self {
        Self { status: error.status, response: Some(error.to_value()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
