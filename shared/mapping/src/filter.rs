//! From a SCIM filter to Graph's `$filter`.
//!
//! Graph cannot do all that a SCIM filter says, and not all of it in the same way. So each condition is given bounds: what
//! Graph lets through is whatever matches, and perhaps more. Of conditions that must all hold those that Graph can do are
//! asked of it, and those that it cannot do, or not exactly, are the residual: the resources are held against it.

mod attribute;
mod bounds;
mod condition;
mod element;
mod items;
mod literal;
mod odata;
mod place;

use scim::{Result, filter::Filter};

use self::{
    attribute::Facts,
    bounds::Bound,
    condition::{conditions, paths, source},
    odata::{Expression, Operator},
};
use crate::{Settings, mapping::Mapping};

/// How many comparisons one `$filter` may have; Graph refuses more than 15 alternatives.
const MAX_TESTS: usize = 15;
/// How deep they may be nested.
const MAX_DEPTH: usize = 6;
/// How long the text may be in a URL.
const MAX_LENGTH: usize = 2000;

/// What a SCIM filter means to Graph.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one a request")]
pub enum Translation {
    /// Nothing can match, so nothing need be asked.
    Nothing,
    /// What to ask, and what is left to do with the answer.
    Query(Query),
}

/// A query whose answer holds every object that matches, and those that don't where there is a residual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which objects are looked through.
    pub source: Source,
    /// The text of `$filter`, not yet percent-encoded.
    pub text: Option<String>,
    /// Whether it needs `ConsistencyLevel: eventual` and `$count=true`.
    pub advanced: bool,
    /// Whether one object matches at most, so that a count is not worth asking for.
    pub unique: bool,
    /// What the rendered resource must match besides, by [`scim::filter::evaluate`].
    pub residual: Option<Filter>,
    /// The attributes that the residual looks at, as a projection names them.
    pub paths: Vec<String>,
}

/// Which objects are looked through.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Source {
    /// All of the collection.
    #[default]
    Collection,
    /// Those of the mapping's type that the directory object `id` is related to: `GET /users/{id}/memberOf`.
    Relation {
        /// The id of the object, of whatever type it is.
        id: String,
        /// Graph's name of the relationship, below that object.
        relation: &'static str,
    },
}

/// Translates a resolved filter.
///
/// # Errors
///
/// `invalidFilter` for what can neither be asked of Graph nor be told from a resource.
pub fn translate(mapping: &'static Mapping, settings: &Settings, filter: &Filter) -> Result<Translation> {
    let facts = Facts { mapping, settings };
    let mut query = Query::default();
    let mut parts = Vec::new();
    for condition in conditions(mapping, filter) {
        let bound = facts.bounds(&condition)?.yes;
        if bound.expression.is_never() {
            return Ok(Translation::Nothing);
        }
        if query.source == Source::Collection
            && let Some((source, exact)) = source(mapping, &condition)
        {
            query.source = source;
            if exact {
                continue;
            }
        }
        parts.push(Part::new(condition, bound));
    }
    query.unique = parts.iter().any(|part| part.unique);
    let asked = if query.source == Source::Collection { choose(&parts) } else { vec![false; parts.len()] };
    let (mut expressions, mut residual) = (Vec::new(), Vec::new());
    for (part, asked) in parts.into_iter().zip(asked) {
        let enough = part.bound.exact && (asked || part.bound.expression.is_always());
        if asked {
            query.advanced |= part.advanced;
            expressions.push(part.bound.expression);
        }
        if !enough {
            residual.push(part.condition);
        }
    }
    query.text = (!expressions.is_empty()).then(|| Expression::all(expressions).to_string());
    query.residual = (!residual.is_empty()).then(|| Filter::all(residual));
    query.paths = query.residual.iter().flat_map(|residual| paths(mapping, residual)).collect();
    Ok(Translation::Query(query))
}

/// One of the conditions that must all hold, and what it takes to ask for it.
struct Part {
    condition: Filter,
    bound: Bound,
    advanced: bool,
    unique: bool,
    tests: usize,
    length: usize,
    /// Whether a test wants nothing beside it, and whether there is something.
    alone: (bool, bool),
}

impl Part {
    fn new(condition: Filter, bound: Bound) -> Self {
        let (mut advanced, mut tests, mut alone) = (false, 0, (false, false));
        for (test, needs) in bound.expression.tests() {
            advanced |= needs;
            tests += test.literals.len();
            alone = (alone.0 || test.alone, alone.1 || !test.alone);
        }
        let unique = matches!(
            &bound.expression,
            Expression::Test(test) if test.operator == Operator::Equal && test.literals.len() == 1
                && matches!(test.path.as_str(), "id" | "userPrincipalName")
        );
        let length = form_length(&bound.expression.to_string());
        Self { condition, bound, advanced, unique, tests, length, alone }
    }

    fn is_askable(&self) -> bool {
        !self.bound.expression.is_always() && self.bound.expression.depth() <= MAX_DEPTH && self.alone != (true, true)
    }
}

/// Which of the conditions Graph is asked for.
fn choose(parts: &[Part]) -> Vec<bool> {
    let unique = parts.iter().any(|part| part.unique);
    // Advanced queries answer from an index that lags behind, so one user is better found without.
    let fits = |part: &Part| part.is_askable() && !(unique && part.advanced);
    let alone = parts.iter().position(|part| !unique && fits(part) && part.alone.0 && part.tests <= MAX_TESTS);
    let (mut tests, mut length) = (0, 0);
    let choice = parts.iter().enumerate().map(|(index, part)| {
        let wanted = alone.map_or(!part.alone.0, |alone| alone == index);
        let chosen = wanted && fits(part) && tests + part.tests <= MAX_TESTS && length + part.length <= MAX_LENGTH;
        if chosen {
            tests += part.tests;
            length += part.length;
        }
        chosen
    });
    choice.collect()
}

/// The length of a text in a URL.
fn form_length(text: &str) -> usize {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 }).sum()
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
