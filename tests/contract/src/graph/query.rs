//! Query options: which of them an operation takes, and what they name.

use std::collections::BTreeMap;

use super::Judge;
use super::data::{Kind, Operation, TypeKind};
use crate::finding::Place;
use crate::message::{Message, Url};
use crate::text::{has_prefix, leading, shorten, split_outside};

/// OData's own options.
const SYSTEM_OPTIONS: [&str; 11] = [
    "$count",
    "$deltatoken",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
];

/// Options that pages of the documentation take for granted.
const TAKEN_FOR_GRANTED: [&str; 3] = ["$deltatoken", "$select", "$skiptoken"];

/// The options of a request by name in lower case, always with the dollar sign that Graph lets clients leave out.
#[derive(Default)]
pub(super) struct Options(BTreeMap<String, String>);

impl Options {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether `$count=true` is there.
    pub(super) fn is_counted(&self) -> bool {
        self.get("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The names that a list such as `$select` has before any slash or parenthesis.
    pub(super) fn names(&self, option: &str) -> Vec<String> {
        let parts = self.get(option).map(|value| split_outside(value, ',')).unwrap_or_default();
        let name = |part: &str| leading(part, |character| !"/(;".contains(character)).trim().to_owned();
        parts.into_iter().map(name).filter(|name| !name.is_empty()).collect()
    }
}

/// What the rules for the values of options need.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) operation: &'a Operation,
    pub(super) options: &'a Options,
    pub(super) message: &'a Message<'a>,
    /// The type of what is asked for.
    pub(super) type_name: &'a str,
    pub(super) url: &'a Place<'a>,
}

impl Query<'_> {
    /// Whether the request asks for the index of advanced queries; `None` where its headers are not known.
    pub(super) fn is_eventual(&self) -> Option<bool> {
        self.message.headers?;
        Some(self.message.header("ConsistencyLevel").is_some_and(|level| has_prefix(level.trim(), "eventual")))
    }
}

impl Judge<'_> {
    /// The options of a request to an operation.
    pub(super) fn query(&mut self, operation: &Operation, url: Url<'_>, message: &Message<'_>) -> Options {
        let place = message.place.member("url");
        let options = self.names_of_options(operation, url, &place);
        let type_name = self.type_asked_for(operation);
        let query = Query { operation, options: &options, message, type_name, url: &place };
        self.numbers(&query);
        if self.graph.schema.get(type_name).is_some_and(|definition| definition.kind != TypeKind::Enum) {
            self.select(&query);
            self.order_by(&query);
            if let Some(expand) = options.get("$expand") {
                self.expand(expand, type_name, &place.option("$expand"), 0);
            }
            self.search(&query);
            if let Some(filter) = options.get("$filter") {
                self.filter(filter, &query);
            }
        }
        self.advanced_query(&query);
        options
    }

    /// The type of the objects that are returned or counted.
    fn type_asked_for<'o>(&self, operation: &'o Operation) -> &'o str
    where
        Self: 'o,
    {
        let parent = operation.path.strip_suffix("/$count").filter(|_| operation.kind == Kind::Count);
        let counted = parent.and_then(|path| self.graph.routes.reading(path));
        let response = match operation.kind {
            Kind::Count => counted.and_then(|operation| operation.response.as_deref()),
            _ => operation.response.as_deref(),
        };
        let name = response.unwrap_or_default();
        name.strip_prefix("Collection(").and_then(|name| name.strip_suffix(')')).unwrap_or(name)
    }

    fn names_of_options(&mut self, operation: &Operation, url: Url<'_>, place: &Place<'_>) -> Options {
        let mut options = Options::default();
        for (name, value) in url.parameters() {
            if name.is_empty() && value.is_empty() {
                continue;
            }
            let place = place.option(&name);
            let key = self.name_of_option(operation, &name, &place);
            if options.0.insert(key, value.into_owned()).is_some() {
                self.report.violation("duplicate-query-option", &place, "it is given twice");
            }
        }
        options
    }

    /// The name of an option in lower case, after a look at whether the operation takes it.
    fn name_of_option(&mut self, operation: &Operation, name: &str, place: &Place<'_>) -> String {
        let has = |options: &[String], name: &str| options.iter().any(|one| one.eq_ignore_ascii_case(name));
        let mut key = name.trim().to_lowercase();
        if !key.starts_with(['$', '@']) && !has(&operation.query, &key) {
            let with_dollar = format!("${key}");
            if SYSTEM_OPTIONS.contains(&with_dollar.as_str()) {
                key = with_dollar;
            }
        }
        let is_continuation = matches!(operation.kind, Kind::List | Kind::Delta | Kind::Function);
        let is_reference_id = key == "$id" && has(&operation.query, "@id");
        if key == "$format" {
            self.report.warning("query-option-not-documented", place, "it is taken, but few pages name it");
        } else if !has(&operation.query, &key) && !is_reference_id {
            if !(key == "$skiptoken" && operation.method == "GET" && is_continuation) {
                let allowed = operation.query.join(" ");
                let allowed = if allowed.is_empty() { "none" } else { &allowed };
                let message = format!("{} {} takes {allowed}", operation.method, operation.path);
                self.report.violation("query-option", place, message);
            }
        } else if !operation.doc_query.is_empty()
            && SYSTEM_OPTIONS.contains(&key.as_str())
            && !TAKEN_FOR_GRANTED.contains(&key.as_str())
            && !has(&operation.doc_query, &key)
        {
            let message = format!("the metadata allows it, but the page {} does not name it", operation.doc);
            self.report.warning("query-option-not-documented", place, message);
        }
        key
    }

    fn numbers(&mut self, query: &Query<'_>) {
        if let Some(top) = query.options.get("$top") {
            let most = self.graph.limits.top(&query.operation.path);
            let is_number = !top.is_empty() && top.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number || !top.parse().is_ok_and(|top| (1..=most).contains(&top)) {
                let message = format!("{} is not between 1 and {most}", shorten(top));
                self.report.violation("bad-top", &query.url.option("$top"), message);
            }
        }
        if let Some(count) = query.options.get("$count")
            && !["true", "false"].iter().any(|value| value.eq_ignore_ascii_case(count))
        {
            let message = format!("{} is neither true nor false", shorten(count));
            self.report.violation("bad-count", &query.url.option("$count"), message);
        }
    }

    fn select(&mut self, query: &Query<'_>) {
        let names = query.options.get("$select").map(|select| split_outside(select, ',')).unwrap_or_default();
        for name in names.into_iter().filter(|name| !["", "*"].contains(name)) {
            if self.graph.schema.walk(query.type_name, name).is_none() {
                self.unknown_property(name, query.type_name, &query.url.option("$select"));
            }
        }
    }

    fn order_by(&mut self, query: &Query<'_>) {
        let Some(order) = query.options.get("$orderby") else { return };
        let place = query.url.option("$orderby");
        for part in split_outside(order, ',') {
            let mut words = part.split_whitespace();
            let path = words.next().unwrap_or_default();
            let direction = words.next();
            let is_direction = |word: &str| ["asc", "desc"].iter().any(|one| one.eq_ignore_ascii_case(word));
            let is_well_formed = direction.is_none_or(is_direction) && words.next().is_none();
            match self.graph.schema.walk(query.type_name, path).filter(|_| is_well_formed) {
                None => {
                    let message = format!("{} is no order of {}", shorten(part), query.type_name);
                    self.report.violation("bad-orderby", &place, message);
                }
                Some(target) if query.operation.advanced_query && !target.property.is_some_and(|one| one.order_by) => {
                    let message = format!("no page says that {} can be ordered by {path}", query.type_name);
                    self.report.warning("orderby-not-documented", &place, message);
                }
                Some(_) => {}
            }
        }
    }

    /// Objects of the directory are searched by `"property:text"`, with `AND`, `OR` and parentheses between.
    fn search(&mut self, query: &Query<'_>) {
        let Some(search) = query.options.get("$search").filter(|_| query.operation.advanced_query) else { return };
        let place = query.url.option("$search");
        let mut has_terms = false;
        for (index, part) in search.split('"').enumerate() {
            if index % 2 == 0 {
                let is_operator = |word: &str| word.is_empty() || ["AND", "OR", "NOT"].contains(&word);
                if !part.split(|character: char| character.is_whitespace() || "()".contains(character)).all(is_operator)
                {
                    let message = format!("{} stands outside of quotation marks", shorten(part.trim()));
                    self.report.violation("bad-search", &place, message);
                }
                continue;
            }
            has_terms = true;
            let property = part.split_once(':').map(|(property, _)| property);
            if let Some(property) = property.filter(|one| self.graph.schema.walk(query.type_name, one).is_none()) {
                let message = format!("{} is no property of {}", shorten(property), query.type_name);
                self.report.violation("bad-search", &place, message);
            }
        }
        if !has_terms || search.matches('"').count() % 2 == 1 {
            let message = "a search of the directory is \"property:text\", in double quotation marks";
            self.report.violation("bad-search", &place, message);
        }
    }

    /// What only the index of advanced queries can answer has to ask for it.
    fn advanced_query(&mut self, query: &Query<'_>) {
        let (options, rule) = (query.options, "advanced-query");
        let headers = query.message.headers_place();
        let header = headers.member("ConsistencyLevel");
        let is_missing = query.is_eventual() == Some(false);
        if query.operation.requires_consistency_level && is_missing {
            self.report.violation(rule, &header, "/$count needs ConsistencyLevel: eventual");
        }
        if !query.operation.advanced_query {
            return;
        }
        let (filters, searches) = (options.get("$filter").is_some(), options.get("$search").is_some());
        if filters && options.get("$orderby").is_some() && !options.is_counted() {
            let message = "beside $filter it needs $count=true and ConsistencyLevel: eventual";
            self.report.violation(rule, &query.url.option("$orderby"), message);
        }
        if is_missing && (searches || options.is_counted()) {
            self.report.violation(rule, &header, "$search and $count need ConsistencyLevel: eventual");
        }
        let is_advanced = query.is_eventual() == Some(true) && options.is_counted() && (searches || filters);
        if is_advanced && query.operation.kind == Kind::List && options.get("$expand").is_some() {
            let message = "advanced queries do not support it";
            self.report.warning("expand-with-advanced-query", &query.url.option("$expand"), message);
        }
    }
}
