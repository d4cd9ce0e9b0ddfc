//! The parts of attributes that several resource types have.

use scim::schema::{Attribute, Returned};

/// The types of what can be in a group, or own something.
const TYPES: &[&str] = &["User", "Group", "ServicePrincipal", "Contact", "Device"];

/// Those of a relationship that clients change.
pub(crate) static LINKED: &[Attribute] = &[
    Attribute::string("value").case_exact().immutable().describe("The id"),
    Attribute::reference("$ref", TYPES).immutable().describe("The address of the resource"),
    Attribute::string("type").canonical(TYPES).immutable().describe("The type of the resource; Entra knows it itself"),
    Attribute::string("display").read_only().returned(Returned::Request).describe("The display name"),
];

/// Those of a relationship that is only shown.
pub(crate) static SHOWN: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id"),
    Attribute::reference("$ref", TYPES).read_only().describe("The address of the resource"),
    Attribute::string("type").canonical(TYPES).read_only().describe("The type of the resource"),
    Attribute::string("display").read_only().describe("The display name"),
];

/// Those of a relationship with groups that is only shown.
pub(crate) static GROUP_LINK: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id of the group"),
    Attribute::reference("$ref", &["Group"]).read_only().describe("The address of the group's resource"),
    Attribute::string("display").read_only().describe("The group's display name"),
];

/// Those of a relationship with one object that is only shown.
pub(crate) static REFERENCE: &[Attribute] = &[
    Attribute::string("value").case_exact().read_only().describe("The id"),
    Attribute::reference("$ref", TYPES).read_only().describe("The address of the resource"),
    Attribute::string("displayName").read_only().describe("The display name"),
];
