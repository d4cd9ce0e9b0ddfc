//! Reads a `$filter` as Graph does: without regard to letter case.

use chrono::DateTime;
use serde_json::Value;

/// What comes of a function or an order where there is no value; Graph does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Oracle {
    /// It does not hold.
    Denying,
    /// It neither holds nor does its opposite, as OData has it.
    Unknowing,
}

impl Oracle {
    pub(super) fn passes(self, text: &str, object: &Value) -> bool {
        let mut reader = Reader { rest: text, oracle: self };
        let passes = reader.any(object);
        assert_eq!(reader.rest, "", "{text}");
        passes == Some(true)
    }
}

struct Reader<'a> {
    rest: &'a str,
    oracle: Oracle,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, word: &str) {
        assert!(self.take(word), "{word} at {}", self.rest);
    }

    fn any(&mut self, object: &Value) -> Option<bool> {
        let mut parts = vec![self.all(object)];
        while self.take(" or ") {
            parts.push(self.all(object));
        }
        if parts.contains(&Some(true)) { Some(true) } else { parts.into_iter().min().unwrap() }
    }

    fn all(&mut self, object: &Value) -> Option<bool> {
        let mut parts = vec![self.one(object)];
        while self.take(" and ") {
            parts.push(self.one(object));
        }
        if parts.contains(&Some(false)) { Some(false) } else { parts.into_iter().min().unwrap() }
    }

    fn one(&mut self, object: &Value) -> Option<bool> {
        let negated = self.take("not(");
        if negated || self.take("(") {
            let inner = self.any(object);
            self.expect(")");
            return if negated { inner.map(|holds| !holds) } else { inner };
        }
        for (name, test) in [("startsWith(", starts as fn(&str, &str) -> bool), ("endsWith(", ends)] {
            if self.take(name) {
                let value = self.value(object);
                self.expect(",");
                let part = self.literal();
                self.expect(")");
                return match value.as_str() {
                    Some(text) => Some(test(&text.to_lowercase(), &part.as_str().unwrap().to_lowercase())),
                    None => self.nothing(),
                };
            }
        }
        let value = self.value(object);
        if self.take("/any(p:") {
            return self.lambda(&value);
        }
        if self.take("/$count ") {
            let equal = self.take("eq 0");
            assert!(equal || self.take("ne 0"));
            return Some(value.as_array().unwrap().is_empty() == equal);
        }
        self.comparison(&value)
    }

    fn lambda(&mut self, items: &Value) -> Option<bool> {
        let start = self.rest;
        // Read once for what comes after it, even if there is no item.
        self.any(&Value::Null);
        let mut found = false;
        for item in items.as_array().unwrap() {
            self.rest = start;
            found |= self.any(item) == Some(true);
        }
        self.expect(")");
        Some(found)
    }

    fn comparison(&mut self, value: &Value) -> Option<bool> {
        if self.take(" in (") {
            let mut found = false;
            while !self.take(")") {
                found |= same(value, &self.literal());
                self.take(",");
            }
            return Some(found);
        }
        for word in [" eq ", " ne ", " ge ", " le "] {
            if self.take(word) {
                let literal = self.literal();
                return match word {
                    " eq " => Some(same(value, &literal)),
                    " ne " => Some(!same(value, &literal)),
                    _ if value.is_null() => self.nothing(),
                    " ge " => Some(time(value) >= time(&literal)),
                    _ => Some(time(value) <= time(&literal)),
                };
            }
        }
        panic!("at {}", self.rest)
    }

    fn nothing(&self) -> Option<bool> {
        (self.oracle == Oracle::Denying).then_some(false)
    }

    fn value(&mut self, object: &Value) -> Value {
        let end = self.rest.find([' ', ',', ')']).unwrap_or(self.rest.len());
        let end = self.rest[..end].find("/any(").or(self.rest[..end].find("/$")).unwrap_or(end);
        let (path, rest) = self.rest.split_at(end);
        self.rest = rest;
        path.split('/').filter(|name| *name != "p").fold(object.clone(), |value, name| value[name].clone())
    }

    fn literal(&mut self) -> Value {
        if !self.take("'") {
            let end = self.rest.find([' ', ',', ')']).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest;
            return serde_json::from_str(word).unwrap_or_else(|_| Value::from(word));
        }
        let mut text = String::new();
        loop {
            let end = self.rest.find('\'').unwrap();
            text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end + 1..];
            if !self.take("'") {
                return Value::from(text);
            }
            text.push('\'');
        }
    }
}

fn starts(text: &str, part: &str) -> bool {
    text.starts_with(part)
}

fn ends(text: &str, part: &str) -> bool {
    text.ends_with(part)
}

fn time(value: &Value) -> DateTime<chrono::FixedOffset> {
    DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap()
}

fn same(value: &Value, literal: &Value) -> bool {
    match (value.as_str(), literal.as_str()) {
        (Some(left), Some(right)) => left.to_lowercase() == right.to_lowercase(),
        _ => value == literal,
    }
}
