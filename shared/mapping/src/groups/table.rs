//! The table of groups.

use super::schema::ENTRA_GROUP;
use crate::{
    capability::{
        ADVANCED_TEXT, ADVANCED_VALUE, CODE, COUNT, Capability, DIFFER, ENDS, EQUAL, IN, ITEMS, NOT, NULL, TEXT, VALUE,
    },
    licenses::{CONVERSION, LICENSES},
    link::Link,
    rule::{Form, Rule},
    table::{GROUP_EXTERNAL_ID, Property, Row, Shape, keep, plain, read, unfiltered},
};

const fn core(attribute: &'static str, property: Property) -> Row {
    Row::new(None, attribute, property)
}

const fn entra(attribute: &'static str, property: Property) -> Row {
    Row::new(Some(ENTRA_GROUP), attribute, property)
}

const FLAG: Capability = Capability::of(EQUAL, DIFFER);

/// When the group was made; Graph does not say that it can be filtered by.
pub(super) static CREATED: Property = read(unfiltered("createdDateTime"));

/// Every pair.
pub(super) static ROWS: &[Row] = &[
    core("displayName", keep(Property::with("displayName", TEXT.assigned().sorted()))),
    core("externalId", Property::with(GROUP_EXTERNAL_ID, CODE)),
    entra("description", Property::with("description", ADVANCED_TEXT.without(IN | NULL))),
    entra("groupTypes", keep(Property::with("groupTypes", Capability::of(EQUAL, NOT))).shape(Shape::Many(""))),
    entra("mailEnabled", keep(Property::with("mailEnabled", FLAG.assigned()))),
    entra("mailNickname", keep(plain("mailNickname"))),
    entra("securityEnabled", keep(Property::with("securityEnabled", CODE.assigned()))),
    entra("membershipRule", Property::with("membershipRule", TEXT.without(IN | NULL))),
    entra(
        "membershipRuleProcessingState",
        keep(Property::with("membershipRuleProcessingState", Capability::of(0, EQUAL | IN | DIFFER))),
    ),
    entra("visibility", keep(unfiltered("visibility"))),
    entra("isAssignableToRole", keep(Property::with("isAssignableToRole", FLAG))),
    entra("classification", Property::with("classification", TEXT.without(IN | NULL))),
    entra("licenses", keep(unfiltered("assignedLicenses")).shape(Shape::Converted(&CONVERSION)).keyed(&LICENSES)),
    entra("licenseProcessingState", read(unfiltered("licenseProcessingState/state"))),
    entra("mail", read(plain("mail"))),
    entra(
        "proxyAddresses",
        read(Property::with("proxyAddresses", ITEMS.advanced(ENDS | COUNT))).shape(Shape::Many("")),
    ),
    entra("expirationDateTime", read(Property::with("expirationDateTime", ADVANCED_VALUE))),
    entra("renewedDateTime", read(Property::with("renewedDateTime", VALUE))),
    entra("securityIdentifier", read(unfiltered("securityIdentifier"))),
    entra("onPremisesSyncEnabled", read(Property::with("onPremisesSyncEnabled", CODE.advanced(NULL)))),
    entra("onPremisesSAMAccountName", read(Property::with("onPremisesSamAccountName", ADVANCED_TEXT.without(NULL)))),
    entra(
        "onPremisesSecurityIdentifier",
        read(Property::with("onPremisesSecurityIdentifier", Capability::of(EQUAL, NULL))),
    ),
];

/// The relationships of a group.
pub(super) static LINKS: &[Link] = &[
    Link::many("members", "members")
        .written("/directoryObjects", "GroupMember.ReadWrite.All")
        .bound()
        .born()
        .reading("GroupMember.Read.All"),
    Link::many("owners", "owners")
        .of(ENTRA_GROUP)
        .written("/directoryObjects", "Group.ReadWrite.All")
        .born()
        .reading("Group.Read.All"),
    Link::many("transitiveMembers", "transitiveMembers").of(ENTRA_GROUP).reading("GroupMember.Read.All"),
    Link::many("memberOf", "memberOf").of(ENTRA_GROUP).only("Group").reading("GroupMember.Read.All"),
    Link::many("transitiveMemberOf", "transitiveMemberOf")
        .of(ENTRA_GROUP)
        .only("Group")
        .reading("GroupMember.Read.All"),
    Link::objects("appRoleAssignments", "appRoleAssignments").of(ENTRA_GROUP).reading("Directory.Read.All"),
];

/// What Graph demands; limits of the directory extension too.
pub(super) static RULES: &[Rule] = &[
    Rule::at_most("displayName", 256),
    Rule::at_most(GROUP_EXTERNAL_ID, 256),
    Rule::at_most("description", 1024),
    Rule::of("groupTypes", Form::OneOf(&["Unified", "DynamicMembership"])),
    Rule::of("mailNickname", Form::Nickname).and_at_most(64),
    Rule::of("membershipRuleProcessingState", Form::OneOf(&["On", "Paused"])),
    Rule::of("visibility", Form::OneOf(&["Private", "Public", "HiddenMembership"])),
];

/// What `/Schemas` calls readOnly: Graph takes only certain combinations, so a client has to know what it does.
pub(super) static SHOWN_READ_ONLY: &[(Option<&str>, &str)] = &[
    (Some(ENTRA_GROUP), "groupTypes"),
    (Some(ENTRA_GROUP), "membershipRule"),
    (Some(ENTRA_GROUP), "membershipRuleProcessingState"),
    (Some(ENTRA_GROUP), "visibility"),
    (Some(ENTRA_GROUP), "isAssignableToRole"),
    (Some(ENTRA_GROUP), "classification"),
];
