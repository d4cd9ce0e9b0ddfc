//! `/users/{id}/mailboxSettings`: automatic replies, time zone and language, which Exchange keeps.

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::item::Item;
use crate::graph::error::{Error, Result};
use crate::graph::{Call, plain};

/// The settings that can be written, with those of automatic replies in a list of their own.
const WRITABLE: [&str; 7] = [
    "automaticRepliesSetting",
    "dateFormat",
    "delegateMeetingMessageDeliveryOptions",
    "language",
    "timeFormat",
    "timeZone",
    "workingHours",
];
const REPLIES: [&str; 6] = [
    "externalAudience",
    "externalReplyMessage",
    "internalReplyMessage",
    "scheduledEndDateTime",
    "scheduledStartDateTime",
    "status",
];
const STATUSES: [&str; 3] = ["disabled", "alwaysEnabled", "scheduled"];
const AUDIENCES: [&str; 3] = ["none", "contactsOnly", "all"];
const DELIVERIES: [&str; 3] =
    ["sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly"];
/// The longest reply, in characters.
const MAX_REPLY: usize = 32 * 1024;

/// Reads or changes the settings.
pub(super) fn answer(call: &Call<'_>) -> Result<Answer> {
    let (id, before) = {
        let replicas = call.tenant.replicas();
        let directory = replicas.seen();
        let row = call.row_of(directory, ObjectType::User)?;
        let user = directory.user(row).ok_or_else(|| Error::not_found(&call.key))?;
        if !has_mailbox(&user) {
            let text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
            return Err(Error::new(404, "MailboxNotEnabledForRESTAPI", text));
        }
        let id = user.id();
        let mut settings = usual(&user);
        settings.extend(call.tenant.facets().mailbox(&id));
        (id, settings)
    };
    let context = json!(call.context(&format!("users('{id}')/mailboxSettings")));
    let shown = if call.operation.method == "GET" {
        plain::selected(call, &Value::Object(before))?
    } else {
        let changes = changed(&before, &call.body()?)?;
        call.tenant.facets().set_mailbox(&id, &changes);
        changes
    };
    let mut body = Map::from_iter([("@odata.context".to_owned(), context)]);
    body.extend(shown);
    Ok(Answer::odata(200, Value::Object(body).to_string().into_bytes()))
}

/// Guests and accounts without an address have none.
fn has_mailbox(user: &Item<'_>) -> bool {
    user.value("mail").is_string() && user.value("userType") != json!("Guest")
}

/// What a mailbox has that nobody has changed.
fn usual(user: &Item<'_>) -> Map<String, Value> {
    let locale = user.value("preferredLanguage").as_str().unwrap_or("en-US").to_owned();
    let settings = json!({
        "automaticRepliesSetting": {"status": "disabled", "externalAudience": "all",
            "scheduledStartDateTime": {"dateTime": "2026-11-24T08:00:00.0000000", "timeZone": "UTC"},
            "scheduledEndDateTime": {"dateTime": "2026-11-25T08:00:00.0000000", "timeZone": "UTC"},
            "internalReplyMessage": "", "externalReplyMessage": ""},
        "timeZone": "UTC", "language": {"locale": locale, "displayName": locale},
        "workingHours": {"daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000", "timeZone": {"name": "UTC"}},
        "dateFormat": "yyyy-MM-dd", "timeFormat": "HH:mm", "userPurpose": "user",
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
    });
    settings.as_object().cloned().unwrap_or_default()
}

/// The settings that a body changes, as they are after it.
fn changed(before: &Map<String, Value>, body: &Value) -> Result<Map<String, Value>> {
    let members = body.as_object().ok_or_else(|| invalid("mailboxSettings"))?;
    let mut after = Map::new();
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        if !WRITABLE.contains(&name.as_str()) {
            return Err(invalid(name));
        }
        let value = match name.as_str() {
            "automaticRepliesSetting" => replies(before.get(name), value)?,
            "delegateMeetingMessageDeliveryOptions" => member_of(&DELIVERIES, name, value)?,
            "language" => {
                let locale = value.get("locale").and_then(Value::as_str).filter(|locale| !locale.is_empty());
                let locale = locale.ok_or_else(|| invalid(name))?;
                json!({"locale": locale, "displayName": locale})
            }
            "workingHours" if value.is_object() => value.clone(),
            _ if value.as_str().is_some_and(|text| (1..=256).contains(&text.len())) => value.clone(),
            _ => return Err(invalid(name)),
        };
        after.insert(name.clone(), value);
    }
    Ok(after)
}

/// Automatic replies, of which a body names what it changes.
fn replies(before: Option<&Value>, body: &Value) -> Result<Value> {
    let mut after = before.and_then(Value::as_object).cloned().unwrap_or_default();
    let members = body.as_object().ok_or_else(|| invalid("automaticRepliesSetting"))?;
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with("@odata.")) {
        let value = match name.as_str() {
            "status" => member_of(&STATUSES, name, value)?,
            "externalAudience" => member_of(&AUDIENCES, name, value)?,
            "scheduledStartDateTime" | "scheduledEndDateTime" => time(name, value)?,
            _ if !REPLIES.contains(&name.as_str()) => return Err(invalid(name)),
            _ if value.is_null() => json!(""),
            _ if value.as_str().is_some_and(|text| text.chars().count() <= MAX_REPLY) => value.clone(),
            _ => return Err(invalid(name)),
        };
        after.insert(name.clone(), value);
    }
    let at = |name: &str| after.get(name).and_then(|time| time.get("dateTime")).cloned().unwrap_or_default();
    let ends_before = at("scheduledEndDateTime").as_str() <= at("scheduledStartDateTime").as_str();
    if after.get("status") == Some(&json!("scheduled")) && ends_before {
        return Err(invalid("scheduledEndDateTime"));
    }
    Ok(Value::Object(after))
}

/// A member of an enumeration, in any case.
fn member_of(known: &[&str], name: &str, value: &Value) -> Result<Value> {
    let text = value.as_str().ok_or_else(|| invalid(name))?;
    let member = known.iter().find(|known| known.eq_ignore_ascii_case(text));
    member.map(|member| json!(member)).ok_or_else(|| invalid(name))
}

fn time(name: &str, value: &Value) -> Result<Value> {
    let text = value.get("dateTime").and_then(Value::as_str).unwrap_or_default();
    let time = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f");
    let time = time.map_err(|_| invalid(name))?;
    let zone = value.get("timeZone").and_then(Value::as_str).filter(|zone| !zone.is_empty());
    let zone = zone.ok_or_else(|| invalid(name))?;
    Ok(json!({"dateTime": format!("{}.0000000", time.format("%Y-%m-%dT%H:%M:%S")), "timeZone": zone}))
}

fn invalid(name: &str) -> Error {
    Error::new(400, "RequestBodyRead", format!("Cannot read the value of the property '{name}' of a mailbox."))
}
