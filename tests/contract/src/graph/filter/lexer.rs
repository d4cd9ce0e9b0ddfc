//! Cuts a filter into tokens.

use crate::format::Scanner;
use crate::text::{is_word, leading, shorten};

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `'Ada''s'`
    Text,
    /// `2026-01-31T18:30:15Z`
    DateTime,
    /// `f6ede700-27d0-4c42-bfb9-4dffff43c74a`
    Guid,
    /// `2026-01-31`
    Date,
    /// `-1.5`
    Number,
    /// A path of properties, a function, an operator, `true`, `false` or `null`.
    Name,
    /// A parenthesis, a comma or a colon.
    Mark,
}

/// How many bytes of a kind of token a text begins with.
type Read = fn(&str) -> Option<usize>;

/// The kinds in the order in which they are tried.
const KINDS: [(TokenKind, Read); 7] = [
    (TokenKind::Text, text),
    (TokenKind::DateTime, date_time),
    (TokenKind::Guid, |text| scanned(text, |scanner| scanner.guid())),
    (TokenKind::Date, |text| scanned(text, |scanner| scanner.date())),
    (TokenKind::Number, number),
    (TokenKind::Name, name),
    (TokenKind::Mark, |text| text.starts_with(['(', ')', ',', ':']).then_some(1)),
];

/// The tokens of a filter, or what cannot be read.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut rest = text.trim();
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let token = KINDS.iter().find_map(|(kind, read)| {
            let (text, left) = rest.split_at_checked(read(rest)?)?;
            Some((Token { kind: *kind, text }, left))
        });
        let Some((token, left)) = token else { return Err(format!("{:?} cannot be read", shorten(rest))) };
        tokens.push(token);
        rest = left.trim_start();
    }
    Ok(tokens)
}

fn scanned(text: &str, read: impl Fn(&mut Scanner<'_>) -> bool) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    read(&mut scanner).then(|| text.len() - scanner.left())
}

/// In single quotes; two of them are one that belongs to the text.
fn text(text: &str) -> Option<usize> {
    let mut end = text.strip_prefix('\'').map(|_| 1)?;
    loop {
        end += text.get(end..)?.find('\'')? + 1;
        if !text.get(end..)?.starts_with('\'') {
            return Some(end);
        }
        end += 1;
    }
}

fn date_time(text: &str) -> Option<usize> {
    scanned(text, |scanner| {
        let clock = |byte: u8| byte.is_ascii_digit() || b":.".contains(&byte);
        let is_read = scanner.date() && scanner.byte(b'T') && scanner.all(clock) > 0;
        scanner.optional(Scanner::offset);
        is_read
    })
}

fn number(text: &str) -> Option<usize> {
    let length = scanned(text, |scanner| {
        scanner.byte(b'-');
        scanner.digits() > 0 && (!scanner.byte(b'.') || scanner.digits() > 0)
    })?;
    let follows_word = text.get(length..)?.starts_with(|character| is_word(character) || character == '-');
    (!follows_word).then_some(length)
}

/// A path of names; a placeholder of the documentation, `{id}`, is one too.
fn name(text: &str) -> Option<usize> {
    let is_first = |character: char| character.is_ascii_alphabetic() || "_$@{".contains(character);
    let is_further = |character: char| is_word(character) || "$@.{}-".contains(character);
    if !text.starts_with(is_first) {
        return None;
    }
    let mut length = leading(text, is_further).len();
    loop {
        let Some(rest) = text.get(length..).and_then(|rest| rest.strip_prefix('/')) else { return Some(length) };
        length += 1;
        if !rest.starts_with(|character: char| character.is_ascii_alphabetic() || "_$".contains(character)) {
            return Some(length);
        }
        length += leading(rest, |character| is_word(character) || "$.-".contains(character)).len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let text = "startswith(a/b,'it''s') and x eq 2026-01-31T18:30:15Z or y in (-1.5, null) and \
            z/any(i:i/c eq f6ede700-27d0-4c42-bfb9-4dffff43c74a) and d le 2026-01-31";
        let tokens = tokens(text).unwrap();
        let of = |kind| tokens.iter().filter(|token| token.kind == kind).map(|token| token.text).collect::<Vec<_>>();
        assert_eq!(of(TokenKind::Text), ["'it''s'"]);
        assert_eq!(of(TokenKind::DateTime), ["2026-01-31T18:30:15Z"]);
        assert_eq!(of(TokenKind::Date), ["2026-01-31"]);
        assert_eq!(of(TokenKind::Guid), ["f6ede700-27d0-4c42-bfb9-4dffff43c74a"]);
        assert_eq!(of(TokenKind::Number), ["-1.5"]);
        assert_eq!(of(TokenKind::Mark), ["(", ",", ")", "(", ",", ")", "(", ":", ")"]);
    }

    #[test]
    fn what_is_no_token_is_told() {
        for text in ["a eq 'b", "a eq \"b\"", "a = 1", "a eq 12abc", "a eq 1."] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
