//! What an endpoint serves, and what every resource has. RFC 7643 sections 3.1 and 6.

use super::{Attribute, Returned, Schema, Uniqueness, find};

/// A schema that adds attributes to those of a resource type.
#[derive(Clone, Copy, Debug)]
pub struct Extension {
    /// The schema; its URN is the member that holds its attributes.
    pub schema: &'static Schema,
    /// Whether a resource must carry it.
    pub required: bool,
}

/// What an endpoint serves (RFC 7643 section 6).
#[derive(Clone, Copy, Debug)]
pub struct ResourceType {
    /// The name, such as `User`; also its id and what `meta.resourceType` says.
    pub name: &'static str,
    /// The path below the base URL, such as `/Users`.
    pub endpoint: &'static str,
    /// A sentence for a person.
    pub description: &'static str,
    /// The main schema.
    pub schema: &'static Schema,
    /// The extensions a resource may carry.
    pub extensions: &'static [Extension],
}

impl ResourceType {
    /// The extension schema with this URN, in any letter case.
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().map(|extension| extension.schema).find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The attribute of the main schema, or one of [`COMMON`], with this name in any letter case.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.schema.attribute(name).or_else(|| find(COMMON, name))
    }

    /// The attribute of the schema with this URN, and the extension it is in; without a URN that of the main schema, or
    /// of the only extension that has one of this name.
    pub(crate) fn find(&self, urn: Option<&str>, name: &str) -> Option<(Option<&'static Schema>, &'static Attribute)> {
        if let Some(urn) = urn.filter(|urn| !urn.eq_ignore_ascii_case(self.schema.id)) {
            let schema = self.extension(urn)?;
            return Some((Some(schema), schema.attribute(name)?));
        }
        if let Some(attribute) = self.attribute(name) {
            return Some((None, attribute));
        }
        let named = |schema: &'static Schema| schema.attribute(name).filter(|attribute| !attribute.open);
        let in_extension = |extension: &Extension| Some((Some(extension.schema), named(extension.schema)?));
        let mut found = self.extensions.iter().filter(|_| urn.is_none()).filter_map(in_extension);
        found.next().filter(|_| found.next().is_none())
    }

    /// Every top-level attribute: first those every resource has, then those of the main schema.
    pub fn attributes(&self) -> impl Iterator<Item = &'static Attribute> {
        let schema = self.schema;
        COMMON.iter().filter(|common| schema.attribute(common.name).is_none()).chain(schema.attributes)
    }
}

/// The attributes every resource has (RFC 7643 section 3.1), unless its schema says otherwise.
///
/// `schemas` is not caseExact since URNs are compared without regard to letter case.
pub static COMMON: &[Attribute] = &[
    Attribute::reference("schemas", &["uri"]).many().required().any_case().returned(Returned::Always),
    Attribute::string("id").case_exact().read_only().returned(Returned::Always).unique(Uniqueness::Server),
    Attribute::string("externalId").case_exact(),
    Attribute::complex("meta", META).read_only(),
];

static META: &[Attribute] = &[
    Attribute::string("resourceType").case_exact().read_only(),
    Attribute::date_time("created").read_only(),
    Attribute::date_time("lastModified").read_only(),
    Attribute::reference("location", &["uri"]).read_only(),
    Attribute::string("version").case_exact().read_only(),
];

impl Attribute {
    const fn any_case(mut self) -> Self {
        self.case_exact = false;
        self
    }
}
