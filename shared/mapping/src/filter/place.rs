//! A property of Graph as a filter sees it.

use scim::{
    filter::Operator as Scim,
    schema::{Attribute, Kind},
};
use serde_json::{Number, Value};

use super::{
    bounds::Bounds,
    literal,
    odata::{Expression, Operator, Test},
};
use crate::capability::{Capability, Comparison, Support};

/// A property, and the attribute whose values it holds.
///
/// Graph keeps no empty texts, so what is not null is a value in SCIM too.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) capability: Capability,
    pub(super) attribute: &'static Attribute,
    /// Whether it holds ids of objects.
    pub(super) id: bool,
    /// Whether it is an array.
    pub(super) many: bool,
    /// Whether Graph may have a value that was made up; the resource has none then.
    pub(super) made_up: bool,
}

impl Place {
    /// Compares the one value, or that there is none.
    pub(super) fn compare(&self, operator: Scim, value: &Value) -> Bounds {
        match (operator, value) {
            (Scim::NotEqual, _) => self.compare(Scim::Equal, value).opposite(),
            (Scim::Equal, Value::Null) => self.present().opposite(),
            (Scim::Equal, Value::Bool(value)) => self.equal_boolean(*value),
            (Scim::Equal, Value::Number(value)) if !value.is_f64() => self.equal_number(value),
            // What was made up is a user principal name.
            (Scim::Equal, Value::String(text)) if self.made_up && text.contains('@') => {
                Bounds::at_most(self.equal_text(text).yes.expression)
            }
            (Scim::Equal, Value::String(text)) => self.equal_text(text),
            (_, Value::String(text)) if operator.is_substring() && self.made_up => {
                Bounds::at_most(self.substring(operator, text).yes.expression)
            }
            (_, Value::String(text)) if operator.is_substring() => self.substring(operator, text),
            (_, Value::String(text)) if self.attribute.kind == Kind::DateTime => self.order(operator, text),
            // Graph does not say in which order it has texts.
            _ => Bounds::unknown(),
        }
    }

    /// Whether there is a value.
    pub(super) fn present(&self) -> Bounds {
        if self.made_up {
            return Bounds::unknown();
        }
        if self.capability.assigned {
            return Bounds::always();
        }
        match self.null() {
            Some((null, other)) => Bounds::exactly(other, Some(null)),
            None => Bounds::unknown(),
        }
    }

    /// The tests for null and for anything else.
    fn null(&self) -> Option<(Expression, Expression)> {
        let advanced = match self.capability.support(Comparison::Null) {
            Support::No => return None,
            support => support == Support::Advanced,
        };
        let test = |operator, advanced| self.written(operator, "null".to_owned(), advanced);
        // `ne` needs an advanced query whatever it compares with.
        (!self.many).then(|| (test(Operator::Equal, advanced), test(Operator::NotEqual, true)))
    }

    fn equal_boolean(&self, value: bool) -> Bounds {
        let Some(equal) = self.test(Operator::Equal, value.to_string()) else { return Bounds::unknown() };
        let opposite = match self.capability.assigned {
            true => self.test(Operator::Equal, (!value).to_string()),
            false => self.test(Operator::NotEqual, value.to_string()),
        };
        Bounds::exactly(equal, opposite)
    }

    fn equal_number(&self, value: &Number) -> Bounds {
        match self.test(Operator::Equal, value.to_string()) {
            Some(equal) => Bounds::exactly(equal, self.test(Operator::NotEqual, value.to_string())),
            None => Bounds::unknown(),
        }
    }

    fn equal_text(&self, text: &str) -> Bounds {
        if text.is_empty() || (self.id && !literal::is_guid(text)) {
            return Bounds::never();
        }
        if self.attribute.kind == Kind::DateTime {
            return self.equal_time(text);
        }
        let Some(literal) = literal::text(text) else { return Bounds::unknown() };
        let Some(equal) = self.test(Operator::Equal, literal.clone()) else { return Bounds::unknown() };
        if self.attribute.case_exact && !self.id {
            return Bounds::at_most(equal);
        }
        let opposite = match self.many {
            true => self.negated(equal.clone()),
            false => self.test(Operator::NotEqual, literal),
        };
        Bounds::exactly(equal, opposite)
    }

    fn equal_time(&self, text: &str) -> Bounds {
        let Some(time) = literal::time(text) else { return Bounds::unknown() };
        if time.whole {
            return match self.test(Operator::Equal, time.since.clone()) {
                Some(equal) => Bounds::exactly(equal, self.test(Operator::NotEqual, time.since)),
                None => Bounds::unknown(),
            };
        }
        let limits = [(Operator::GreaterOrEqual, time.since), (Operator::LessOrEqual, time.until)];
        let limits: Option<Vec<_>> =
            limits.into_iter().map(|(operator, literal)| self.test(operator, literal)).collect();
        limits.map_or_else(Bounds::unknown, |limits| Bounds::at_most(Expression::all(limits)))
    }

    fn substring(&self, operator: Scim, part: &str) -> Bounds {
        if part.is_empty() {
            return self.present();
        }
        let operator = match operator {
            Scim::StartsWith => Operator::StartsWith,
            Scim::EndsWith => Operator::EndsWith,
            _ => return Bounds::unknown(),
        };
        if self.attribute.kind == Kind::DateTime {
            return Bounds::unknown();
        }
        let test = literal::text(part).and_then(|literal| self.test(operator, literal));
        match test {
            None => Bounds::unknown(),
            Some(test) if self.attribute.case_exact => Bounds::at_most(test),
            Some(test) => Bounds::exactly(test.clone(), self.negated(test)),
        }
    }

    fn order(&self, operator: Scim, text: &str) -> Bounds {
        let Some(time) = literal::time(text) else { return Bounds::unknown() };
        let since = || self.test(Operator::GreaterOrEqual, time.since.clone());
        let until = || self.test(Operator::LessOrEqual, time.until.clone());
        // Graph has no exact `gt` and `lt`, but their opposites are `le` and `ge`, or no value.
        let (test, opposite) = match operator {
            Scim::Greater | Scim::GreaterOrEqual => (since(), until()),
            _ => (until(), since()),
        };
        let Some(test) = test else { return Bounds::unknown() };
        match operator {
            _ if !time.whole => Bounds::at_most(test),
            Scim::GreaterOrEqual | Scim::LessOrEqual => Bounds::exactly(test.clone(), self.negated(test)),
            _ => Bounds::at_most(test).or_else_exactly(opposite.and_then(|opposite| self.or_null(opposite))),
        }
    }

    /// The opposite of a test. What `not` makes of null is not documented, so null is named.
    fn negated(&self, test: Expression) -> Option<Expression> {
        let opposite = Expression::Not(Box::new(test));
        match self.capability.support(Comparison::Not) {
            Support::No => None,
            // There is an answer for an empty collection.
            _ if self.many => Some(opposite),
            _ => self.or_null(opposite),
        }
    }

    fn or_null(&self, expression: Expression) -> Option<Expression> {
        match self.capability.assigned {
            true => Some(expression),
            false => self.null().map(|(null, _)| Expression::any([expression, null])),
        }
    }

    /// The test, where Graph can do it.
    pub(super) fn test(&self, operator: Operator, literal: String) -> Option<Expression> {
        match self.capability.support(operator.comparison()) {
            Support::No => None,
            support => Some(self.written(operator, literal, support == Support::Advanced)),
        }
    }

    fn written(&self, operator: Operator, literal: String, advanced: bool) -> Expression {
        let listed = !self.many && literal != "null" && self.capability.support(Comparison::In) != Support::No;
        Expression::Test(Test {
            path: self.path.clone(),
            many: self.many,
            operator,
            literals: vec![literal],
            advanced,
            listed,
            alone: self.capability.alone,
        })
    }
}
