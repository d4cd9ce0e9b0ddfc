//! The table of users: a row for each pair of SCIM attribute and Graph property.

use crate::schema::{ENTERPRISE, ENTRA, ON_PREMISES};

/// Stands for the property that a deployment chooses for `externalId`.
pub(crate) const EXTERNAL_ID: &str = "{externalId}";

/// One SCIM attribute and the Graph property behind it.
#[derive(Debug)]
pub struct Row {
    /// The URN of the extension, or `None` for the core schema.
    pub schema: Option<&'static str>,
    /// The attribute's name.
    pub attribute: &'static str,
    /// The `type` of the element, where the attribute is multi-valued.
    pub element: Option<&'static str>,
    /// The sub-attribute's name, where the attribute is complex.
    pub sub_attribute: Option<&'static str>,
    /// The property of Graph.
    pub property: Property,
}

/// A property of a Graph user.
#[derive(Debug)]
pub struct Property {
    /// Its name, or a path such as `employeeOrgData/costCenter`.
    pub path: &'static str,
    /// How its value and SCIM's relate.
    pub shape: Shape,
    /// What `$filter` can do with it.
    pub filter: Capability,
    /// What may be done with it besides reading.
    pub access: Access,
}

/// How a Graph value and a SCIM value relate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// The same value.
    Single,
    /// Graph keeps an array of at most one, SCIM a single value.
    First,
    /// Each item of Graph's array that starts with the prefix is an element of SCIM's.
    Many(&'static str),
    /// The navigation property `manager`, read by `$expand` and written by reference.
    Manager,
}

/// What `$filter` can do with a property (the tables of Graph's "advanced query capabilities on directory objects").
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Capability {
    /// It cannot be filtered.
    No,
    /// `eq` as it is.
    Equals,
    /// `eq` and `startsWith` as they are.
    StartsWith,
    /// `eq` as an advanced query (`ConsistencyLevel: eventual` and `$count=true`).
    AdvancedEquals,
    /// `eq` and `startsWith` as advanced queries.
    AdvancedStartsWith,
}

/// What may be done with a property besides reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// It can be set and cleared.
    Write,
    /// It can be set, and Graph refuses null.
    Keep,
    /// Graph alone sets it.
    Read,
}

impl Row {
    const fn new(schema: Option<&'static str>, attribute: &'static str, property: Property) -> Self {
        Self { schema, attribute, element: None, sub_attribute: None, property }
    }

    const fn element(mut self, element: &'static str, sub_attribute: &'static str) -> Self {
        self.element = Some(element);
        self.sub_attribute = Some(sub_attribute);
        self
    }

    const fn sub(mut self, sub_attribute: &'static str) -> Self {
        self.sub_attribute = Some(sub_attribute);
        self
    }

    /// The SCIM path without value filters, as a projection names it.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.schema.map_or_else(String::new, |schema| format!("{schema}:"));
        path.push_str(self.attribute);
        if let Some(sub_attribute) = self.sub_attribute {
            path.push('.');
            path.push_str(sub_attribute);
        }
        path
    }
}

impl Property {
    const fn with(path: &'static str, filter: Capability) -> Self {
        Self { path, shape: Shape::Single, filter, access: Access::Write }
    }

    const fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The property that `$select` names: the first part of the path.
    #[must_use]
    pub fn root(&self) -> &'static str {
        self.path.split('/').next().unwrap_or(self.path)
    }

    /// Whether only `GET /users/{id}` with `$select` returns it, because it is kept in SharePoint.
    #[must_use]
    pub fn is_single_only(&self) -> bool {
        self.path == "mySite"
    }
}

const fn core(attribute: &'static str, property: Property) -> Row {
    Row::new(None, attribute, property)
}

const fn enterprise(attribute: &'static str, property: Property) -> Row {
    Row::new(Some(ENTERPRISE), attribute, property)
}

const fn entra(attribute: &'static str, property: Property) -> Row {
    Row::new(Some(ENTRA), attribute, property)
}

const fn sign_in(sub_attribute: &'static str, path: &'static str) -> Row {
    entra("signInActivity", read(unfiltered(path))).sub(sub_attribute)
}

const fn extension_attribute(sub_attribute: &'static str, path: &'static str) -> Row {
    Row::new(Some(ON_PREMISES), "onPremisesExtensionAttributes", Property::with(path, Capability::AdvancedEquals))
        .sub(sub_attribute)
}

const fn plain(path: &'static str) -> Property {
    Property::with(path, Capability::StartsWith)
}

const fn equals(path: &'static str) -> Property {
    Property::with(path, Capability::Equals)
}

const fn advanced(path: &'static str) -> Property {
    Property::with(path, Capability::AdvancedStartsWith)
}

const fn advanced_equals(path: &'static str) -> Property {
    Property::with(path, Capability::AdvancedEquals)
}

const fn unfiltered(path: &'static str) -> Property {
    Property::with(path, Capability::No)
}

const fn read(property: Property) -> Property {
    property.access(Access::Read)
}

const fn keep(property: Property) -> Property {
    property.access(Access::Keep)
}

/// Every pair; where two rows share a property the first one wins on a write that gives both.
pub static USER_ROWS: &[Row] = &[
    core("userName", keep(plain("userPrincipalName"))),
    core("externalId", equals(EXTERNAL_ID)),
    core("displayName", keep(plain("displayName"))),
    core("name", plain("givenName")).sub("givenName"),
    core("name", plain("surname")).sub("familyName"),
    core("title", plain("jobTitle")),
    core("preferredLanguage", advanced("preferredLanguage")),
    core("userType", advanced_equals("employeeType")),
    core("active", keep(equals("accountEnabled"))),
    core("profileUrl", unfiltered("mySite")),
    core("emails", plain("mail")).element("work", "value"),
    core("emails", plain("otherMails").shape(Shape::Many(""))).element("other", "value"),
    core("emails", read(plain("proxyAddresses").shape(Shape::Many("smtp:")))).element("proxyAddress", "value"),
    core("phoneNumbers", advanced("businessPhones").shape(Shape::First)).element("work", "value"),
    core("phoneNumbers", advanced("mobilePhone")).element("mobile", "value"),
    core("phoneNumbers", advanced("faxNumber")).element("fax", "value"),
    core("addresses", advanced("streetAddress")).element("work", "streetAddress"),
    core("addresses", plain("city")).element("work", "locality"),
    core("addresses", plain("state")).element("work", "region"),
    core("addresses", advanced("postalCode")).element("work", "postalCode"),
    core("addresses", plain("country")).element("work", "country"),
    core("addresses", advanced("officeLocation")).element("other", "formatted"),
    core("ims", read(plain("imAddresses").shape(Shape::Many("")))).element("work", "value"),
    core("city", plain("city")),
    core("state", plain("state")),
    core("country", plain("country")),
    core("companyName", advanced("companyName")),
    core("usageLocation", keep(plain("usageLocation"))),
    core("employeeType", advanced_equals("employeeType")),
    core("employeeOrgData", advanced_equals("employeeOrgData/costCenter")).sub("costCenter"),
    core("employeeOrgData", advanced_equals("employeeOrgData/division")).sub("division"),
    core("startDateTime", advanced_equals("employeeHireDate")),
    core("endDateTime", unfiltered("employeeLeaveDateTime")),
    enterprise("employeeNumber", equals("employeeId")),
    enterprise("costCenter", advanced_equals("employeeOrgData/costCenter")),
    enterprise("organization", advanced("companyName")),
    enterprise("division", advanced_equals("employeeOrgData/division")),
    enterprise("department", plain("department")),
    enterprise("manager", equals("manager/id").shape(Shape::Manager)).sub("value"),
    entra("creationType", read(equals("creationType"))),
    entra("employeeHireDate", advanced_equals("employeeHireDate")),
    entra("employeeLeaveDateTime", unfiltered("employeeLeaveDateTime")),
    entra("lastPasswordChangeDateTime", read(unfiltered("lastPasswordChangeDateTime"))),
    entra("mailNickname", keep(plain("mailNickname"))),
    entra("officeLocation", advanced("officeLocation")),
    entra("onPremisesDistinguishedName", read(unfiltered("onPremisesDistinguishedName"))),
    entra("onPremisesDomainName", read(unfiltered("onPremisesDomainName"))),
    entra("onPremisesImmutableId", equals("onPremisesImmutableId")),
    entra("onPremisesSAMAccountName", read(advanced("onPremisesSamAccountName"))),
    entra("onPremisesSecurityIdentifier", read(equals("onPremisesSecurityIdentifier"))),
    entra("onPremisesSyncEnabled", read(equals("onPremisesSyncEnabled"))),
    entra("onPremisesUserPrincipalName", read(plain("onPremisesUserPrincipalName"))),
    entra("preferredDataLocation", read(unfiltered("preferredDataLocation"))),
    sign_in("lastSignInDateTime", "signInActivity/lastSignInDateTime"),
    sign_in("lastNonInteractiveSignInDateTime", "signInActivity/lastNonInteractiveSignInDateTime"),
    sign_in("lastSuccessfulSignInDateTime", "signInActivity/lastSuccessfulSignInDateTime"),
    entra("usageLocation", keep(plain("usageLocation"))),
    entra("userType", equals("userType")),
    extension_attribute("extensionAttribute1", "onPremisesExtensionAttributes/extensionAttribute1"),
    extension_attribute("extensionAttribute2", "onPremisesExtensionAttributes/extensionAttribute2"),
    extension_attribute("extensionAttribute3", "onPremisesExtensionAttributes/extensionAttribute3"),
    extension_attribute("extensionAttribute4", "onPremisesExtensionAttributes/extensionAttribute4"),
    extension_attribute("extensionAttribute5", "onPremisesExtensionAttributes/extensionAttribute5"),
    extension_attribute("extensionAttribute6", "onPremisesExtensionAttributes/extensionAttribute6"),
    extension_attribute("extensionAttribute7", "onPremisesExtensionAttributes/extensionAttribute7"),
    extension_attribute("extensionAttribute8", "onPremisesExtensionAttributes/extensionAttribute8"),
    extension_attribute("extensionAttribute9", "onPremisesExtensionAttributes/extensionAttribute9"),
    extension_attribute("extensionAttribute10", "onPremisesExtensionAttributes/extensionAttribute10"),
    extension_attribute("extensionAttribute11", "onPremisesExtensionAttributes/extensionAttribute11"),
    extension_attribute("extensionAttribute12", "onPremisesExtensionAttributes/extensionAttribute12"),
    extension_attribute("extensionAttribute13", "onPremisesExtensionAttributes/extensionAttribute13"),
    extension_attribute("extensionAttribute14", "onPremisesExtensionAttributes/extensionAttribute14"),
    extension_attribute("extensionAttribute15", "onPremisesExtensionAttributes/extensionAttribute15"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_attribute_of_the_schema() {
        for row in USER_ROWS {
            let path = scim::path::AttributePath::parse(&row.path()).unwrap();
            let target = path.resolve(&crate::USER);
            assert!(target.is_some(), "{} is in the table and not in the schema", row.path());
            let element_types = target.map(|target| target.attribute.sub_attribute("type").is_some());
            assert_eq!(element_types, Some(row.element.is_some()), "{}", row.path());
        }
    }
}
