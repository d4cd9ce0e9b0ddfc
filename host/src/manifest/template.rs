//! Texts of the manifest with `{{ variable }}` in them.

use std::collections::BTreeMap;

/// A text with variables to fill in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                return Err(format!("\"{text}\" has {{{{ without }}}}"));
            };
            let name = name.trim();
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(format!("\"{text}\" has \"{name}\" where the name of a variable belongs"));
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Variable(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The names of its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with the variables filled in; one without a value is left empty.
    pub(crate) fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(name) => values.get(name).cloned().unwrap_or_default(),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let values = BTreeMap::from([("host".to_owned(), "example.com".to_owned())]);
        let cases = [
            ("", ""),
            ("plain }} text", "plain }} text"),
            ("{{ host }}", "example.com"),
            ("https://{{host}}:443/{{ host }}", "https://example.com:443/example.com"),
        ];
        for (text, expected) in cases {
            assert_eq!(Template::parse(text).unwrap().fill(&values), expected);
        }
        let template = Template::parse("{{ a }} {{ b }}").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn wrong_templates_are_told() {
        for (text, expected) in [("a {{ b", "without }}"), ("{{ }}", "belongs"), ("{{ a.b }}", "belongs")] {
            assert!(Template::parse(text).unwrap_err().contains(expected));
        }
    }
}
