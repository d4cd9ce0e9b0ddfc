//! Types and their properties.

use std::collections::BTreeMap;
use std::iter;

use super::data::{Property, TypeDefinition, TypeKind};
use super::{DIRECTORY_OBJECT, NAMESPACE};
use crate::text::{has_prefix, is_word};

/// The types by full name.
pub(super) struct Schema {
    types: BTreeMap<String, TypeDefinition>,
    /// Full names in lower case, with their spelling.
    spellings: BTreeMap<String, String>,
    /// The types that an object of the directory may have.
    directory_types: Vec<String>,
}

/// What a path of properties leads to.
pub(super) struct Target<'a> {
    /// The type, or that of the elements.
    pub(super) type_name: &'a str,
    /// The last property; `None` for what is not declared, for `$count`, and for a cast to another type.
    pub(super) property: Option<&'a Property>,
}

/// The type of what is not declared: anything goes.
const UNTYPED: &str = "Edm.Untyped";

impl Schema {
    pub(super) fn new(types: BTreeMap<String, TypeDefinition>) -> Self {
        let spellings = types.keys().map(|name| (name.to_lowercase(), name.clone())).collect();
        let mut schema = Self { types, spellings, directory_types: Vec::new() };
        let names = schema.types.keys().filter(|name| schema.is_subtype(name, DIRECTORY_OBJECT));
        schema.directory_types = names.cloned().collect();
        schema
    }

    pub(super) fn get(&self, name: &str) -> Option<&TypeDefinition> {
        self.types.get(name)
    }

    /// A type that has properties.
    pub(super) fn structured(&self, name: &str) -> Option<&TypeDefinition> {
        self.get(name).filter(|definition| definition.kind != TypeKind::Enum)
    }

    /// The spelling of a full name in any letter case.
    pub(super) fn spelling(&self, name: &str) -> Option<&str> {
        self.spellings.get(&name.to_lowercase()).map(String::as_str)
    }

    /// A type and those it is derived from, the nearest first.
    pub(super) fn chain<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a String, &'a TypeDefinition)> {
        let first = self.types.get_key_value(name);
        iter::successors(first, |(_, definition)| self.types.get_key_value(definition.base.as_ref()?))
    }

    pub(super) fn property(&self, type_name: &str, name: &str) -> Option<&Property> {
        self.chain(type_name).find_map(|(_, definition)| definition.properties.get(name))
    }

    /// The spelling of a property in any letter case.
    pub(super) fn similar(&self, type_name: &str, name: &str) -> Option<&str> {
        let mut names = self.chain(type_name).flat_map(|(_, definition)| definition.properties.keys());
        names.find(|one| one.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    /// Whether it may have properties that are not declared.
    pub(super) fn is_open(&self, type_name: &str) -> bool {
        self.chain(type_name).any(|(_, definition)| definition.open)
    }

    /// Whether it is that type or derived from it.
    pub(super) fn is_subtype(&self, type_name: &str, base: &str) -> bool {
        self.chain(type_name).any(|(name, _)| name == base)
    }

    /// Where a path such as `manager/id`, `assignedLicenses/*/skuId` or `memberOf/$count` leads; `None` where it names
    /// what does not exist. A type that the data does not have is not looked into.
    pub(super) fn walk<'a>(&'a self, type_name: &'a str, path: &str) -> Option<Target<'a>> {
        let mut target = Target { type_name, property: None };
        let mut is_inside = false;
        for segment in path.split('/').filter(|segment| !["", "*"].contains(segment)) {
            if segment == "$count" {
                return Some(Target { type_name: "Edm.Int32", property: None });
            }
            if has_prefix(segment, NAMESPACE) {
                target = Target { type_name: self.spelling(segment).unwrap_or_default(), property: None };
            } else if self.get(target.type_name).is_none() {
                return is_inside.then_some(Target { type_name: UNTYPED, property: None });
            } else if let Some(property) = self.property_or_derived(target.type_name, segment) {
                target = Target { type_name: &property.type_name, property: Some(property) };
            } else {
                let is_allowed = self.is_open(target.type_name) && (is_inside || is_extension(segment));
                return is_allowed.then_some(Target { type_name: UNTYPED, property: None });
            }
            is_inside = true;
        }
        is_inside.then_some(target)
    }

    /// A collection of objects of the directory may be asked for what only some of them have.
    fn property_or_derived(&self, type_name: &str, name: &str) -> Option<&Property> {
        let own = self.property(type_name, name);
        if own.is_some() || type_name != DIRECTORY_OBJECT {
            return own;
        }
        // Of those that have it, one says more if it says what can be filtered.
        let derived = || self.directory_types.iter().filter_map(|derived| self.property(derived, name));
        derived().find(|property| property.filter.is_some()).or_else(|| derived().next())
    }
}

impl Target<'_> {
    pub(super) fn is_untyped(&self) -> bool {
        self.type_name == UNTYPED
    }
}

/// Whether a name is that of a directory extension or of a schema extension: both have an underscore after letters and
/// digits, as in `extension_0123456789abcdef0123456789abcdef_costCentre` and `contoso_courses`.
pub(super) fn is_extension(name: &str) -> bool {
    name.split_once('_').is_some_and(|(owner, rest)| {
        let is_lower = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
        !owner.is_empty() && owner.chars().all(is_lower) && !rest.is_empty() && rest.chars().all(is_word)
    })
}
