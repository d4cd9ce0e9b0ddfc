//! Cutting texts.

use serde_json::Value;

/// The longest part of a value that a message shows, in characters.
const SHOWN: usize = 60;

/// A value as a message shows it.
pub(crate) fn shown(value: &Value) -> String {
    shorten(&value.to_string())
}

/// A text as a message shows it.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Cuts at a character where it is neither inside of parentheses nor of single quotes; the parts are trimmed.
pub(crate) fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (index, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if character == separator && depth == 0 => {
                parts.push(text.get(start..index).unwrap_or_default().trim());
                start = index + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

/// The segments of a path that are not empty.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    split_outside(path, '/').into_iter().filter(|segment| !segment.is_empty()).collect()
}

/// The longest prefix of a text of which all characters fit.
pub(crate) fn leading(text: &str, fits: impl Fn(char) -> bool) -> &str {
    let end = text.find(|character| !fits(character)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A character of a name.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// What begins with this, in any letter case.
pub(crate) fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_outside_of_parentheses_and_quotes() {
        let cases: [(&str, &[&str]); 4] = [
            ("id, displayName", &["id", "displayName"]),
            ("manager($select=id,mail),memberOf", &["manager($select=id,mail)", "memberOf"]),
            ("'a,b',c)", &["'a,b'", "c)"]),
            ("", &[""]),
        ];
        for (text, expected) in cases {
            assert_eq!(split_outside(text, ','), expected, "{text}");
        }
        assert_eq!(
            segments("/users(userPrincipalName='a/b')//manager/"),
            ["users(userPrincipalName='a/b')", "manager"]
        );
    }
}
