//! Query options, and the version that is asked for.

use std::collections::BTreeSet;

use super::Judge;
use super::data::{Operation, QueryOption};
use crate::finding::Place;
use crate::message::Url;
use crate::text::shorten;

/// How many versions a message names.
const NAMED_VERSIONS: usize = 6;

impl Judge<'_> {
    pub(super) fn query(&mut self, operation: &Operation, url: Url<'_>, place: &Place<'_>) {
        let mut seen = BTreeSet::new();
        for (name, value) in url.parameters() {
            let option = place.option(&name);
            let key = name.to_lowercase();
            if key == "api-version" {
                self.version(operation, &value, &option);
            } else if !(key == "$skiptoken" && operation.method == "GET") {
                match operation.query.iter().find(|one| one.name.eq_ignore_ascii_case(&key)) {
                    None => {
                        let names = operation.query.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" ");
                        let names = if names.is_empty() { "none" } else { &names };
                        let problem = format!("{} takes {names}", operation.id);
                        self.report.violation("query-option", &option, problem);
                    }
                    Some(known) => self.option(operation, known, &value, &option),
                }
            }
            if !seen.insert(key) {
                self.report.violation("duplicate-query-option", &option, "it is given twice");
            }
        }
        if !seen.contains("api-version") {
            self.report.violation("api-version", &place.option("api-version"), "it is required");
        }
    }

    fn version(&mut self, operation: &Operation, version: &str, place: &Place<'_>) {
        // Dates in this spelling are in the order of their letters.
        self.is_exact = version <= operation.api_version.as_str();
        if !operation.known_api_versions.iter().any(|one| one == version) {
            let known = operation.known_api_versions.iter().rev().take(NAMED_VERSIONS);
            let known = known.map(String::as_str).collect::<Vec<_>>().join(", ");
            let problem = format!("{} is no version of {}, which has {known}", shorten(version), operation.id);
            self.report.violation("api-version", place, problem);
        }
    }

    fn option(&mut self, operation: &Operation, known: &QueryOption, value: &str, place: &Place<'_>) {
        if known.type_name == "number" {
            let (least, most) = (known.constraints.inclusive_minimum, known.constraints.inclusive_maximum);
            let is_in_range =
                |number: u64| least.is_none_or(|one| one <= number) && most.is_none_or(|one| number <= one);
            if !value.parse().is_ok_and(is_in_range) {
                let problem = format!("{} is no number that is allowed", shorten(value));
                self.report.violation("bad-query-value", place, problem);
            }
        }
        let forms = &operation.filter_forms;
        if known.name == "$filter" && !forms.is_empty() && !is_of_forms(value, forms) {
            let problem = format!("{} is none of {}", shorten(value), forms.join(", "));
            self.report.violation("bad-filter", place, problem);
        }
    }
}

/// Whether each of the tests between `and` has one of the forms.
fn is_of_forms(filter: &str, forms: &[String]) -> bool {
    let forms: BTreeSet<_> = forms.iter().map(|form| form_of(form)).collect();
    let words = filter.split_whitespace().collect::<Vec<_>>();
    let mut tests = words.split(|word| word.eq_ignore_ascii_case("and")).map(|words| words.join(" "));
    tests.all(|test| forms.contains(&form_of(&test)))
}

/// A test in lower case and without its value; the value after `eq` needs no quotes.
fn form_of(test: &str) -> String {
    let test = test.to_lowercase();
    match (test.split_once(" eq "), test.split_once('\'')) {
        (Some((property, _)), _) => format!("{} eq", property.trim()),
        (None, Some((function, _))) => function.to_owned(),
        (None, None) => test,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_have_documented_forms() {
        let forms = ["atScope()", "principalId eq '{id}'", "assignedTo('{id}')"].map(ToOwned::to_owned);
        let cases = [
            ("atScope()", true),
            ("atScope() and assignedTo('1')", true),
            ("principalId eq 1", true),
            ("roleName eq 'Owner'", false),
            ("atScope() or assignedTo('1')", false),
            ("", false),
        ];
        for (filter, expected) in cases {
            assert_eq!(is_of_forms(filter, &forms), expected, "{filter}");
        }
    }
}
