//! What other services than the directory keep of users.

use crate::{
    facet::Facet,
    rule::{Form, Rule},
    table::{Property, Row, Shape, keep, read, unfiltered},
};

/// The settings of the mailbox, which Exchange keeps.
/// Source: <https://learn.microsoft.com/graph/api/user-get-mailboxsettings>.
static MAILBOX: Facet =
    Facet { path: "mailboxSettings", reading: "MailboxSettings.Read", writing: "MailboxSettings.ReadWrite" };

/// The picture. Source: <https://learn.microsoft.com/graph/api/profilephoto-get>.
static PHOTO: Facet = Facet { path: "photo", reading: "ProfilePhoto.Read.All", writing: "" };

pub(super) static FACETS: &[&Facet] = &[&MAILBOX, &PHOTO];

const STATUS_PATH: &str = "mailboxSettings/automaticRepliesSetting/status";
const START_PATH: &str = "mailboxSettings/automaticRepliesSetting/scheduledStartDateTime";
const END_PATH: &str = "mailboxSettings/automaticRepliesSetting/scheduledEndDateTime";
const INTERNAL_PATH: &str = "mailboxSettings/automaticRepliesSetting/internalReplyMessage";
const EXTERNAL_PATH: &str = "mailboxSettings/automaticRepliesSetting/externalReplyMessage";
const AUDIENCE_PATH: &str = "mailboxSettings/automaticRepliesSetting/externalAudience";

const fn mailbox(attribute: &'static str, property: Property) -> Row {
    Row::new(None, attribute, property.in_facet(&MAILBOX))
}

/// Whether mail is answered automatically.
pub(super) const STATUS: Row = mailbox("status", keep(unfiltered(STATUS_PATH)));
/// From when on.
pub(super) const START: Row = mailbox("scheduledStartDateTime", keep(unfiltered(START_PATH)).shape(Shape::Moment));
/// Until when.
pub(super) const END: Row = mailbox("scheduledEndDateTime", keep(unfiltered(END_PATH)).shape(Shape::Moment));
/// What the organisation is answered.
pub(super) const INTERNAL: Row = mailbox("internalReplyMessage", unfiltered(INTERNAL_PATH).shape(Shape::Text));
/// What others are answered.
pub(super) const EXTERNAL: Row = mailbox("externalReplyMessage", unfiltered(EXTERNAL_PATH).shape(Shape::Text));
/// Which others.
pub(super) const AUDIENCE: Row = mailbox("externalAudience", keep(unfiltered(AUDIENCE_PATH)));
/// Where the picture is.
pub(super) const PICTURE: Row =
    Row::new(None, "photos", read(unfiltered("photo")).shape(Shape::Address("photo")).in_facet(&PHOTO))
        .element("work", "value");

pub(super) const STATUS_RULE: Rule = Rule::of(STATUS_PATH, Form::OneOf(&["disabled", "alwaysEnabled", "scheduled"]));
pub(super) const AUDIENCE_RULE: Rule = Rule::of(AUDIENCE_PATH, Form::OneOf(&["none", "contactsOnly", "all"]));
