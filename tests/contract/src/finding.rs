//! What is wrong, and where.

use std::fmt;

/// Something that an exchange does not have as the contract has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How sure the contract is.
    pub severity: Severity,
    /// The name of the rule, such as `unknown-property`.
    pub rule: &'static str,
    /// A JSON pointer into the line of traffic; a query option follows its URL: `/url?$select`.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

/// How sure the contract is that something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may well work, but nothing that is published says so; or the published data is known to be wrong there.
    Warning,
    /// It is against the contract.
    Violation,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Warning => "warning",
            Self::Violation => "violation",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} at {}: {}", self.severity, self.rule, self.place, self.message)
    }
}

/// The findings of one exchange, in the order they were made.
#[derive(Default)]
pub(crate) struct Report(Vec<Finding>);

impl Report {
    pub(crate) fn violation(&mut self, rule: &'static str, place: &Place<'_>, message: impl Into<String>) {
        self.add(Severity::Violation, rule, place, message);
    }

    pub(crate) fn warning(&mut self, rule: &'static str, place: &Place<'_>, message: impl Into<String>) {
        self.add(Severity::Warning, rule, place, message);
    }

    pub(crate) fn add(
        &mut self,
        severity: Severity,
        rule: &'static str,
        place: &Place<'_>,
        message: impl Into<String>,
    ) {
        self.0.push(Finding { severity, rule, place: place.to_string(), message: message.into() });
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.0
    }
}

/// A place in an exchange. It is a chain on the stack and becomes text only when there is a finding, because a page of
/// users has tens of thousands of places with nothing to say about them.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Element(usize),
    Option(&'a str),
}

impl<'a> Place<'a> {
    /// The exchange itself.
    pub(crate) const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    /// A member of the object here.
    pub(crate) fn member(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Member(name) }
    }

    /// An element of the array here.
    pub(crate) fn element(&'a self, index: usize) -> Place<'a> {
        Place { parent: Some(self), step: Step::Element(index) }
    }

    /// A query option of the URL here.
    pub(crate) fn option(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Option(name) }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(formatter)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Member(name) => write!(formatter, "/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Element(index) => write!(formatter, "/{index}"),
            Step::Option(name) => write!(formatter, "?{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_json_pointer() {
        let body = Place::ROOT.member("responseBody");
        let (value, url) = (body.member("value"), Place::ROOT.member("url"));
        let item = value.element(7);
        assert_eq!(item.member("a/b~c").to_string(), "/responseBody/value/7/a~1b~0c");
        assert_eq!(url.option("$select").to_string(), "/url?$select");
    }
}
