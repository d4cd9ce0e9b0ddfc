//! `$search`: `"displayName:wa" OR "mail:ad"`, over words of the display name and the description, and beginnings of
//! other properties.

use crate::contract::ObjectType;
use crate::directory::item::Item;
use crate::graph::error::{Error, Result};

/// A search: it fits when all terms of any alternative do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Search(Vec<Vec<(String, String)>>);

impl Search {
    /// Reads quoted terms joined by `AND` and `OR`; `AND` binds closer.
    pub(crate) fn parse(text: &str, types: &[ObjectType]) -> Result<Self> {
        let refuse = || {
            Error::syntax(format!(
                "Syntax error in '{text}': a term is \"property:value\" in double quotes, joined by AND or OR."
            ))
        };
        let mut alternatives = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let (term, tail) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(refuse)?;
            let (property, value) = term.split_once(':').ok_or_else(refuse)?;
            let known = types
                .iter()
                .any(|one| one.schema().property(property).is_some_and(|property| property.type_name == "Edm.String"));
            if !known || value.is_empty() {
                return Err(Error::unsupported_query(format!("Unsupported search clause for property '{property}'.")));
            }
            if let Some(last) = alternatives.last_mut() {
                last.push((property.to_owned(), value.to_lowercase()));
            }
            rest = tail.trim_start();
            match rest.split_once(' ') {
                None if rest.is_empty() => return Ok(Self(alternatives)),
                Some(("OR", tail)) => {
                    alternatives.push(Vec::new());
                    rest = tail.trim_start();
                }
                Some(("AND", tail)) => rest = tail.trim_start(),
                _ if rest.starts_with('"') => {}
                _ => return Err(refuse()),
            }
        }
    }

    /// Whether an object is found.
    pub(crate) fn finds(&self, item: &Item<'_>) -> bool {
        self.0.iter().any(|terms| terms.iter().all(|(property, value)| found(item, property, value)))
    }
}

fn found(item: &Item<'_>, property: &str, wanted: &str) -> bool {
    let value = item.value(property);
    let Some(text) = value.as_str().map(str::to_lowercase) else { return false };
    if matches!(property, "description" | "displayName") {
        return wanted.split_whitespace().all(|wanted| {
            text.split(|character: char| !character.is_alphanumeric()).any(|word| word.starts_with(wanted))
        });
    }
    text.starts_with(wanted)
}
