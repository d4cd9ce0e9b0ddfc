//! The table of users.

use super::{
    facets,
    roles::ROLES,
    schema::{ENTERPRISE, ENTRA, ON_PREMISES, SECURITY},
};
use crate::{
    capability::{
        ADVANCED_TEXT, ADVANCED_VALUE, CODE, COUNT, Capability, DIFFER, ENDS, EQUAL, IN, ITEMS, NOT, NULL, ORDER,
        STARTS, TEXT, VALUE,
    },
    licenses::{CONVERSION, LICENSES},
    link::Link,
    rule::{Form, Rule},
    table::{EXTERNAL_ID, Property, Row, Shape, advanced, keep, plain, read, unfiltered},
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
    // Graph: "not with any other filterable properties".
    let filter = Capability::of(EQUAL | ORDER, DIFFER).alone();
    entra("signInActivity", read(Property::with(path, filter))).sub(sub_attribute)
}

const fn extension_attribute(sub_attribute: &'static str, path: &'static str) -> Row {
    let filter = Capability::of(0, EQUAL | IN | DIFFER | NULL);
    Row::new(Some(ON_PREMISES), "onPremisesExtensionAttributes", Property::with(path, filter)).sub(sub_attribute)
}

const USER_NAME: Capability = TEXT.without(NULL).advanced(ENDS).assigned().sorted();
const OTHER_MAILS: Capability = Capability::of(EQUAL | IN | ORDER | STARTS, NOT | ENDS | COUNT);
const PHONES: Capability = Capability::of(0, EQUAL | ORDER | STARTS | NOT);

/// When the account was made; no row, because `meta` is written by itself.
pub(super) static CREATED: Property = read(Property::with("createdDateTime", VALUE.advanced(NULL)));

/// Graph wants one; the user name stands in for none.
const fn shown_name() -> Property {
    keep(Property::with("displayName", TEXT.assigned().sorted())).stand_in("userPrincipalName")
}

/// Every pair; where two rows share a property the first one wins on a write that gives both.
pub(super) static ROWS: &[Row] = &[
    core("userName", keep(Property::with("userPrincipalName", USER_NAME))),
    core("externalId", Property::with(EXTERNAL_ID, CODE)),
    core("displayName", shown_name()),
    core("name", shown_name()).sub("formatted"),
    core("name", plain("givenName")).sub("givenName"),
    core("name", plain("surname")).sub("familyName"),
    core("title", plain("jobTitle")),
    core("preferredLanguage", advanced("preferredLanguage")),
    core("userType", Property::with("employeeType", ADVANCED_TEXT.without(NULL))),
    core("active", keep(Property::with("accountEnabled", CODE.assigned()))),
    core("profileUrl", unfiltered("mySite")),
    core("emails", Property::with("mail", TEXT.advanced(ENDS))).element("work", "value"),
    core("emails", Property::with("otherMails", OTHER_MAILS).shape(Shape::Many(""))).element("other", "value"),
    core("phoneNumbers", Property::with("businessPhones", PHONES).shape(Shape::First)).element("work", "value"),
    core("phoneNumbers", advanced("mobilePhone")).element("mobile", "value"),
    core("phoneNumbers", advanced("faxNumber")).element("fax", "value"),
    core("addresses", advanced("streetAddress")).element("work", "streetAddress"),
    core("addresses", plain("city")).element("work", "locality"),
    core("addresses", plain("state")).element("work", "region"),
    core("addresses", advanced("postalCode")).element("work", "postalCode"),
    core("addresses", plain("country")).element("work", "country"),
    core("addresses", advanced("officeLocation")).element("other", "formatted"),
    core("ims", read(Property::with("imAddresses", ITEMS).shape(Shape::Many("")))).element("work", "value"),
    core("city", plain("city")),
    core("state", plain("state")),
    core("country", plain("country")),
    core("companyName", advanced("companyName")),
    core("usageLocation", keep(plain("usageLocation"))),
    core("employeeType", Property::with("employeeType", ADVANCED_TEXT.without(NULL))),
    core("employeeOrgData", Property::with("employeeOrgData/costCenter", ADVANCED_VALUE)).sub("costCenter"),
    core("employeeOrgData", Property::with("employeeOrgData/division", ADVANCED_VALUE)).sub("division"),
    facets::STATUS,
    facets::START,
    facets::END,
    facets::INTERNAL,
    facets::EXTERNAL,
    facets::AUDIENCE,
    facets::PICTURE,
    core("entitlements", unfiltered("licenseAssignmentStates").shape(Shape::Converted(&CONVERSION)).keyed(&LICENSES)),
    core("startDateTime", Property::with("employeeHireDate", ADVANCED_VALUE)),
    core("endDateTime", Property::with("employeeLeaveDateTime", ADVANCED_VALUE)),
    enterprise("employeeNumber", plain("employeeId")),
    enterprise("costCenter", Property::with("employeeOrgData/costCenter", ADVANCED_VALUE)),
    enterprise("organization", advanced("companyName")),
    enterprise("division", Property::with("employeeOrgData/division", ADVANCED_VALUE)),
    enterprise("department", plain("department")),
    entra("creationType", read(Property::with("creationType", CODE))),
    entra("employeeHireDate", Property::with("employeeHireDate", ADVANCED_VALUE)),
    entra("employeeLeaveDateTime", Property::with("employeeLeaveDateTime", ADVANCED_VALUE)),
    entra("lastPasswordChangeDateTime", read(unfiltered("lastPasswordChangeDateTime"))),
    entra("mailNickname", keep(plain("mailNickname"))),
    entra("officeLocation", advanced("officeLocation")),
    entra("onPremisesDistinguishedName", read(unfiltered("onPremisesDistinguishedName"))),
    entra("onPremisesDomainName", read(unfiltered("onPremisesDomainName"))),
    entra("onPremisesImmutableId", Property::with("onPremisesImmutableId", VALUE)),
    entra("onPremisesSAMAccountName", read(Property::with("onPremisesSamAccountName", ADVANCED_TEXT.without(NULL)))),
    entra(
        "onPremisesSecurityIdentifier",
        read(Property::with("onPremisesSecurityIdentifier", Capability::of(EQUAL, NULL))),
    ),
    entra("onPremisesSyncEnabled", read(Property::with("onPremisesSyncEnabled", CODE.advanced(NULL)))),
    entra("onPremisesUserPrincipalName", read(Property::with("onPremisesUserPrincipalName", TEXT.without(NULL)))),
    entra(
        "proxyAddresses",
        read(Property::with("proxyAddresses", ITEMS.advanced(ENDS | COUNT))).shape(Shape::Many("")),
    ),
    entra("preferredDataLocation", read(unfiltered("preferredDataLocation"))),
    sign_in("lastSignInDateTime", "signInActivity/lastSignInDateTime"),
    sign_in("lastNonInteractiveSignInDateTime", "signInActivity/lastNonInteractiveSignInDateTime"),
    sign_in("lastSuccessfulSignInDateTime", "signInActivity/lastSuccessfulSignInDateTime"),
    entra("usageLocation", keep(plain("usageLocation"))),
    entra("userType", Property::with("userType", CODE.advanced(NULL))),
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
    Row::new(Some(SECURITY), "set", read(unfiltered("customSecurityAttributes")).shape(Shape::Open)),
];

/// The relationships of a user.
pub(super) static LINKS: &[Link] = &[
    Link::one("manager", "manager").of(ENTERPRISE).written("/users", "User.ReadWrite.All").reading("User.Read.All"),
    Link::many("groups", "memberOf").only("Group").reading("GroupMember.Read.All"),
    ROLES,
    Link::many("transitiveGroups", "transitiveMemberOf").of(ENTRA).only("Group").reading("GroupMember.Read.All"),
    Link::many("ownedGroups", "ownedObjects").of(ENTRA).only("Group").reading("Group.Read.All"),
    Link::objects("appRoleAssignments", "appRoleAssignments").of(ENTRA).reading("Directory.Read.All"),
];

/// What Graph demands; limits of the directory extension too.
pub(super) static RULES: &[Rule] = &[
    Rule::of("userPrincipalName", Form::PrincipalName).and_at_most(113),
    Rule::at_most(EXTERNAL_ID, 256),
    Rule::at_most("displayName", 256),
    Rule::at_most("givenName", 64),
    Rule::at_most("surname", 64),
    Rule::at_most("jobTitle", 128),
    Rule::of("preferredLanguage", Form::Language),
    Rule::of("mail", Form::Address),
    Rule::of("otherMails", Form::Address),
    Rule::at_most("mobilePhone", 64),
    Rule::at_most("streetAddress", 1024),
    Rule::at_most("city", 128),
    Rule::at_most("state", 128),
    Rule::at_most("postalCode", 40),
    Rule::at_most("country", 128),
    Rule::at_most("companyName", 64),
    Rule::at_most("department", 64),
    Rule::at_most("employeeId", 16),
    Rule::of("employeeHireDate", Form::DateTime),
    Rule::of("employeeLeaveDateTime", Form::DateTime),
    Rule::of("mailNickname", Form::Nickname).and_at_most(64),
    Rule::of("usageLocation", Form::Country),
    Rule::of("userType", Form::OneOf(&["Member", "Guest"])),
    Rule::at_most("onPremisesExtensionAttributes", 1024),
    facets::STATUS_RULE,
    facets::AUDIENCE_RULE,
];

/// What `/Schemas` calls readOnly, because a client that cannot know better would fail: the country of use is written in
/// Microsoft's extension, the office as a property.
pub(super) static SHOWN_READ_ONLY: &[(Option<&str>, &str)] = &[(None, "usageLocation"), (None, "addresses.formatted")];
