//! What a resource may hold: attributes with their characteristics, schemas, resource types. RFC 7643 sections 2, 6, 7.
//!
//! Everything here is plain data that a `static` can hold, so that a table row stays short:
//!
//! ```
//! use scim::schema::{Attribute, Kind, Uniqueness};
//!
//! static USER_NAME: Attribute = Attribute::string("userName").required().unique(Uniqueness::Server);
//! assert_eq!(USER_NAME.kind, Kind::String);
//! ```

mod render;
mod resource_type;

pub use self::render::{RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA};
pub use self::resource_type::{COMMON, Extension, ResourceType};

/// One attribute and its characteristics (RFC 7643 section 2.2).
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The name in its canonical letter case.
    pub name: &'static str,
    /// The data type.
    pub kind: Kind,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether filters compare its strings by letter case.
    pub case_exact: bool,
    /// When it may change.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// How far its values are unique.
    pub uniqueness: Uniqueness,
    /// Suggested values, such as `work` and `home`.
    pub canonical_values: &'static [&'static str],
    /// Which resource types a reference may point to.
    pub reference_types: &'static [&'static str],
    /// The parts of a complex attribute.
    pub sub_attributes: &'static [Attribute],
    /// Whether it has a value whatever happens: it can get another one and never none.
    pub lasting: bool,
    /// Whether it is taken from clients and not kept: it is neither shown in the schema nor returned.
    pub unkept: bool,
    /// Whether it stands for all that its schema, or the attribute that it is a part of, does not name: the deployment
    /// has attributes that nobody knows beforehand, of any value. It is not shown in the schema.
    pub open: bool,
    /// A sentence for a person.
    pub description: &'static str,
}

/// Constructors: single-valued, optional, not caseExact, readWrite, returned by default, not unique.
impl Attribute {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            sub_attributes: &[],
            lasting: false,
            unkept: false,
            open: false,
            description: "",
        }
    }

    /// A string (RFC 7643 section 2.3.1).
    pub const fn string(name: &'static str) -> Self {
        Self::new(name, Kind::String)
    }

    /// A boolean (2.3.2).
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    /// A decimal number (2.3.3).
    pub const fn decimal(name: &'static str) -> Self {
        Self::new(name, Kind::Decimal)
    }

    /// An integer (2.3.4).
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    /// A point in time, RFC 3339 (2.3.5).
    pub const fn date_time(name: &'static str) -> Self {
        Self::new(name, Kind::DateTime)
    }

    /// Base64 data, caseExact (2.3.6).
    pub const fn binary(name: &'static str) -> Self {
        Self::new(name, Kind::Binary).case_exact()
    }

    /// A URI, caseExact, that points to `reference_types` (2.3.7).
    pub const fn reference(name: &'static str, reference_types: &'static [&'static str]) -> Self {
        let mut attribute = Self::new(name, Kind::Reference).case_exact();
        attribute.reference_types = reference_types;
        attribute
    }

    /// An object of named parts, none of them complex (2.3.8).
    pub const fn complex(name: &'static str, sub_attributes: &'static [Attribute]) -> Self {
        let mut attribute = Self::new(name, Kind::Complex);
        attribute.sub_attributes = sub_attributes;
        attribute
    }
}

/// Changes to what the constructors assume; each takes and returns the attribute.
impl Attribute {
    /// An array of such values.
    pub const fn many(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// A resource must have it.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Filters compare by letter case.
    pub const fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// Only the service sets it.
    pub const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    /// It is set once.
    pub const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    /// It is never shown, as a password is: writeOnly and returned `never`.
    pub const fn write_only(mut self) -> Self {
        self.mutability = Mutability::WriteOnly;
        self.returned = Returned::Never;
        self
    }

    /// When it is returned.
    pub const fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// How far its values are unique.
    pub const fn unique(mut self, uniqueness: Uniqueness) -> Self {
        self.uniqueness = uniqueness;
        self
    }

    /// The values that are suggested.
    pub const fn canonical(mut self, values: &'static [&'static str]) -> Self {
        self.canonical_values = values;
        self
    }

    /// It has a value whatever happens.
    ///
    /// Other than a required one, a client need not send it: the service makes it up.
    pub const fn lasting(mut self) -> Self {
        self.lasting = true;
        self
    }

    /// It is taken from clients and not kept, because what the RFC defines is sent by clients that cannot know better.
    pub const fn unkept(mut self) -> Self {
        self.unkept = true;
        self.returned = Returned::Never;
        self
    }

    /// It stands for all that is not named, and comes only on request.
    pub const fn open(mut self) -> Self {
        self.open = true;
        self.returned = Returned::Request;
        self
    }

    /// The sentence for a person.
    pub const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }
}

impl Attribute {
    /// The part of a complex attribute with this name, in any letter case.
    pub fn sub_attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.sub_attributes, name)
    }

    /// The `value` part that stands for the whole in `emails co "x"` and in `"manager": "26118915"`.
    pub fn value_attribute(&self) -> Option<&'static Attribute> {
        self.sub_attribute("value")
    }
}

/// The data types of RFC 7643 section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `string`
    String,
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `decimal`
    Decimal,
    /// `dateTime`
    DateTime,
    /// `reference`
    Reference,
    /// `complex`
    Complex,
    /// `binary`
    Binary,
}

/// When an attribute may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// `readOnly`: never by a client.
    ReadOnly,
    /// `readWrite`: at any time.
    ReadWrite,
    /// `immutable`: only while it has no value.
    Immutable,
    /// `writeOnly`: at any time, and it is not shown.
    WriteOnly,
}

/// When an attribute is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// `always`: whatever the client asks for.
    Always,
    /// `default`: unless the client asks for others.
    Default,
    /// `request`: only if the client asks for it.
    Request,
    /// `never`: not even if asked for.
    Never,
}

/// How far the values of an attribute are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// `none`
    None,
    /// `server`: among the resources of this service.
    Server,
    /// `global`: everywhere.
    Global,
}

/// A named set of attributes (RFC 7643 section 7).
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The URN.
    pub id: &'static str,
    /// The short name, such as `User`.
    pub name: &'static str,
    /// A sentence for a person.
    pub description: &'static str,
    /// The attributes, without those that every resource has.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// Whether it has attributes that it does not name.
    pub fn is_open(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.open)
    }

    /// The attribute with this name, in any letter case.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name)
    }
}

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    let named = |attribute: &&Attribute| attribute.name.eq_ignore_ascii_case(name) && !attribute.open;
    attributes.iter().find(named).or_else(|| attributes.iter().find(|attribute| attribute.open))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Attribute, Extension, ResourceType, Schema};
    use crate::filter::Filter;
    use crate::fixtures::{ENTERPRISE, USERS};
    use crate::path::Path;
    use crate::resource::Incoming;

    #[test]
    fn ok_lookup_in_any_letter_case() {
        assert_eq!(USERS.attribute("USERNAME").map(|attribute| attribute.name), Some("userName"));
        assert_eq!(USERS.attribute("Meta").map(|attribute| attribute.name), Some("meta"));
        assert_eq!(USERS.extension(&ENTERPRISE.to_lowercase()).map(|schema| schema.id), Some(ENTERPRISE));
        assert!(USERS.attribute("shoeSize").is_none() && USERS.attribute("department").is_none());
        assert_eq!(USERS.attributes().filter(|attribute| attribute.name == "id").count(), 1);
    }

    #[test]
    fn ok_every_characteristic_is_shown() {
        let schema = USERS.schema.to_value("https://example.com/Schemas/x");
        assert_eq!(
            schema["attributes"][0],
            json!({
                "name": "userName", "type": "string", "multiValued": false, "description": "", "required": true,
                "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "server",
            })
        );
        let emails =
            schema["attributes"].as_array().into_iter().flatten().find(|attribute| attribute["name"] == "emails");
        assert_eq!(emails.map(|emails| &emails["subAttributes"][1]["canonicalValues"]), Some(&json!(["work", "home"])));
        assert_eq!(schema["meta"], json!({ "resourceType": "Schema", "location": "https://example.com/Schemas/x" }));
    }

    #[test]
    fn ok_a_resource_type_names_its_extensions() {
        let resource_type = USERS.to_value("https://example.com/ResourceTypes/User");
        assert_eq!((&resource_type["id"], &resource_type["endpoint"]), (&json!("User"), &json!("/Users")));
        assert_eq!(resource_type["schemaExtensions"][0], json!({ "schema": ENTERPRISE, "required": false }));
    }

    #[test]
    fn ok_an_open_schema_takes_any_name() {
        static PART: &[Attribute] = &[Attribute::complex("part", &[]).open()];
        static OPEN: Schema = Schema {
            id: "urn:x:open",
            name: "Open",
            description: "",
            attributes: &[Attribute::complex("set", PART).open()],
        };
        static TYPE: ResourceType = ResourceType {
            extensions: &[Extension { schema: &OPEN, required: false }],
            ..ResourceType { name: "T", endpoint: "/T", description: "", schema: USERS.schema, extensions: &[] }
        };
        let path = Path::parse("urn:x:OPEN:Sales.Region", &TYPE).unwrap();
        assert_eq!(path.to_string(), "urn:x:open:Sales.Region");
        assert!(Path::parse("Sales.Region", &TYPE).is_err());
        assert!(Filter::parse("urn:x:open:Sales.Region eq \"x\"").unwrap().resolve(&TYPE).is_err());
        let body =
            json!({ "schemas": [USERS.schema.id], "userName": "a", "URN:X:open": { "Sales": { "Region": [1] } } });
        let resource = Incoming::read(&body, &TYPE).unwrap().resource;
        assert_eq!(resource["urn:x:open"], json!({ "Sales": { "Region": [1] } }));
        assert_eq!(OPEN.to_value("https://h")["attributes"], json!([]));
    }
}
