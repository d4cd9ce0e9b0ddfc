//! How an attribute is named: `name.givenName`, `urn:…:User:department`, `emails[type eq "work"].value`.
//! RFC 7644 sections 3.5.2 and 3.10.
//!
//! ```
//! # use scim::schema::{Attribute, ResourceType, Schema};
//! # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
//! #     attributes: &[Attribute::string("userName").required(), Attribute::boolean("active")] };
//! # static USERS: ResourceType =
//! #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
//! use scim::path::AttributePath;
//!
//! let path = AttributePath::parse("urn:ietf:params:scim:schemas:core:2.0:User:USERNAME").expect("it is well-formed");
//! let target = path.resolve(&USERS).expect("users have it");
//! assert!(target.leaf().required);
//! assert_eq!(target.path().to_string(), "userName");
//! ```

use std::fmt;

use crate::error::{Error, Result};
use crate::filter::{self, Filter};
use crate::schema::{Attribute, ResourceType, Schema};

/// The name of an attribute, without a value filter.
///
/// As parsed, it is what the client wrote; as resolved against a resource type, its parts are in canonical letter
/// case and `schema` is `None` for the main schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN of the schema; `None` for the main schema.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The part of a complex attribute.
    pub sub_attribute: Option<String>,
}

/// The target of a PATCH operation: an attribute and, for a multi-valued one, which of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute; with a filter, the sub-attribute is that of the selected values.
    pub attribute: AttributePath,
    /// Selects values of a multi-valued attribute; its paths are names of sub-attributes.
    pub filter: Option<Filter>,
}

/// An attribute path looked up in a resource type.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The extension that holds the attribute; `None` for the main schema.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The part of it that is meant.
    pub sub_attribute: Option<&'static Attribute>,
}

impl Target {
    /// The sub-attribute if one is named, else the attribute.
    pub fn leaf(&self) -> &'static Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }

    /// The path in canonical letter case.
    pub fn path(&self) -> AttributePath {
        AttributePath {
            schema: self.extension.map(|schema| schema.id.to_owned()),
            name: self.attribute.name.to_owned(),
            sub_attribute: self.sub_attribute.map(|sub| sub.name.to_owned()),
        }
    }
}

impl AttributePath {
    /// Parses the text by its form alone: the schema is what stands before the last colon.
    ///
    /// # Errors
    /// A sentence that says what is wrong; the caller knows whether that is `invalidFilter` or `invalidPath`.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) => (Some(schema), rest),
            None => (None, text),
        };
        let (name, sub_attribute) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let well_formed = is_name(name) && sub_attribute.is_none_or(is_name) && schema.is_none_or(is_urn);
        if !well_formed {
            return Err(format!("'{}' is not an attribute name such as name.givenName", shorten(text)));
        }
        Ok(Self {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }

    /// Looks the path up; `None` if the resource type has no such attribute.
    ///
    /// A name without URN that the main schema does not have is looked for in the extensions: Microsoft Entra asks for
    /// `manager eq "26118915"`. It must be in one only.
    pub fn resolve(&self, resource_type: &ResourceType) -> Option<Target> {
        let (extension, attribute) = resource_type.find(self.schema.as_deref(), &self.name)?;
        let sub_attribute = match self.sub_attribute.as_deref() {
            Some(name) => Some(attribute.sub_attribute(name)?),
            None => None,
        };
        Some(Target { extension, attribute, sub_attribute })
    }
}

impl Path {
    /// Parses a PATCH path and resolves it against the resource type.
    ///
    /// ```
    /// # use scim::schema::{Attribute, ResourceType, Schema};
    /// # static EMAIL: &[Attribute] = &[Attribute::string("value"), Attribute::string("type")];
    /// # static USER: Schema = Schema { id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "",
    /// #     attributes: &[Attribute::complex("emails", EMAIL).many()] };
    /// # static USERS: ResourceType =
    /// #     ResourceType { name: "User", endpoint: "/Users", description: "", schema: &USER, extensions: &[] };
    /// let path = scim::path::Path::parse(r#"EMAILS[Type eq "work"].value"#, &USERS)?;
    /// assert_eq!(path.to_string(), r#"emails[type eq "work"].value"#);
    /// # Ok::<(), scim::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalidPath` if it is not well-formed or names an unknown attribute, `invalidFilter` for its value filter.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self> {
        let (written, filter) = filter::parse_path(text)?;
        let target = written.resolve(resource_type).ok_or_else(|| unknown(text, resource_type))?;
        let Some(filter) = filter else {
            return Ok(Self { attribute: named(&target, written), filter: None });
        };
        if !target.attribute.multi_valued {
            let name = target.attribute.name;
            return Err(Error::invalid_path(format!("'{name}' has a single value: leave the [...] away")));
        }
        Ok(Self { attribute: target.path(), filter: Some(filter::resolve_values(&filter, target.attribute)?) })
    }

    /// Looks the attribute up.
    pub fn resolve(&self, resource_type: &ResourceType) -> Option<Target> {
        self.attribute.resolve(resource_type)
    }
}

impl From<AttributePath> for Path {
    fn from(attribute: AttributePath) -> Self {
        Self { attribute, filter: None }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_head(self, formatter)?;
        write_tail(self, formatter)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_head(&self.attribute, formatter)?;
        if let Some(filter) = &self.filter {
            write!(formatter, "[{filter}]")?;
        }
        write_tail(&self.attribute, formatter)
    }
}

fn write_head(path: &AttributePath, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &path.schema {
        Some(schema) => write!(formatter, "{schema}:{}", path.name),
        None => formatter.write_str(&path.name),
    }
}

fn write_tail(path: &AttributePath, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &path.sub_attribute {
        Some(sub) => write!(formatter, ".{sub}"),
        None => Ok(()),
    }
}

fn unknown(text: &str, resource_type: &ResourceType) -> Error {
    Error::invalid_path(format!("'{}' is not an attribute of {}", shorten(text), resource_type.name))
}

/// The path in canonical letter case; what the schema does not name stays as it is written.
fn named(target: &Target, written: AttributePath) -> AttributePath {
    let path = target.path();
    if target.attribute.open { AttributePath { schema: path.schema, ..written } } else { path }
}

/// ATTRNAME of RFC 7643 section 2.1, and `$ref`.
pub(crate) fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"))
        && text.len() > 4
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""'()[]<>\^`{|}"#.contains(&byte))
}

/// The beginning of what a client sent, so that a message stays short.
pub(crate) fn shorten(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
