//! Which property of an application is which attribute.

use super::{claims::OPTIONAL_CLAIMS, creation::SINGLE_SIGN_ON, permissions::REQUIRED_RESOURCE_ACCESS};
use crate::{
    capability::{ADVANCED_TEXT, Capability, DIFFER, EQUAL, IN, ITEMS, NOT, NULL, ORDER, STARTS, TEXT},
    credentials::PASSWORDS,
    table::{Property, Row, Shape, keep, once, read, row, unfiltered},
};

/// Words of a fixed list.
const WORD: Capability = Capability::of(EQUAL, DIFFER);
/// Texts that are compared in any way but with null, and of which Graph does not say that `not` can be put before.
const NAME: Capability = Capability::of(EQUAL | ORDER | STARTS, DIFFER).without(NOT);
/// Where tokens may go.
const ADDRESSES: Capability = Capability::of(0, EQUAL | STARTS);
/// Arrays of objects, which this service does not ask Graph to filter by.
const OBJECTS: Capability = Capability::of(EQUAL | ORDER, NOT);

const fn objects(path: &'static str) -> Property {
    unfiltered(path).shape(Shape::Complex)
}

const fn redirect_uris(attribute: &'static str, path: &'static str) -> Row {
    row(attribute, Property::with(path, ADDRESSES).shape(Shape::Many(""))).sub("redirectUris")
}

pub(super) static ROWS: &[Row] = &[
    row("displayName", keep(Property::with("displayName", TEXT.assigned().sorted()))),
    row("appId", read(Property::with("appId", Capability::of(EQUAL, 0)))),
    row("applicationTemplateId", once(Property::with("applicationTemplateId", WORD))),
    row("singleSignOn", once(objects(SINGLE_SIGN_ON))),
    row("description", Property::with("description", ADVANCED_TEXT.without(IN | NULL))),
    row("notes", unfiltered("notes")),
    row("signInAudience", keep(Property::with("signInAudience", WORD))),
    row("identifierUris", Property::with("identifierUris", NAME).shape(Shape::Many(""))),
    row("tags", Property::with("tags", ITEMS).shape(Shape::Many(""))),
    row("publisherDomain", read(Property::with("publisherDomain", NAME))),
    row("disabledByMicrosoftStatus", read(Property::with("disabledByMicrosoftStatus", WORD))),
    row("groupMembershipClaims", unfiltered("groupMembershipClaims")),
    row("isFallbackPublicClient", unfiltered("isFallbackPublicClient")),
    row("isDeviceOnlyAuthSupported", unfiltered("isDeviceOnlyAuthSupported")),
    row(
        "serviceManagementReference",
        Property::with("serviceManagementReference", Capability::of(0, EQUAL | STARTS | NULL)),
    ),
    row("defaultRedirectUri", unfiltered("defaultRedirectUri")),
    row("samlMetadataUrl", unfiltered("samlMetadataUrl")),
    row("tokenEncryptionKeyId", unfiltered("tokenEncryptionKeyId")),
    redirect_uris("web", "web/redirectUris"),
    row("web", Property::with("web/homePageUrl", Capability::of(0, EQUAL | NULL))).sub("homePageUrl"),
    row("web", unfiltered("web/logoutUrl")).sub("logoutUrl"),
    row("web", keep(unfiltered("web/implicitGrantSettings/enableIdTokenIssuance"))).sub("enableIdTokenIssuance"),
    row("web", keep(unfiltered("web/implicitGrantSettings/enableAccessTokenIssuance")))
        .sub("enableAccessTokenIssuance"),
    redirect_uris("spa", "spa/redirectUris"),
    redirect_uris("publicClient", "publicClient/redirectUris"),
    row("info", Property::with("info", Capability::of(EQUAL | ORDER | NULL, DIFFER)).shape(Shape::Complex)),
    row("api", unfiltered("api/requestedAccessTokenVersion")).sub("requestedAccessTokenVersion"),
    row("api", unfiltered("api/acceptMappedClaims")).sub("acceptMappedClaims"),
    row("api", unfiltered("api/knownClientApplications").shape(Shape::Many(""))).sub("knownClientApplications"),
    row("oauth2PermissionScopes", objects("api/oauth2PermissionScopes").identified().disables("isEnabled")),
    row("preAuthorizedApplications", objects("api/preAuthorizedApplications")),
    row("appRoles", objects("appRoles").identified().disables("isEnabled")),
    row(
        "requiredResourceAccess",
        Property::with("requiredResourceAccess", OBJECTS).shape(Shape::Converted(&REQUIRED_RESOURCE_ACCESS)),
    ),
    row("optionalClaims", unfiltered("optionalClaims").shape(Shape::Converted(&OPTIONAL_CLAIMS))),
    row("keyCredentials", Property::with("keyCredentials", OBJECTS).shape(Shape::Complex)),
    row("passwordCredentials", objects("passwordCredentials").keyed(&PASSWORDS)),
    row("verifiedPublisher", read(objects("verifiedPublisher"))),
    row("certification", read(objects("certification"))),
];
