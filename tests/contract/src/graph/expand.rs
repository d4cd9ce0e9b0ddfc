//! `$expand`: navigation properties, with options of their own in parentheses.

use super::Judge;
use crate::finding::Place;
use crate::text::{is_word, leading, shorten, split_outside};

/// The options that may stand in the parentheses.
const NESTED_OPTIONS: [&str; 8] = ["$count", "$expand", "$filter", "$levels", "$orderby", "$select", "$skip", "$top"];

/// How deep an `$expand` may stand in another; Graph allows one level on most types.
const MAX_DEPTH: usize = 8;

impl Judge<'_> {
    pub(super) fn expand(&mut self, text: &str, type_name: &str, place: &Place<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            self.bad_expand(place, format!("it is more than {MAX_DEPTH} levels deep"));
            return;
        }
        for item in split_outside(text, ',') {
            let path = leading(item, |character| is_word(character) || "./$*".contains(character));
            let rest = item.get(path.len()..).unwrap_or_default();
            let options = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
            if path.is_empty() || (options.is_none() && !rest.is_empty()) {
                self.bad_expand(place, format!("{:?} cannot be read", shorten(item)));
                continue;
            }
            let path = path.strip_suffix("/$ref").unwrap_or(path);
            let target = if path == "*" { "" } else { self.navigation(path, type_name, place) };
            for option in split_outside(options.unwrap_or_default(), ';') {
                self.nested_option(option, target, place, depth);
            }
        }
    }

    /// The type that a navigation property leads to; empty where it is not known, or there is none.
    fn navigation<'t>(&mut self, path: &'t str, type_name: &'t str, place: &Place<'_>) -> &'t str
    where
        Self: 't,
    {
        let graph = self.graph;
        match graph.schema.walk(type_name, path) {
            Some(target) if target.is_untyped() || target.property.is_some_and(|property| property.nav) => {
                target.type_name
            }
            _ => {
                let message = format!("{} of {type_name} does not lead to other objects", shorten(path));
                self.bad_expand(place, message);
                ""
            }
        }
    }

    fn nested_option(&mut self, option: &str, type_name: &str, place: &Place<'_>, depth: usize) {
        if option.is_empty() {
            return;
        }
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = name.trim().to_lowercase();
        let name = if name.starts_with('$') { name } else { format!("${name}") };
        if !NESTED_OPTIONS.contains(&name.as_str()) {
            self.bad_expand(place, format!("{} is no option of it", shorten(option)));
        } else if self.graph.schema.get(type_name).is_none() {
            // Nothing is known about what is expanded.
        } else if name == "$select" {
            for path in split_outside(value, ',') {
                if self.graph.schema.walk(type_name, path).is_none() {
                    self.unknown_property(path, type_name, place);
                }
            }
        } else if name == "$expand" {
            self.expand(value, type_name, place, depth + 1);
        }
    }

    fn bad_expand(&mut self, place: &Place<'_>, message: String) {
        self.report.violation("bad-expand", place, message);
    }
}
