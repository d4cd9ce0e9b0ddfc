//! Objects that Graph makes by an action, such as an application out of a template.

use serde_json::{Map, Value};

/// How an object is made where that is not a `POST` to its collection.
///
/// What is left of the body when this was taken out of it is written to the new object afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Creation {
    /// The path of the action, below `/v1.0`.
    pub path: String,
    /// Its body.
    pub body: Map<String, Value>,
    /// Where the answer has the new object, as a JSON pointer; empty where the answer is the object.
    pub object: &'static str,
    /// What is made with it and written too.
    pub companions: Vec<Companion>,
}

/// Another object that was made by the same action.
#[derive(Clone, Debug, PartialEq)]
pub struct Companion {
    /// Where the answer has it, as a JSON pointer.
    pub object: &'static str,
    /// The collection that it is in.
    pub collection: &'static str,
    /// The permission to write to it.
    pub permission: &'static str,
    /// What is written to it.
    pub body: Map<String, Value>,
}
