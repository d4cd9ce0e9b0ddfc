//! Reads a filter down to its tests.

use std::collections::BTreeMap;

use super::lexer::{Token, TokenKind, tokens};
use crate::text::shorten;

/// What a filter asks about one path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Test {
    /// The path of properties; in a lambda, from the outside: `assignedLicenses/*/skuId`.
    pub(super) path: String,
    /// `eq`, `in`, `startsWith` and so on; `any` for a lambda itself.
    pub(super) operator: &'static str,
    /// Whether it stands behind a `not`.
    pub(super) is_negated: bool,
    /// What is compared with; `None` where nothing is.
    pub(super) literal: Option<Literal>,
}

/// A literal, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) kind: TokenKind,
    pub(super) text: String,
}

/// How deep parentheses, functions and `not` may stand in each other.
const MAX_DEPTH: usize = 64;

const COMPARISONS: [&str; 7] = ["eq", "ne", "gt", "ge", "lt", "le", "has"];

/// Functions that are tests by themselves.
const TESTING_FUNCTIONS: [&str; 3] = ["startsWith", "endsWith", "contains"];

/// Functions whose result is compared.
const FUNCTIONS: [&str; 8] = ["tolower", "toupper", "length", "indexof", "substring", "year", "month", "day"];

/// The tests of a filter, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Test>, String> {
    let mut parser = Parser { tokens: tokens(text)?, position: 0, depth: 0, negations: 0, ..Parser::default() };
    parser.expression()?;
    match parser.peek() {
        None => Ok(parser.tests),
        Some(token) => Err(format!("{:?} is one too many", shorten(token.text))),
    }
}

#[derive(Default)]
struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    position: usize,
    depth: usize,
    negations: usize,
    /// The variables of the lambdas around, with the collections they go through.
    variables: BTreeMap<&'a str, String>,
    tests: Vec<Test>,
}

/// What stands on the left of a comparison.
enum Operand<'a> {
    Path(&'a str),
    /// A test that is complete without a comparison, and may still be compared with true or false.
    Test,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.position).copied()
    }

    fn take(&mut self) -> Parsed<Token<'a>> {
        let token = self.peek().ok_or("it ends too early")?;
        self.position += 1;
        Ok(token)
    }

    fn is_next(&self, mark: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == TokenKind::Mark && token.text == mark)
    }

    /// Takes a mark if it is the next token.
    fn takes(&mut self, mark: &str) -> bool {
        let is_next = self.is_next(mark);
        self.position += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.takes(mark) {
            return Ok(());
        }
        let found = self.peek().map_or("the end".to_owned(), |token| format!("{:?}", shorten(token.text)));
        Err(format!("{mark:?} is expected, not {found}"))
    }

    /// Takes a word, if it is the next token and one of these, in any letter case.
    fn takes_word(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let token = self.peek().filter(|token| token.kind == TokenKind::Name)?;
        let word = words.iter().find(|word| word.eq_ignore_ascii_case(token.text))?;
        self.position += 1;
        Some(word)
    }

    /// Reads what stands inside of something else.
    fn inside<T>(&mut self, read: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it is more than {MAX_DEPTH} levels deep"));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn expression(&mut self) -> Parsed<()> {
        self.unary()?;
        while self.takes_word(&["and", "or"]).is_some() {
            self.unary()?;
        }
        Ok(())
    }

    fn unary(&mut self) -> Parsed<()> {
        if self.takes_word(&["not"]).is_some() {
            self.negations += 1;
            self.inside(Self::unary)?;
            self.negations -= 1;
            return Ok(());
        }
        if self.takes("(") {
            self.inside(Self::expression)?;
            self.expect(")")?;
            self.comparison(None)?;
            return Ok(());
        }
        match self.operand()? {
            Operand::Path(path) => {
                if !self.comparison(Some(path))? {
                    // A property by itself is one that is true.
                    self.note(path, "eq", Some(Literal { kind: TokenKind::Name, text: "true".to_owned() }));
                }
            }
            Operand::Test => {
                self.comparison(None)?;
            }
        }
        Ok(())
    }

    /// The operator and what is on its right; whether there is an operator.
    fn comparison(&mut self, path: Option<&'a str>) -> Parsed<bool> {
        if let Some(operator) = self.takes_word(&COMPARISONS) {
            let literal = self.literal()?;
            self.note_compared(path, operator, literal);
            return Ok(true);
        }
        if self.takes_word(&["in"]).is_none() {
            return Ok(false);
        }
        self.expect("(")?;
        loop {
            let literal = self.literal()?;
            self.note_compared(path, "in", literal);
            if !self.takes(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(true)
    }

    fn operand(&mut self) -> Parsed<Operand<'a>> {
        let token = self.take()?;
        if token.kind != TokenKind::Name {
            return Err(format!("{:?} stands where a property belongs", shorten(token.text)));
        }
        if !self.is_next("(") {
            return Ok(Operand::Path(token.text));
        }
        let (collection, last) = token.text.rsplit_once('/').unwrap_or((token.text, token.text));
        if ["any", "all"].iter().any(|word| word.eq_ignore_ascii_case(last)) {
            return self.lambda(collection);
        }
        let is_called = |name: &&str| name.eq_ignore_ascii_case(token.text);
        if let Some(function) = TESTING_FUNCTIONS.into_iter().find(is_called) {
            let (path, literal) = self.arguments()?;
            if let Some(path) = path {
                self.note(path, function, literal);
            }
            return Ok(Operand::Test);
        }
        if FUNCTIONS.iter().any(is_called) {
            return Ok(self.arguments()?.0.map_or(Operand::Test, Operand::Path));
        }
        if token.text.eq_ignore_ascii_case("isof") {
            self.expect("(")?;
            self.literal()?;
            self.expect(")")?;
            return Ok(Operand::Test);
        }
        Err(format!("{:?} is no function that Graph has", shorten(token.text)))
    }

    /// The property that a function is about, and its literal.
    fn arguments(&mut self) -> Parsed<(Option<&'a str>, Option<Literal>)> {
        self.expect("(")?;
        let path = match self.inside(Self::operand)? {
            Operand::Path(path) => Some(path),
            Operand::Test => None,
        };
        let literal = if self.takes(",") { Some(self.literal()?) } else { None };
        self.expect(")")?;
        Ok((path, literal))
    }

    /// `otherMails/any(m:m eq 'x')`, or `otherMails/any()`.
    fn lambda(&mut self, collection: &'a str) -> Parsed<Operand<'a>> {
        self.expect("(")?;
        self.note(collection, "any", None);
        if self.takes(")") {
            return Ok(Operand::Test);
        }
        let variable = self.take()?.text;
        self.expect(":")?;
        let collection = self.absolute(collection);
        let hidden = self.variables.insert(variable, collection);
        self.inside(Self::expression)?;
        match hidden {
            Some(collection) => self.variables.insert(variable, collection),
            None => self.variables.remove(variable),
        };
        self.expect(")")?;
        Ok(Operand::Test)
    }

    fn literal(&mut self) -> Parsed<Literal> {
        let token = self.take()?;
        let is_word = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(token.text));
        let is_prefix = || is_word(&["duration", "guid", "datetime"]);
        let is_literal = match token.kind {
            TokenKind::Mark => false,
            TokenKind::Name => token.text.starts_with(['{', '$']) || is_word(&["true", "false", "null"]),
            _ => true,
        };
        match self.peek() {
            _ if is_literal => Ok(Literal { kind: token.kind, text: token.text.to_owned() }),
            Some(text) if text.kind == TokenKind::Text && is_prefix() => {
                self.position += 1;
                Ok(Literal { kind: TokenKind::Text, text: text.text.to_owned() })
            }
            _ => Err(format!("{:?} stands where a value belongs", shorten(token.text))),
        }
    }

    fn note_compared(&mut self, path: Option<&str>, operator: &'static str, literal: Literal) {
        if let Some(path) = path {
            self.note(path, operator, Some(literal));
        }
    }

    fn note(&mut self, path: &str, operator: &'static str, literal: Option<Literal>) {
        let path = self.absolute(path);
        self.tests.push(Test { path, operator, is_negated: self.negations > 0, literal });
    }

    /// A path from the outside of all lambdas.
    fn absolute(&self, path: &str) -> String {
        let first = path.split('/').next().unwrap_or_default();
        match self.variables.get(first) {
            Some(collection) => format!("{collection}/*{}", path.get(first.len()..).unwrap_or_default()),
            None => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests of a filter, one a line.
    fn tests(text: &str) -> Vec<String> {
        let tests = parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        let line = |test: Test| {
            let not = if test.is_negated { "not " } else { "" };
            format!("{not}{} {} {}", test.path, test.operator, test.literal.map_or(String::new(), |one| one.text))
        };
        tests.into_iter().map(line).collect()
    }

    #[test]
    fn the_tests_of_a_filter() {
        let cases: [(&str, &[&str]); 8] = [
            ("a eq 1 and (b ne 'x' or not c)", &["a eq 1", "b ne 'x'", "not c eq true"]),
            ("startswith(a,'x') eq true", &["a startsWith 'x'"]),
            ("tolower(a) eq 'x'", &["a eq 'x'"]),
            ("a in ('x', null)", &["a in 'x'", "a in null"]),
            ("a/any(x:x/b eq 1)", &["a any ", "a/*/b eq 1"]),
            ("a/any(x:x/b/any(y:y/c eq 1))", &["a any ", "a/*/b any ", "a/*/b/*/c eq 1"]),
            ("not(a/any())", &["not a any "]),
            ("a/$count eq 0", &["a/$count eq 0"]),
        ];
        for (text, expected) in cases {
            assert_eq!(tests(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}a eq 1{}", "(".repeat(100), ")".repeat(100));
        let texts =
            ["", "a eq", "a eq b", "a eq 1 1", "(a eq 1", "a eq 1)", "f(a) eq 1", "a in ()", "not", "a/any(x x)"];
        for text in texts.into_iter().chain([deep.as_str()]) {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
