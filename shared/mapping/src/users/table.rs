//! The table of users.

use super::schema::{ENTERPRISE, ENTRA, ON_PREMISES};
use crate::{
    link::Link,
    table::{
        Capability, EXTERNAL_ID, Property, Row, Shape, advanced, advanced_equals, equals, keep, plain, read, unfiltered,
    },
};

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

/// Every pair; where two rows share a property the first one wins on a write that gives both.
pub(super) static ROWS: &[Row] = &[
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

/// The relationships of a user.
pub(super) static LINKS: &[Link] = &[
    Link::one("manager", "manager").of(ENTERPRISE).written("/users", "User.ReadWrite.All").reading("User.Read.All"),
    Link::many("groups", "memberOf").only("Group").reading("GroupMember.Read.All"),
    Link::many("transitiveGroups", "transitiveMemberOf").of(ENTRA).only("Group").reading("GroupMember.Read.All"),
    Link::many("ownedGroups", "ownedObjects").of(ENTRA).only("Group").reading("Group.Read.All"),
];
