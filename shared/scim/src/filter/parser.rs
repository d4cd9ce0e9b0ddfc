//! Reads a filter: one function for each rule of the grammar, lowest precedence first.

use serde_json::{Number, Value};

use super::lexer::{Lexer, Token, TokenKind};
use super::{Filter, MAX_DEPTH, MAX_LENGTH, MAX_TERMS, Operator};
use crate::error::{Error, Result};
use crate::path::AttributePath;

/// Reads a whole filter.
pub(super) fn parse(text: &str) -> Result<Filter> {
    let mut parser = Parser::new(text)?;
    let filter = parser.alternatives(Scope::Resource)?;
    parser.expect_end("and, or, or the end of the filter")?;
    Ok(filter)
}

/// Reads a PATCH path: `attrPath / valuePath [subAttr]`.
///
/// # Errors
/// `invalidPath`, or `invalidFilter` for what is wrong between the brackets.
pub(crate) fn parse_path(text: &str) -> Result<(AttributePath, Option<Filter>)> {
    // Without a bracket no filter has to be read; this is the usual case.
    if !text.contains('[') {
        return Ok((AttributePath::parse(text.trim()).map_err(Error::invalid_path)?, None));
    }
    let mut parser = Parser::new(text)?;
    let TokenKind::Word(name) = parser.current.kind else {
        return Err(Error::invalid_path("the path must begin with an attribute name"));
    };
    let mut path = AttributePath::parse(name).map_err(Error::invalid_path)?;
    parser.advance()?;
    let filter = parser.brackets(&path)?;
    if let TokenKind::Word(word) = parser.current.kind {
        path.sub_attribute = Some(sub_attribute(word).ok_or_else(|| {
            Error::invalid_path(format!(
                "'{}' after ']' is not a sub-attribute such as .value",
                crate::path::shorten(word)
            ))
        })?);
        parser.advance()?;
    }
    match parser.current.kind {
        TokenKind::End => Ok((path, Some(filter))),
        _ => Err(Error::invalid_path("the path goes on after its end; one [filter] and one .subAttribute are allowed")),
    }
}

/// Where a filter stands: brackets must not hold brackets, since no sub-attribute is complex.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Resource,
    Values,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    current: Token<'a>,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(Error::invalid_filter(format!("the filter is longer than {MAX_LENGTH} bytes")));
        }
        let mut lexer = Lexer::new(text);
        let current = lexer.next_token()?;
        Ok(Self { lexer, current, depth: 0, terms: 0 })
    }

    /// `FILTER "or" FILTER`
    fn alternatives(&mut self, scope: Scope) -> Result<Filter> {
        let first = self.conditions(scope)?;
        if !self.at_keyword("or") {
            return Ok(first);
        }
        let mut alternatives = vec![first];
        while self.skip_keyword("or")? {
            alternatives.push(self.conditions(scope)?);
        }
        Ok(Filter::any(alternatives))
    }

    /// `FILTER "and" FILTER`
    fn conditions(&mut self, scope: Scope) -> Result<Filter> {
        let first = self.condition(scope)?;
        if !self.at_keyword("and") {
            return Ok(first);
        }
        let mut conditions = vec![first];
        while self.skip_keyword("and")? {
            conditions.push(self.condition(scope)?);
        }
        Ok(Filter::all(conditions))
    }

    /// `attrExp / valuePath / *1"not" "(" FILTER ")"`
    fn condition(&mut self, scope: Scope) -> Result<Filter> {
        let start = self.current.start;
        match self.current.kind {
            TokenKind::Open => self.group(scope),
            TokenKind::Word(word) => {
                self.advance()?;
                match self.current.kind {
                    TokenKind::Open if word.eq_ignore_ascii_case("not") => {
                        Ok(Filter::Not(Box::new(self.group(scope)?)))
                    }
                    TokenKind::OpenBracket if scope == Scope::Values => {
                        Err(self.lexer.error(self.current.start, "brackets cannot stand inside brackets"))
                    }
                    TokenKind::OpenBracket => self.value_path(word, start),
                    _ => self.comparison(word, start),
                }
            }
            _ => Err(self.unexpected("an attribute name, not, or '('")),
        }
    }

    /// `"(" FILTER ")"`
    fn group(&mut self, scope: Scope) -> Result<Filter> {
        self.enter()?;
        self.advance()?;
        let filter = self.alternatives(scope)?;
        if self.current.kind != TokenKind::Close {
            return Err(self.unexpected("and, or, or ')'"));
        }
        self.advance()?;
        self.depth -= 1;
        Ok(filter)
    }

    /// `attrPath "[" valFilter "]"`, and the shapes that compare what the brackets select.
    fn value_path(&mut self, word: &str, start: usize) -> Result<Filter> {
        let path = self.attribute_path(word, start)?;
        let selection = self.brackets(&path)?;
        let TokenKind::Word(word) = self.current.kind else {
            return Ok(Filter::ValuePath(path, Box::new(selection)));
        };
        // Entra: `emails[type eq "work"].value eq "x"` and `emails[type eq "work"] eq "x"`.
        let name = match sub_attribute(word) {
            Some(name) => {
                self.advance()?;
                name
            }
            None if word.eq_ignore_ascii_case("pr") || Operator::from_keyword(word).is_some() => "value".to_owned(),
            None => return Ok(Filter::ValuePath(path, Box::new(selection))),
        };
        let condition = self.operation(AttributePath { schema: None, name, sub_attribute: None })?;
        Ok(Filter::ValuePath(path, Box::new(Filter::all([selection, condition]))))
    }

    /// `"[" valFilter "]"`
    fn brackets(&mut self, path: &AttributePath) -> Result<Filter> {
        if path.sub_attribute.is_some() {
            let problem = format!("'{path}' is a sub-attribute and cannot be followed by '['");
            return Err(self.lexer.error(self.current.start, &problem));
        }
        if self.current.kind != TokenKind::OpenBracket {
            return Err(self.unexpected("'['"));
        }
        self.enter()?;
        self.advance()?;
        let filter = self.alternatives(Scope::Values)?;
        if self.current.kind != TokenKind::CloseBracket {
            return Err(self.unexpected("and, or, or ']'"));
        }
        self.advance()?;
        self.depth -= 1;
        Ok(filter)
    }

    /// `attrPath SP "pr" / attrPath SP compareOp SP compValue`
    fn comparison(&mut self, word: &str, start: usize) -> Result<Filter> {
        let path = self.attribute_path(word, start)?;
        self.operation(path)
    }

    fn operation(&mut self, path: AttributePath) -> Result<Filter> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            let problem = format!("more than {MAX_TERMS} comparisons; split the query");
            return Err(self.lexer.error(self.current.start, &problem));
        }
        let TokenKind::Word(word) = self.current.kind else {
            return Err(self.unexpected("an operator: eq ne co sw ew pr gt ge lt le"));
        };
        if word.eq_ignore_ascii_case("pr") {
            self.advance()?;
            return Ok(Filter::Present(path));
        }
        let Some(operator) = Operator::from_keyword(word) else {
            return Err(self.unexpected("an operator: eq ne co sw ew pr gt ge lt le"));
        };
        self.advance()?;
        Ok(Filter::Compare(path, operator, self.value()?))
    }

    /// `compValue`: a JSON string, number, `true`, `false` or `null`.
    fn value(&mut self) -> Result<Value> {
        let expected = "a value: \"text\" in quotation marks, a number, true, false or null";
        let value = match &mut self.current.kind {
            TokenKind::Text(text) => Value::String(std::mem::take(text)),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("true") => Value::Bool(true),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("false") => Value::Bool(false),
            TokenKind::Word(word) if word.eq_ignore_ascii_case("null") => Value::Null,
            TokenKind::Word(word) => match number(word) {
                Some(number) => Value::Number(number),
                None => return Err(self.unexpected(expected)),
            },
            _ => return Err(self.unexpected(expected)),
        };
        self.advance()?;
        Ok(value)
    }

    fn attribute_path(&self, word: &str, start: usize) -> Result<AttributePath> {
        AttributePath::parse(word).map_err(|problem| self.lexer.error(start, &problem))
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        matches!(self.current.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn skip_keyword(&mut self, keyword: &str) -> Result<bool> {
        let found = self.at_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let problem = format!("nested deeper than {MAX_DEPTH} parentheses and brackets");
            return Err(self.lexer.error(self.current.start, &problem));
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<()> {
        self.current = self.lexer.next_token()?;
        Ok(())
    }

    fn expect_end(&self, expected: &str) -> Result<()> {
        match self.current.kind {
            TokenKind::End => Ok(()),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let problem = format!("expected {expected}, found {}", self.current.kind.describe());
        self.lexer.error(self.current.start, &problem)
    }
}

/// A JSON number. One with a fraction is read to the nearest, which `serde_json` by itself does not.
fn number(word: &str) -> Option<Number> {
    let number = serde_json::from_str::<Number>(word).ok()?;
    match number.is_f64() {
        true => Number::from_f64(word.parse().ok()?),
        false => Some(number),
    }
}

/// The name in `.value`, if the word is a dot and a name.
fn sub_attribute(word: &str) -> Option<String> {
    word.strip_prefix('.').filter(|name| crate::path::is_name(name)).map(str::to_owned)
}
