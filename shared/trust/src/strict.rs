//! JSON in which no member may be given twice: two readers of `{"a": 1, "a": 2}` need not agree on what it says.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Reads a text.
///
/// # Errors
///
/// A sentence without any of the text.
pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "a member is given twice, or a number is out of range",
            serde_json::error::Category::Eof => "the JSON ends too early",
            _ => "it is no JSON",
        };
        format!("{what}, at line {} column {}", error.line(), error.column())
    })
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = access.next_entry::<String, Strict>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is given twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse;

    #[test]
    fn ok_json_is_what_it_is_without_doubles() {
        for text in [r#"{"a": [1, -2, 0.5, null, true, "x"], "b": {"a": {}}}"#, "[]", "\"\"", "7"] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        assert_eq!(parse(br#"{"a": {"b": 1}, "b": 1}"#).unwrap(), json!({"a": {"b": 1}, "b": 1}));
    }

    #[test]
    fn err_a_member_is_given_once_and_the_text_is_not_told() {
        for text in
            [r#"{"secret": 1, "secret": 2}"#, r#"[{"x": {"a": 1, "\u0061": 1}}]"#, "{", "secret", "1 2", "1e999"]
        {
            let problem = parse(text.as_bytes()).unwrap_err();
            assert!(problem.contains("line 1") && !problem.contains("secret"), "{problem}");
        }
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
