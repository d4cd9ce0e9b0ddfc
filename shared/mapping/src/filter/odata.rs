//! A `$filter` as a tree, and its text.

use std::fmt;

use crate::capability::Comparison;

/// A filter of Graph. Nothing is [`Expression::always`] or [`Expression::never`] inside another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// All hold; of none it holds always.
    All(Vec<Expression>),
    /// Any holds; of none it never holds.
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
}

/// One comparison of a property with a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) path: String,
    /// Whether any item of a collection is meant.
    pub(super) many: bool,
    pub(super) operator: Operator,
    /// In the form of OData; several are alternatives.
    pub(super) literals: Vec<String>,
    pub(super) advanced: bool,
    /// Whether `in` may take more literals.
    pub(super) listed: bool,
    /// Whether nothing else may stand beside it.
    pub(super) alone: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    GreaterOrEqual,
    LessOrEqual,
    StartsWith,
    EndsWith,
    /// Of the number of items.
    CountEqual,
    CountNotEqual,
}

impl Operator {
    /// The way in which it looks at a value that is not null.
    pub(super) const fn comparison(self) -> Comparison {
        match self {
            Self::Equal => Comparison::Equal,
            Self::NotEqual => Comparison::NotEqual,
            Self::GreaterOrEqual | Self::LessOrEqual => Comparison::Order,
            Self::StartsWith => Comparison::StartsWith,
            Self::EndsWith => Comparison::EndsWith,
            Self::CountEqual | Self::CountNotEqual => Comparison::Count,
        }
    }
}

impl Expression {
    /// What every object matches.
    pub(super) const fn always() -> Self {
        Self::All(Vec::new())
    }

    /// What no object matches.
    pub(super) const fn never() -> Self {
        Self::Any(Vec::new())
    }

    pub(super) fn is_always(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    pub(super) fn is_never(&self) -> bool {
        matches!(self, Self::Any(parts) if parts.is_empty())
    }

    /// Whether all hold.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                never if never.is_never() => return never,
                Self::All(inner) => flat.extend(inner),
                other if flat.contains(&other) => {}
                other => flat.push(other),
            }
        }
        if flat.len() > 1 { Self::All(flat) } else { flat.pop().unwrap_or_else(Self::always) }
    }

    /// Whether any holds; values of one property are put together: `id in ('a','b')`.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                always if always.is_always() => return always,
                Self::Any(inner) => inner.into_iter().for_each(|part| add_alternative(&mut flat, part)),
                other => add_alternative(&mut flat, other),
            }
        }
        if flat.len() > 1 { Self::Any(flat) } else { flat.pop().unwrap_or_else(Self::never) }
    }

    /// How deep it is nested.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or_default(),
            Self::Not(inner) => 1 + inner.depth(),
            Self::Test(_) => 1,
        }
    }

    /// Every test, and whether it needs an advanced query where it stands.
    pub(super) fn tests(&self) -> Vec<(&Test, bool)> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(inner) => inner.tests().into_iter().map(|(test, _)| (test, true)).collect(),
            Self::Test(test) => vec![(test, test.advanced)],
        }
    }
}

fn add_alternative(alternatives: &mut Vec<Expression>, part: Expression) {
    if let Expression::Test(test) = &part
        && test.operator == Operator::Equal
        && test.listed
    {
        let same = alternatives.iter_mut().find_map(|known| match known {
            Expression::Test(known) if known.path == test.path && known.operator == Operator::Equal && known.listed => {
                Some(known)
            }
            _ => None,
        });
        if let Some(same) = same {
            for literal in &test.literals {
                if !same.literals.contains(literal) {
                    same.literals.push(literal.clone());
                }
            }
            return;
        }
    }
    if !alternatives.contains(&part) {
        alternatives.push(part);
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => join(formatter, parts, " and "),
            Self::Any(parts) => join(formatter, parts, " or "),
            Self::Not(inner) => write!(formatter, "not({inner})"),
            Self::Test(test) => test.fmt(formatter),
        }
    }
}

fn join(formatter: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        match part {
            Expression::All(_) | Expression::Any(_) => write!(formatter, "({part})")?,
            Expression::Not(_) | Expression::Test(_) => write!(formatter, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, literal) = (&self.path, self.literals.join(","));
        let subject = if self.many { "p" } else { path };
        let condition = match self.operator {
            Operator::Equal if self.literals.len() > 1 => format!("{subject} in ({literal})"),
            Operator::Equal => format!("{subject} eq {literal}"),
            Operator::NotEqual => format!("{subject} ne {literal}"),
            Operator::GreaterOrEqual => format!("{subject} ge {literal}"),
            Operator::LessOrEqual => format!("{subject} le {literal}"),
            Operator::StartsWith => format!("startsWith({subject},{literal})"),
            Operator::EndsWith => format!("endsWith({subject},{literal})"),
            Operator::CountEqual => return write!(formatter, "{path}/$count eq 0"),
            Operator::CountNotEqual => return write!(formatter, "{path}/$count ne 0"),
        };
        if self.many { write!(formatter, "{path}/any(p:{condition})") } else { formatter.write_str(&condition) }
    }
}
