//! Where the published data is known to be wrong.

/// A fact of the data that a page of the documentation contradicts. What the page allows is not a violation, but it
/// does not go unsaid: a use of it gets the warning `exception`.
#[derive(Debug)]
pub struct Exception {
    /// The type, as in `data/graph-v1.0.json`.
    pub type_name: &'static str,
    /// Its property.
    pub property: &'static str,
    /// The rule that would find a violation.
    pub rule: &'static str,
    /// Why it is none.
    pub reason: &'static str,
    /// The page that says so.
    pub source: &'static str,
}

/// All exceptions.
pub const EXCEPTIONS: &[Exception] = &[Exception {
    type_name: "microsoft.graph.user",
    property: "onPremisesExtensionAttributes",
    rule: "read-only-property",
    reason: "read-only for synchronised users alone: a cloud-only user's can be set when it is created or updated",
    source: "https://learn.microsoft.com/graph/api/resources/onpremisesextensionattributes",
}];

/// The exception to a rule for a property.
pub(crate) fn find(rule: &str, type_name: &str, property: &str) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|one| one.rule == rule && one.type_name == type_name && one.property == property)
}
