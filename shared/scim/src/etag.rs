//! Versions of resources: `meta.version`, `ETag`, `If-Match`, `If-None-Match`. RFC 7644 section 3.14.
//!
//! ```
//! use scim::etag::{self, Access, Precondition};
//! use serde_json::json;
//!
//! let version = etag::of(&json!({ "userName": "ann", "meta": { "location": "https://example.com/v2/Users/1" } }));
//! assert!(version.starts_with("W/\""));
//! let stale = etag::precondition(Some("W/\"3694e05e9dff590\""), None, Some(&version), Access::Write);
//! assert_eq!(stale, Precondition::Failed);
//! let known = etag::precondition(None, Some(&version), Some(&version), Access::Read);
//! assert_eq!(known, Precondition::NotModified);
//! ```

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The most entity tags of one header that are looked at.
pub const MAX_TAGS: usize = 256;
/// How many bytes of the hash a version shows.
const HASH_BYTES: usize = 16;

/// What a request does with the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads it: GET.
    Read,
    /// It changes or deletes it: PUT, PATCH, DELETE.
    Write,
}

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// It may.
    Proceed,
    /// 304: the client has this version already.
    NotModified,
    /// 412: the resource is not at a version the client names.
    Failed,
}

/// The version of a resource by what it holds: equal for equal content, whatever its `meta` says.
///
/// Give it the resource before a projection cuts it, so that `attributes` does not change the version.
pub fn of(resource: &Value) -> String {
    let mut hash = Sha256::new();
    match resource {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("meta"));
            hash_members(members.collect(), &mut hash);
        }
        other => hash_value(other, &mut hash),
    }
    let digits = hash.finalize().iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    weak(&digits)
}

/// The weak entity tag with this text, such as the hash or the number of a version; what cannot stand in one is left
/// out.
pub fn weak(text: &str) -> String {
    let text = text.chars().filter(|character| character.is_ascii_graphic() && *character != '"').collect::<String>();
    format!("W/\"{text}\"")
}

/// Judges the headers of a request, or the `version` of a Bulk operation as `if_match`. `current` is the version of the
/// resource, `None` if there is none.
///
/// Tags are compared weakly, as SCIM needs it: `W/"1"` and `"1"` are the same. A tag without quotation marks is taken
/// too, and one that is no tag matches nothing.
pub fn precondition(
    if_match: Option<&str>,
    if_none_match: Option<&str>,
    current: Option<&str>,
    access: Access,
) -> Precondition {
    if if_match.is_some_and(|header| !names(header, current)) {
        return Precondition::Failed;
    }
    match (if_none_match.is_some_and(|header| names(header, current)), access) {
        (false, _) => Precondition::Proceed,
        (true, Access::Read) => Precondition::NotModified,
        (true, Access::Write) => Precondition::Failed,
    }
}

/// Whether the header names the version, or any version by `*`.
fn names(header: &str, current: Option<&str>) -> bool {
    let Some(current) = current else { return false };
    if header.trim() == "*" {
        return true;
    }
    let (current, _) = split_tag(current);
    let mut rest = header.trim_start_matches(is_separator);
    for _ in 0..MAX_TAGS {
        if rest.is_empty() {
            return false;
        }
        let (tag, after) = split_tag(rest);
        if tag.is_some() && tag == current {
            return true;
        }
        rest = after.trim_start_matches(is_separator);
    }
    false
}

/// The text of the first tag of a list, and what stands after it; `None` for what is no tag.
fn split_tag(list: &str) -> (Option<&str>, &str) {
    let quoted = list.strip_prefix("W/").or_else(|| list.strip_prefix("w/")).unwrap_or(list);
    match quoted.strip_prefix('"') {
        Some(tag) => match tag.split_once('"') {
            Some((tag, rest)) => (Some(tag), rest),
            None => (None, ""),
        },
        None => {
            let end = quoted.find(is_separator).unwrap_or(quoted.len());
            let (tag, rest) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
            (Some(tag).filter(|tag| !tag.is_empty()), rest)
        }
    }
}

fn is_separator(character: char) -> bool {
    character == ',' || character.is_ascii_whitespace()
}

/// Hashes a value so that different ones differ: each begins with its kind, and what can be long with its length.
fn hash_value(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(boolean) => hash.update(if *boolean { b"t" } else { b"f" }),
        Value::Number(number) => hash_text(b'd', &number.to_string(), hash),
        Value::String(text) => hash_text(b's', text, hash),
        Value::Array(items) => {
            hash.update(b"a");
            hash.update((items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| hash_value(item, hash));
        }
        Value::Object(members) => hash_members(members.iter().collect(), hash),
    }
}

/// Hashes members in the order of their names, whatever order the JSON had.
fn hash_members(mut members: Vec<(&String, &Value)>, hash: &mut Sha256) {
    members.sort_unstable_by_key(|(name, _)| *name);
    hash.update(b"o");
    hash.update((members.len() as u64).to_be_bytes());
    for (name, value) in members {
        hash_text(b'm', name, hash);
        hash_value(value, hash);
    }
}

fn hash_text(kind: u8, text: &str, hash: &mut Sha256) {
    hash.update([kind]);
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::fixtures::user;

    #[test]
    fn ok_content_decides_the_version() {
        let version = of(&user());
        let mut moved = user();
        moved["meta"] = json!({ "location": "https://elsewhere", "version": version });
        assert_eq!(of(&moved), version);
        // The same on every machine and at all times: clients keep it.
        assert_eq!(of(&json!({ "userName": "ann", "active": true })), "W/\"292f32d822c7a8762e1ab485ba352709\"");
        for (pointer, value) in [("/title", json!("guide")), ("/active", json!(null)), ("/logins", json!("12"))] {
            let mut changed = user();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert_ne!(of(&changed), version, "{pointer}");
        }
        assert_ne!(of(&json!({ "a": ["b", "c"] })), of(&json!({ "a": ["bc"] })));
        assert_ne!(of(&json!({ "a": { "b": 1 } })), of(&json!({ "a": {}, "b": 1 })));
        assert_ne!(of(&json!([])), of(&json!({})));
    }

    #[test]
    fn ok_and_err_preconditions() {
        use Access::{Read, Write};
        use Precondition::{Failed, NotModified, Proceed};
        for (if_match, if_none_match, access, expected) in [
            (None, None, Read, Proceed),
            (None, None, Write, Proceed),
            (Some(r#"W/"1""#), None, Write, Proceed),
            (Some(r#""1""#), None, Write, Proceed),
            (Some("1"), None, Write, Proceed),
            (Some("W/1"), None, Write, Proceed),
            (Some(r#""0", W/"1""#), None, Write, Proceed),
            (Some(r#""a,b","1""#), None, Write, Proceed),
            (Some("0 , 1"), None, Write, Proceed),
            (Some(" * "), None, Write, Proceed),
            (Some(r#"W/"2""#), None, Write, Failed),
            (Some(r#"W/"1"#), None, Write, Failed),
            (Some(""), None, Write, Failed),
            (Some(r#""""#), None, Write, Failed),
            (Some(r#""*""#), None, Write, Failed),
            (Some(r#"W/"2""#), None, Read, Failed),
            (None, Some(r#"W/"1""#), Read, NotModified),
            (None, Some("*"), Read, NotModified),
            (None, Some(r#"W/"0", "2""#), Read, Proceed),
            (None, Some(r#"W/"1""#), Write, Failed),
            (None, Some("*"), Write, Failed),
            (Some("*"), Some(r#""1""#), Read, NotModified),
            (Some(r#""2""#), Some(r#""1""#), Read, Failed),
        ] {
            let found = precondition(if_match, if_none_match, Some(r#"W/"1""#), access);
            assert_eq!(found, expected, "{if_match:?} {if_none_match:?} {access:?}");
        }
        assert_eq!(precondition(Some("*"), None, None, Write), Failed);
        assert_eq!(precondition(None, Some("*"), None, Write), Proceed);
    }

    #[test]
    fn err_bounds() {
        let long = format!("{}\"1\"", "\"0\", ".repeat(MAX_TAGS));
        assert_eq!(precondition(Some(&long), None, Some("\"1\""), Access::Write), Precondition::Failed);
        assert_eq!(weak("a\"b\r\nc"), "W/\"abc\"");
    }

    proptest! {
        #[test]
        fn property_a_version_matches_itself_in_any_list(before in "[^*]{0,20}", text in "[!#-~]{1,20}") {
            let version = weak(&text);
            let list = format!("{}, {version}", before.replace('"', ""));
            prop_assert_eq!(precondition(Some(&list), None, Some(&version), Access::Write), Precondition::Proceed);
        }
    }
}
