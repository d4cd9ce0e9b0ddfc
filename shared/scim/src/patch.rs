//! PATCH: a list of changes to one resource. RFC 7644 section 3.5.2.
//!
//! [`parse`] turns the many shapes clients send into one: every [`Operation`] has a path, one attribute and a value of
//! its type. [`apply`] makes the changes, all of them or none.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::boolean("active")] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::patch;
//! use serde_json::json;
//!
//! let body = json!({ "schemas": [patch::PATCH_SCHEMA], "Operations": [
//!     { "op": "Replace", "path": "active", "value": "False" },
//!     { "op": "replace", "value": { "USERNAME": "bea" } },
//! ] });
//! let operations = patch::parse(&body, &USERS)?;
//! assert_eq!(operations[1].path.to_string(), "userName");
//! let mut user = json!({ "id": "1", "userName": "ann", "active": true });
//! assert!(patch::apply(&mut user, &operations, &USERS)?.changed);
//! assert_eq!((&user["userName"], &user["active"]), (&json!("bea"), &json!(false)));
//! # Ok::<(), scim::Error>(())
//! ```

mod apply;
mod parse;

use serde_json::Value;

use crate::path::Path;

pub use self::apply::{Applied, apply};
pub use self::parse::{parse, parse_noting};

/// The schema of a PATCH body.
pub const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The most operations in one request, also after those without a path are split by attribute.
pub const MAX_OPERATIONS: usize = 1_000;
/// The most removals that one operation with an array of values can ask for.
pub const MAX_REMOVALS: usize = 5_000;
/// The most values of an attribute when one without a name of its own (a text, or a `value`) is added to many.
pub const MAX_NAMELESS: usize = 1_000;

/// One change to one attribute, in canonical form.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where; names are in canonical letter case.
    pub path: Path,
    /// What with, of the attribute's type. A removal has one only for a multi-valued attribute of simple values: an
    /// array of those to remove.
    pub value: Option<Value>,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `add`: adds values to a multi-valued attribute, sets any other.
    Add,
    /// `remove`: takes the value away.
    Remove,
    /// `replace`: sets the value, whatever it was.
    Replace,
}

#[cfg(test)]
mod tests;
