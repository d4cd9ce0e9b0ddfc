//! What Graph can say of a condition: a filter that lets through whatever matches, and perhaps more.

use super::odata::Expression;

/// A filter that every object passes which meets a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) expression: Expression,
    /// Whether no other object passes.
    pub(super) exact: bool,
}

/// The bounds of a condition and of its opposite, so that `not` is always possible.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) yes: Bound,
    pub(super) no: Bound,
}

impl Bound {
    fn exactly(expression: Expression) -> Self {
        Self { expression, exact: true }
    }

    /// Graph cannot tell, so everything passes.
    fn unknown() -> Self {
        Self { expression: Expression::always(), exact: false }
    }

    fn at_most(expression: Expression) -> Self {
        // Where nothing passes, nothing passes wrongly.
        Self { exact: expression.is_never(), expression }
    }

    fn all(parts: Vec<Self>) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let expression = Expression::all(parts.into_iter().map(|part| part.expression));
        Self { exact: exact || expression.is_never(), expression }
    }

    fn any(parts: Vec<Self>) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let always = parts.iter().any(|part| part.exact && part.expression.is_always());
        let expression = Expression::any(parts.into_iter().map(|part| part.expression));
        Self { exact: exact || always, expression }
    }
}

impl Bounds {
    /// Every object meets the condition.
    pub(super) fn always() -> Self {
        Self { yes: Bound::exactly(Expression::always()), no: Bound::exactly(Expression::never()) }
    }

    /// No object meets the condition.
    pub(super) fn never() -> Self {
        Self::always().opposite()
    }

    /// What does not depend on the object.
    pub(super) fn constant(holds: bool) -> Self {
        if holds { Self::always() } else { Self::never() }
    }

    /// What only the resource tells.
    pub(super) fn unknown() -> Self {
        Self { yes: Bound::unknown(), no: Bound::unknown() }
    }

    /// What Graph can say just so; of the opposite perhaps not.
    pub(super) fn exactly(expression: Expression, opposite: Option<Expression>) -> Self {
        Self { yes: Bound::exactly(expression), no: opposite.map_or_else(Bound::unknown, Bound::exactly) }
    }

    /// What passes whatever meets the condition, and more.
    pub(super) fn at_most(expression: Expression) -> Self {
        Self { yes: Bound::at_most(expression), no: Bound::unknown() }
    }

    /// The same with the opposite put exactly, where Graph can.
    pub(super) fn or_else_exactly(mut self, opposite: Option<Expression>) -> Self {
        if let Some(opposite) = opposite {
            self.no = Bound::exactly(opposite);
        }
        self
    }

    pub(super) fn opposite(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let (yes, no) = parts.into_iter().map(|part| (part.yes, part.no)).unzip();
        Self { yes: Bound::all(yes), no: Bound::any(no) }
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let (yes, no) = parts.into_iter().map(|part| (part.yes, part.no)).unzip();
        Self { yes: Bound::any(yes), no: Bound::all(no) }
    }
}
