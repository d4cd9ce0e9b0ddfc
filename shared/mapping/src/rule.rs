//! What Graph demands of the values of a property, so that it need not be asked to refuse one.

use scim::{Error, Result};
use serde_json::Value;

use crate::table::Row;

/// The demands on a property.
#[derive(Debug)]
pub struct Rule {
    /// The property's path in Graph.
    pub property: &'static str,
    /// The most characters that each text may have.
    pub limit: Option<u16>,
    /// The form of each text.
    pub form: Form,
}

/// The form of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// Any.
    Any,
    /// An e-mail address.
    Address,
    /// A country: two capital letters.
    Country,
    /// A point in time, with its offset from UTC.
    DateTime,
    /// A language tag.
    Language,
    /// A mail alias.
    Nickname,
    /// One of these, in any letter case; another one is left out, because clients make such values up.
    OneOf(&'static [&'static str]),
    /// A user principal name; whether its domain is one of the tenant's is for Graph to say.
    PrincipalName,
}

impl Rule {
    pub(crate) const fn at_most(property: &'static str, limit: u16) -> Self {
        Self { property, limit: Some(limit), form: Form::Any }
    }

    pub(crate) const fn of(property: &'static str, form: Form) -> Self {
        Self { property, limit: None, form }
    }

    pub(crate) const fn and_at_most(mut self, limit: u16) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The value as Graph takes it; `None` where it is to be left out.
    ///
    /// # Errors
    ///
    /// `invalidValue` for what Graph would refuse.
    pub(crate) fn check(&self, row: &Row, value: Value) -> Result<Option<Value>> {
        match value {
            Value::String(text) => Ok(self.check_text(row, text)?.map(Value::String)),
            Value::Array(items) => {
                let was_empty = items.is_empty();
                let checked = items.into_iter().map(|item| self.check(row, item)).collect::<Result<Vec<_>>>()?;
                let kept: Vec<Value> = checked.into_iter().flatten().collect();
                Ok((was_empty || !kept.is_empty()).then_some(Value::Array(kept)))
            }
            other => Ok(Some(other)),
        }
    }

    fn check_text(&self, row: &Row, text: String) -> Result<Option<String>> {
        if self.limit.is_some_and(|limit| text.chars().count() > usize::from(limit)) {
            let limit = self.limit.unwrap_or_default();
            return Err(Error::invalid_value(format!("'{}' can have {limit} characters at most", row.path())));
        }
        let fits = match self.form {
            Form::Any => true,
            Form::Address => is_address(&text),
            Form::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Form::DateTime => return Ok(Some(with_offset(text))),
            Form::Language => is_language(&text),
            Form::Nickname => text.chars().all(is_of_nickname),
            Form::OneOf(known) => {
                let known = known.iter().find(|known| known.eq_ignore_ascii_case(&text));
                return Ok(known.map(|known| (*known).to_owned()));
            }
            Form::PrincipalName => is_principal_name(&text),
        };
        match fits {
            true => Ok(Some(text)),
            false => Err(Error::invalid_value(format!("'{}' must be {}", row.path(), self.form.wanted()))),
        }
    }

    /// Why a value was left out.
    pub(crate) fn reason(&self) -> String {
        match self.form {
            Form::OneOf(known) => format!("can only be {}", known.join(", ")),
            _ => "is not kept".to_owned(),
        }
    }
}

impl Form {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Any | Self::OneOf(_) => "a text",
            Self::Address => "an e-mail address such as ana@contoso.com",
            Self::Country => "a country of ISO 3166-1 in two capital letters, such as US",
            Self::DateTime => "a point in time such as 2026-05-13T04:42:34Z",
            Self::Language => "a language such as en-US",
            Self::Nickname => "of ASCII characters without blanks and @()\\[]\";:<>,",
            Self::PrincipalName => "a user principal name such as ana@contoso.com, without blanks",
        }
    }
}

fn is_address(text: &str) -> bool {
    let halves = text.split_once('@');
    halves.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
        && !text.contains(|character: char| character.is_whitespace() || character.is_control())
}

fn is_principal_name(text: &str) -> bool {
    let halves = text.rsplit_once('@');
    halves.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(|character: char| character.is_whitespace() || character.is_control())
}

/// The form of BCP 47: parts of letters and digits, the first of letters.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

pub(crate) fn is_of_nickname(character: char) -> bool {
    character.is_ascii_graphic() && !"@()\\[]\";:<>,".contains(character)
}

/// SCIM lets the offset away, Graph does not; it stands for UTC.
fn with_offset(mut text: String) -> String {
    let has_offset = text.split_once(['T', 't']).is_none_or(|(_, time)| time.contains(['Z', 'z', '+', '-']));
    if !has_offset {
        text.push('Z');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::USERS;

    fn check(property: &str, value: Value, expected: Option<Value>) {
        let row = USERS.rows.iter().find(|row| row.property.path == property).unwrap();
        let rule = USERS.rule(row).unwrap();
        assert_eq!(rule.check(row, value.clone()).unwrap(), expected, "{property} {value}");
    }

    fn refuse(property: &str, value: &str, detail: &str) {
        let row = USERS.rows.iter().find(|row| row.property.path == property).unwrap();
        let error = USERS.rule(row).unwrap().check(row, json!(value)).unwrap_err();
        assert_eq!((error.status, error.detail.as_str()), (400, detail));
    }

    #[test]
    fn what_graph_takes_passes() {
        for (property, value) in [
            ("employeeId", "1234567890123456"),
            ("mail", "ana.o'brien@x.example"),
            ("usageLocation", "US"),
            ("preferredLanguage", "sr-Latn-BA"),
            ("preferredLanguage", "xh"),
            ("mailNickname", "a.b_c-d"),
            ("userPrincipalName", "guest_x.org#EXT#@contoso.com"),
            ("employeeHireDate", "2026-01-02T03:04:05+01:00"),
        ] {
            check(property, json!(value), Some(json!(value)));
        }
        check("employeeHireDate", json!("2026-01-02T03:04:05"), Some(json!("2026-01-02T03:04:05Z")));
        check("userType", json!("guest"), Some(json!("Guest")));
        check("userType", json!("BGCPTWLLVYBI"), None);
        check("otherMails", json!(["a@b.c", "d@e.f"]), Some(json!(["a@b.c", "d@e.f"])));
        check("otherMails", json!([]), Some(json!([])));
    }

    #[test]
    fn what_graph_refuses_is_refused() {
        let number = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
        refuse("employeeId", "12345678901234567", &format!("'{number}' can have 16 characters at most"));
        refuse("mail", "emailName357", "'emails.value' must be an e-mail address such as ana@contoso.com");
        refuse("preferredLanguage", "_", "'preferredLanguage' must be a language such as en-US");
        refuse(
            "userPrincipalName",
            "ana",
            "'userName' must be a user principal name such as ana@contoso.com, without blanks",
        );
        let country = "must be a country of ISO 3166-1 in two capital letters, such as US";
        refuse("usageLocation", "Oman", &format!("'usageLocation' {country}"));
    }

    #[test]
    fn limits_are_those_of_the_contract() {
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/data/graph-v1.0.json");
        let contract: Value = serde_json::from_str(&std::fs::read_to_string(data).unwrap()).unwrap();
        for (mapping, name) in [(&USERS, "user"), (&crate::GROUPS, "group")] {
            let properties = &contract["types"][format!("microsoft.graph.{name}")]["properties"];
            for row in mapping.rows.iter().filter(|row| row.property.access != crate::table::Access::Read) {
                let documented = properties[row.property.root()]["maxLength"].as_u64();
                // The limit of otherMails is of their number, not of their length.
                if row.property.path != "otherMails" && documented.is_some() {
                    let limit = mapping.rule(row).and_then(|rule| rule.limit).map(u64::from);
                    assert_eq!(limit, documented, "{}", row.property.path);
                }
            }
        }
    }
}
