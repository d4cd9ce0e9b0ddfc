//! `$filter`: which operators the documentation has for which property.

mod lexer;
mod parser;

use std::collections::{BTreeMap, BTreeSet};

use self::lexer::TokenKind;
use self::parser::{Literal, Test};
use super::Judge;
use super::data::{Property, Support, TypeKind};
use super::query::Query;
use super::schema::{Schema, Target};
use crate::finding::Place;
use crate::text::shorten;

/// The documented support of a property's operators.
type Row = BTreeMap<String, Support>;

/// What the documentation has about the operators of a property.
struct Documented<'a> {
    /// The text of the property.
    operators: Option<&'a [String]>,
    /// The table of advanced queries.
    row: Option<&'a Row>,
}

impl Judge<'_> {
    pub(super) fn filter(&mut self, text: &str, query: &Query<'_>) {
        let place = query.url.option("$filter");
        let tests = match parser::parse(text) {
            Ok(tests) => tests,
            Err(problem) => {
                self.report.violation("bad-filter", &place, problem);
                return;
            }
        };
        let graph = self.graph;
        let rows = rows(&graph.schema, query.type_name);
        let mut advanced = BTreeSet::new();
        for test in &tests {
            let Some(target) = graph.schema.walk(query.type_name, &test.path) else {
                self.unknown_property(&test.path, query.type_name, &place);
                continue;
            };
            self.literal(test, &target, &place);
            if test.operator == "any" {
                continue;
            }
            let is_settled = test.path == "id" || target.is_untyped();
            let is_count = test.path.ends_with("/$count");
            if is_count || (!is_settled && self.operator(test, &target, &rows, query, &place)) {
                advanced.insert(test.path.as_str());
            }
        }
        let is_asked_for = query.options.is_counted() && query.is_eventual() != Some(false);
        if !advanced.is_empty() && query.operation.advanced_query && !is_asked_for {
            let paths = advanced.into_iter().map(shorten).collect::<Vec<_>>().join(", ");
            let message = format!("the tests of {paths} need $count=true and ConsistencyLevel: eventual");
            self.report.violation("advanced-query", &place, message);
        }
    }

    /// Whether the test needs an advanced query, after a look at whether it can be made at all.
    fn operator(
        &mut self,
        test: &Test,
        target: &Target<'_>,
        rows: &BTreeMap<String, &Row>,
        query: &Query<'_>,
        place: &Place<'_>,
    ) -> bool {
        let graph = self.graph;
        let documented = documented(&graph.schema, test, target, rows, query.type_name);
        let is_named = |name: &str| documented.operators.is_some_and(|all| all.iter().any(|one| one == name));
        let (path, operator) = (shorten(&test.path), test.operator);
        let is_negative = test.is_negated || ["ne", "endsWith"].contains(&operator);
        match (documented.operators, documented.row) {
            (None, None) => {
                let message = format!("no page says that {} can be filtered by {path}", query.type_name);
                if !rows.is_empty() && query.operation.advanced_query {
                    self.report.violation("filter-not-supported", place, message);
                } else {
                    self.report.warning("filter-not-documented", place, message);
                }
                false
            }
            (_, Some(row)) => {
                let column = if test.is_null() { "null" } else { operator };
                let is_named = is_named(if test.is_null() { "eqNull" } else { operator });
                let support = row.get(column).copied();
                let has_column = ["null", "eq", "startsWith", "ge", "le"].contains(&column);
                let is_refused = if has_column {
                    matches!(support, None | Some(Support::Unsupported))
                } else {
                    ["gt", "lt", "contains"].contains(&column)
                };
                if is_refused && !is_named {
                    let message = format!("{column} on {path} is not supported");
                    self.report.violation("filter-operator", place, message);
                }
                is_negative || (has_column && support == Some(Support::Advanced))
            }
            (Some(operators), None) => {
                // What is equal to one of several is equal to one.
                let is_equal = operator == "in" && is_named("eq");
                if is_named("*") || operators.is_empty() {
                    // All of them are documented.
                } else if test.is_null() {
                    if !is_named("eqNull") {
                        let message = format!("no page says that {path} can be compared with null");
                        self.report.warning("filter-operator", place, message);
                    }
                } else if !is_named(operator) && !is_equal {
                    let message = format!("{operator} on {path}, which has {}", operators.join(", "));
                    self.report.violation("filter-operator", place, message);
                }
                is_negative
            }
        }
    }

    /// Whether the literal is one of the property's type.
    fn literal(&mut self, test: &Test, target: &Target<'_>, place: &Place<'_>) {
        let Some(Literal { kind, text }) = &test.literal else { return };
        // A page of the documentation has a placeholder there.
        if text.starts_with("'{") || test.is_null() || *kind == TokenKind::Name && text.starts_with(['{', '$']) {
            return;
        }
        let is_truth = *kind == TokenKind::Name;
        let fits = match target.type_name {
            "Edm.String" => *kind == TokenKind::Text,
            "Edm.Boolean" => is_truth,
            "Edm.DateTimeOffset" => matches!(kind, TokenKind::DateTime | TokenKind::Date),
            "Edm.Date" => *kind == TokenKind::Date,
            "Edm.Int16" | "Edm.Int32" | "Edm.Int64" | "Edm.Double" => *kind == TokenKind::Number,
            "Edm.Guid" => *kind == TokenKind::Guid,
            _ => true,
        };
        if !fits {
            let message = format!("{} is compared with {}, but is {}", test.path, shorten(text), target.type_name);
            self.report.violation("filter-literal", place, message);
        }
        let definition = self.graph.schema.get(target.type_name);
        let Some(definition) = definition.filter(|definition| definition.kind == TypeKind::Enum) else { return };
        if *kind == TokenKind::Text {
            for member in text.trim_matches('\'').split(',') {
                if !definition.members.iter().any(|one| one == member) {
                    let message = format!("{} is no member of {}", shorten(member), target.type_name);
                    self.report.violation("bad-enum", place, message);
                }
            }
        }
    }
}

impl Test {
    /// Whether it is a comparison with null.
    fn is_null(&self) -> bool {
        self.literal.as_ref().is_some_and(|literal| literal.text.eq_ignore_ascii_case("null"))
    }
}

fn documented<'a>(
    schema: &'a Schema,
    test: &Test,
    target: &Target<'a>,
    rows: &BTreeMap<String, &'a Row>,
    type_name: &'a str,
) -> Documented<'a> {
    let first = test.path.split('/').next().unwrap_or_default();
    let of = |property: Option<&'a Property>| property.and_then(|property| property.filter.as_deref());
    let operators =
        of(target.property).or_else(|| of(schema.walk(type_name, first).and_then(|target| target.property)));
    let path = test.path.trim_end_matches('/');
    Documented { operators, row: rows.get(path).copied() }
}

/// The rows of a type and of those it is derived from. The tables write `otherMails/any(p:p)` for what is
/// `otherMails/*` here, and `extensionAttribute1-15` for fifteen properties.
fn rows<'a>(schema: &'a Schema, type_name: &'a str) -> BTreeMap<String, &'a Row> {
    let mut rows = BTreeMap::new();
    for (path, row) in schema.chain(type_name).flat_map(|(_, definition)| &definition.filter_table) {
        if let Some(stem) = path.strip_suffix("1-15") {
            rows.extend((1..=15).map(|number| (format!("{stem}{number}"), row)));
            continue;
        }
        let lambda = path.strip_suffix(')').and_then(|path| path.split_once("/any("));
        let path = match lambda {
            Some((collection, lambda)) => match lambda.split_once('/') {
                Some((_, member)) => format!("{collection}/*/{member}"),
                None => format!("{collection}/*"),
            },
            None => path.clone(),
        };
        rows.insert(path, row);
    }
    rows
}
