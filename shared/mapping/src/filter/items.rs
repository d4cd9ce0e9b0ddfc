//! Values of which Graph keeps an array of texts: `otherMails/any(p:p eq 'a@b.c')`.

use scim::filter::{Filter, Operator as Scim};
use serde_json::Value;

use super::{
    bounds::Bounds,
    literal,
    odata::{Expression, Operator},
    place::Place,
};
use crate::capability::{Comparison, Support};

/// An array, and what its items that count begin with.
#[derive(Clone, Debug)]
pub(super) struct Items {
    pub(super) place: Place,
    pub(super) prefix: &'static str,
}

impl Items {
    /// Whether an item compares so.
    pub(super) fn compare(&self, operator: Scim, value: &Value) -> Bounds {
        match (operator, value) {
            (Scim::Equal, Value::Null) => Bounds::never(),
            (Scim::NotEqual, Value::Null) => self.present(),
            (Scim::Equal, Value::String(text)) if text.is_empty() => Bounds::never(),
            (Scim::StartsWith | Scim::EndsWith | Scim::Contains, Value::String(text)) if text.is_empty() => {
                self.present()
            }
            (Scim::Equal, Value::String(text)) => self.any(Operator::Equal, self.prefix, text),
            (Scim::StartsWith, Value::String(text)) => self.any(Operator::StartsWith, self.prefix, text),
            (Scim::EndsWith, Value::String(text)) => self.any(Operator::EndsWith, "", text),
            _ => Bounds::unknown(),
        }
    }

    /// Whether there is an item.
    pub(super) fn present(&self) -> Bounds {
        if !self.prefix.is_empty() {
            return self.any(Operator::StartsWith, self.prefix, "");
        }
        let count = |operator| self.place.test(operator, "0".to_owned());
        match count(Operator::CountNotEqual) {
            Some(some) => Bounds::exactly(some, count(Operator::CountEqual)),
            None => Bounds::unknown(),
        }
    }

    fn any(&self, operator: Operator, prefix: &str, text: &str) -> Bounds {
        let literal = literal::text(&format!("{prefix}{text}"));
        let Some(any) = literal.and_then(|literal| self.place.test(operator, literal)) else {
            return Bounds::unknown();
        };
        // Graph takes `SMTP:` for `smtp:`.
        if !self.prefix.is_empty() || self.place.attribute.case_exact {
            return Bounds::at_most(any);
        }
        let negated = self.place.capability.support(Comparison::Not) != Support::No;
        let opposite = negated.then(|| Expression::Not(Box::new(any.clone())));
        Bounds::exactly(any, opposite)
    }

    /// Whether an item meets a filter, or where not `positive` its opposite; `decide` knows what all items share.
    pub(super) fn matching(&self, filter: &Filter, positive: bool, decide: &impl Fn(&Filter) -> bool) -> Bounds {
        match decided(filter, decide) {
            Some(holds) if holds == positive => return self.present(),
            Some(_) => return Bounds::never(),
            None => {}
        }
        match (filter, positive) {
            (Filter::Not(inner), _) => self.matching(inner, !positive, decide),
            // That any item meets one of two conditions is that any meets the one or any meets the other.
            (Filter::Or(inner), true) | (Filter::And(inner), false) => {
                Bounds::any(inner.iter().map(|filter| self.matching(filter, positive, decide)))
            }
            (Filter::And(inner), true) | (Filter::Or(inner), false) => {
                let open = inner.iter().filter(|filter| decided(filter, decide).is_none());
                let mut parts: Vec<_> = open.map(|filter| self.matching(filter, positive, decide)).collect();
                match (parts.pop(), parts.is_empty()) {
                    (Some(only), true) => only,
                    (last, _) => Bounds::at_most(Bounds::all(parts.into_iter().chain(last)).yes.expression),
                }
            }
            (Filter::Compare(_, operator, value), true) => self.compare(*operator, value),
            _ => Bounds::unknown(),
        }
    }
}

/// What is the same for all items: `None` where it depends on the value.
fn decided(filter: &Filter, decide: &impl Fn(&Filter) -> bool) -> Option<bool> {
    match filter {
        Filter::Not(inner) => decided(inner, decide).map(|holds| !holds),
        Filter::And(inner) => one_of(inner, false, decide),
        Filter::Or(inner) => one_of(inner, true, decide),
        // An item is a value.
        Filter::Present(path) if path.name == "value" => Some(true),
        Filter::Compare(path, ..) if path.name == "value" => None,
        Filter::Present(_) | Filter::Compare(..) | Filter::ValuePath(..) => Some(decide(filter)),
    }
}

/// `Some(decisive)` if one of the filters decides, `None` if one is open.
fn one_of(filters: &[Filter], decisive: bool, decide: &impl Fn(&Filter) -> bool) -> Option<bool> {
    let decisions: Vec<_> = filters.iter().map(|filter| decided(filter, decide)).collect();
    match decisions.contains(&Some(decisive)) {
        true => Some(decisive),
        false if decisions.contains(&None) => None,
        false => Some(!decisive),
    }
}
