//! `$search`: `"displayName:wa" OR "mail:ad"`, over words of the display name and beginnings of other properties.

use crate::contract::CONTRACT;
use crate::directory::user::User;
use crate::graph::error::{Error, Result};

/// A search: it fits when all terms of any alternative do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Search(Vec<Vec<(String, String)>>);

impl Search {
    /// Reads quoted terms joined by `AND` and `OR`; `AND` binds closer.
    pub(crate) fn parse(text: &str) -> Result<Self> {
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
            let known = CONTRACT.property(property).is_some_and(|known| known.type_name == "Edm.String");
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

    /// Whether a user is found.
    pub(crate) fn finds(&self, user: &User<'_>) -> bool {
        self.0.iter().any(|terms| terms.iter().all(|(property, value)| found(user, property, value)))
    }
}

fn found(user: &User<'_>, property: &str, wanted: &str) -> bool {
    let value = user.value(property);
    let Some(text) = value.as_str().map(str::to_lowercase) else { return false };
    if property == "displayName" {
        return wanted.split_whitespace().all(|wanted| {
            text.split(|character: char| !character.is_alphanumeric()).any(|word| word.starts_with(wanted))
        });
    }
    text.starts_with(wanted)
}
