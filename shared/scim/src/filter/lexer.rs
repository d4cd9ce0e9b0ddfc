//! Cuts a filter into tokens, each with its position.

use crate::error::{Error, Result};

/// One token and where it begins, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) start: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind<'a> {
    /// An attribute path, an operator, a number or a keyword.
    Word(&'a str),
    /// A JSON string, its escapes undone.
    Text(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// The end of the filter.
    End,
}

impl TokenKind<'_> {
    /// How a message names the token.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("'{}'", crate::path::shorten(word)),
            Self::Text(_) => "a string".to_owned(),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::OpenBracket => "'['".to_owned(),
            Self::CloseBracket => "']'".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// The next token.
    pub(super) fn next_token(&mut self) -> Result<Token<'a>> {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.position += rest.len() - trimmed.len();
        let start = self.position;
        let kind = match trimmed.as_bytes().first() {
            None => TokenKind::End,
            Some(b'(') => self.take(TokenKind::Open),
            Some(b')') => self.take(TokenKind::Close),
            Some(b'[') => self.take(TokenKind::OpenBracket),
            Some(b']') => self.take(TokenKind::CloseBracket),
            Some(b'"') => self.string()?,
            Some(_) => self.word(),
        };
        Ok(Token { kind, start })
    }

    /// An `invalidFilter` error at a position in bytes; the message counts characters from 1.
    pub(super) fn error(&self, position: usize, problem: &str) -> Error {
        let character = self.text.get(..position).map_or(0, |before| before.chars().count()) + 1;
        Error::invalid_filter(format!("filter, character {character}: {problem}"))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn take(&mut self, kind: TokenKind<'a>) -> TokenKind<'a> {
        self.position += 1;
        kind
    }

    fn word(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let end = rest.find([' ', '\t', '\r', '\n', '(', ')', '[', ']', '"']).unwrap_or(rest.len());
        self.position += end;
        TokenKind::Word(rest.get(..end).unwrap_or_default())
    }

    fn string(&mut self) -> Result<TokenKind<'a>> {
        let rest = self.rest();
        let mut escaped = false;
        for (index, byte) in rest.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let literal = rest.get(..=index).unwrap_or_default();
                    let text = serde_json::from_str(literal)
                        .map_err(|_| self.error(self.position, "the string is not a JSON string; check its escapes"))?;
                    self.position += index + 1;
                    return Ok(TokenKind::Text(text));
                }
                _ => {}
            }
        }
        Err(self.error(self.position, "the string has no closing quotation mark"))
    }
}
