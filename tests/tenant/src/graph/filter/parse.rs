//! The grammar of `$filter`, by recursive descent: `or` over `and` over `not` over comparisons.

use crate::graph::error::{Error, Result};
use crate::graph::filter::{Expression, Literal, Operator, Test};

/// How deep a filter may be nested.
const MAX_DEPTH: usize = 16;
/// How many values `or` and `in` may join, as the service limits it.
const MAX_CLAUSES: usize = 15;

/// Parses a filter.
pub(crate) fn parse(text: &str) -> Result<Expression> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0, variables: Vec::new(), clauses: 1 };
    let expression = parser.any_of()?;
    if parser.next < parser.tokens.len() {
        return Err(parser.unexpected());
    }
    if parser.clauses > MAX_CLAUSES {
        return Err(Error::unsupported_query(format!(
            "Too many child clauses specified in search filter expression containing 'OR' operators: {}. Max allowed: {MAX_CLAUSES}.",
            parser.clauses
        )));
    }
    Ok(expression)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    /// A name, a path, or a literal without quotes.
    Word(String),
    Sign(char),
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    /// Range variables with the paths they stand for, innermost last.
    variables: Vec<(String, String)>,
    clauses: usize,
}

impl Parser<'_> {
    fn any_of(&mut self) -> Result<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::syntax(format!("Invalid filter clause: nested deeper than {MAX_DEPTH} levels.")));
        }
        let mut left = self.all_of()?;
        while self.take_word("or") {
            self.clauses += 1;
            left = Expression::Or(Box::new(left), Box::new(self.all_of()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn all_of(&mut self) -> Result<Expression> {
        let mut left = self.negation()?;
        while self.take_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.negation()?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expression> {
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.negation()?)));
        }
        if self.take_sign('(') {
            let inner = self.any_of()?;
            self.expect_sign(')')?;
            return Ok(inner);
        }
        let word = self.word()?;
        if let Some(path) = word.strip_suffix("/any").filter(|_| self.peek_sign('(')) {
            return self.lambda(path);
        }
        if self.peek_sign('(') {
            return self.function(&word);
        }
        self.comparison(&word)
    }

    /// `path/any(x:...)`, after the word.
    fn lambda(&mut self, path: &str) -> Result<Expression> {
        self.expect_sign('(')?;
        let (path, _) = self.resolve(path);
        if self.take_sign(')') {
            return Ok(Expression::Any { path, inner: None });
        }
        let variable = self.word()?;
        self.expect_sign(':')?;
        self.variables.push((variable, path.clone()));
        let inner = self.any_of()?;
        self.variables.pop();
        self.expect_sign(')')?;
        Ok(Expression::Any { path, inner: Some(Box::new(inner)) })
    }

    /// `startswith(path,'text')`, after the name.
    fn function(&mut self, name: &str) -> Result<Expression> {
        let operator = match name.to_ascii_lowercase().as_str() {
            "startswith" => Operator::StartsWith,
            "endswith" => Operator::EndsWith,
            "contains" => Operator::Contains,
            _ => {
                return Err(Error::syntax(format!(
                    "Invalid filter clause: An unknown function with name '{name}' was found."
                )));
            }
        };
        self.expect_sign('(')?;
        let path = self.word()?;
        self.expect_sign(',')?;
        let literal = self.literal()?;
        self.expect_sign(')')?;
        // `startswith(a,'b') eq true` is the same without the comparison.
        if self.take_word("eq") && self.literal()? != Literal::Boolean(true) {
            return Err(self.unexpected());
        }
        Ok(self.test(&path, operator, vec![literal]))
    }

    fn comparison(&mut self, path: &str) -> Result<Expression> {
        const OPERATORS: [(&str, Operator); 7] = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
            ("in", Operator::In),
        ];
        for (word, operator) in OPERATORS {
            if self.take_word(word) {
                let literals = if operator == Operator::In { self.list()? } else { vec![self.literal()?] };
                return Ok(self.test(path, operator, literals));
            }
        }
        Err(self.unexpected())
    }

    fn list(&mut self) -> Result<Vec<Literal>> {
        self.expect_sign('(')?;
        let mut literals = vec![self.literal()?];
        while self.take_sign(',') {
            literals.push(self.literal()?);
        }
        self.expect_sign(')')?;
        self.clauses = self.clauses.max(literals.len());
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal> {
        let literal = match self.tokens.get(self.next) {
            Some((_, Token::Text(text))) => Some(Literal::Text(text.clone())),
            Some((_, Token::Word(word))) => Literal::bare(word),
            _ => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(literal)
    }

    fn test(&self, path: &str, operator: Operator, literals: Vec<Literal>) -> Expression {
        let (path, relative) = self.resolve(path);
        Expression::Test(Test { path, relative, operator, literals })
    }

    /// The path from the user, and the one from the innermost variable it begins with.
    fn resolve(&self, path: &str) -> (String, String) {
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        let variable = self.variables.iter().rev().find(|(name, _)| name == head);
        variable.map_or_else(
            || (path.to_owned(), path.to_owned()),
            |(_, stands_for)| {
                let slash = if rest.is_empty() { "" } else { "/" };
                (format!("{stands_for}/*{slash}{rest}"), rest.to_owned())
            },
        )
    }

    fn word(&mut self) -> Result<String> {
        match self.tokens.get(self.next) {
            Some((_, Token::Word(word))) => {
                self.next += 1;
                Ok(word.clone())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.next), Some((_, Token::Word(word))) if word == wanted);
        self.next += usize::from(found);
        found
    }

    fn peek_sign(&self, wanted: char) -> bool {
        matches!(self.tokens.get(self.next), Some((_, Token::Sign(sign))) if *sign == wanted)
    }

    fn take_sign(&mut self, wanted: char) -> bool {
        let found = self.peek_sign(wanted);
        self.next += usize::from(found);
        found
    }

    fn expect_sign(&mut self, wanted: char) -> Result<()> {
        if self.take_sign(wanted) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Error {
        let position = self.tokens.get(self.next).map_or(self.text.len(), |(position, _)| *position);
        syntax(position, self.text)
    }
}

fn syntax(position: usize, text: &str) -> Error {
    Error::syntax(format!("Invalid filter clause: Syntax error at position {position} in '{text}'."))
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((position, character)) = rest.next() {
        match character {
            ' ' | '\t' => {}
            '(' | ')' | ',' => tokens.push((position, Token::Sign(character))),
            '\'' => {
                let mut content = String::new();
                loop {
                    match rest.next() {
                        Some((_, '\'')) if rest.next_if(|(_, next)| *next == '\'').is_some() => content.push('\''),
                        Some((_, '\'')) => break,
                        Some((_, other)) => content.push(other),
                        None => return Err(syntax(position, text)),
                    }
                }
                tokens.push((position, Token::Text(content)));
            }
            ':' => tokens.push((position, Token::Sign(':'))),
            _ => {
                let mut word = String::from(character);
                // A colon ends a name (`x:x`), but is part of a time.
                let is_time = character.is_ascii_digit();
                while let Some((_, next)) =
                    rest.next_if(|(_, next)| is_word(*next) || (is_time && matches!(next, ':' | '+')))
                {
                    word.push(next);
                }
                if !is_word(character) {
                    return Err(syntax(position, text));
                }
                tokens.push((position, Token::Word(word)));
            }
        }
    }
    Ok(tokens)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | '$')
}
