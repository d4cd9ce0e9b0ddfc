//! The table of groups.

use super::schema::ENTRA_GROUP;
use crate::{
    link::Link,
    table::{EXTERNAL_ID, Property, Row, advanced, advanced_equals, equals, keep, plain, read, unfiltered},
};

const fn core(attribute: &'static str, property: Property) -> Row {
    Row::new(None, attribute, property)
}

const fn entra(attribute: &'static str, property: Property) -> Row {
    Row::new(Some(ENTRA_GROUP), attribute, property)
}

/// Every pair.
pub(super) static ROWS: &[Row] = &[
    core("displayName", keep(plain("displayName"))),
    core("externalId", equals(EXTERNAL_ID)),
    entra("description", advanced("description")),
    entra("groupTypes", keep(equals("groupTypes"))),
    entra("mailEnabled", keep(equals("mailEnabled"))),
    entra("mailNickname", keep(plain("mailNickname"))),
    entra("securityEnabled", keep(equals("securityEnabled"))),
    entra("membershipRule", advanced_equals("membershipRule")),
    entra("membershipRuleProcessingState", keep(advanced_equals("membershipRuleProcessingState"))),
    entra("visibility", keep(unfiltered("visibility"))),
    entra("isAssignableToRole", keep(equals("isAssignableToRole"))),
    entra("classification", advanced("classification")),
    entra("mail", read(plain("mail"))),
    entra("proxyAddresses", read(equals("proxyAddresses"))),
    entra("expirationDateTime", read(unfiltered("expirationDateTime"))),
    entra("renewedDateTime", read(unfiltered("renewedDateTime"))),
    entra("securityIdentifier", read(unfiltered("securityIdentifier"))),
    entra("onPremisesSyncEnabled", read(equals("onPremisesSyncEnabled"))),
    entra("onPremisesSAMAccountName", read(advanced("onPremisesSamAccountName"))),
    entra("onPremisesSecurityIdentifier", read(unfiltered("onPremisesSecurityIdentifier"))),
];

/// The relationships of a group.
pub(super) static LINKS: &[Link] = &[
    Link::many("members", "members")
        .written("/directoryObjects", "GroupMember.ReadWrite.All")
        .reading("GroupMember.Read.All"),
    Link::many("owners", "owners")
        .of(ENTRA_GROUP)
        .written("/directoryObjects", "Group.ReadWrite.All")
        .reading("Group.Read.All"),
    Link::many("transitiveMembers", "transitiveMembers").of(ENTRA_GROUP).reading("GroupMember.Read.All"),
    Link::many("memberOf", "memberOf").of(ENTRA_GROUP).only("Group").reading("GroupMember.Read.All"),
    Link::many("transitiveMemberOf", "transitiveMemberOf")
        .of(ENTRA_GROUP)
        .only("Group")
        .reading("GroupMember.Read.All"),
];
