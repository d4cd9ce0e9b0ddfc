//! What is wrong with a configuration: all of it, each with its place and what to do.

use std::fmt;

/// The most mistakes that are kept; whoever has more begins with these.
const MOST: usize = 200;

/// Everything that is wrong with a document.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mistakes(Vec<Mistake>);

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// Where: a JSON pointer, RFC 6901; empty for the whole document.
    pub pointer: String,
    /// What is wrong there, and what to give instead. It quotes no value that may be secret.
    pub problem: String,
}

impl Mistakes {
    /// One mistake, of the whole document.
    pub(crate) fn whole(problem: impl Into<String>) -> Self {
        let mut mistakes = Self::default();
        mistakes.add("", problem);
        mistakes
    }

    pub(crate) fn add(&mut self, pointer: &str, problem: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(Mistake { pointer: pointer.to_owned(), problem: problem.into() });
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in the order of the document.
    #[must_use]
    pub fn list(&self) -> &[Mistake] {
        &self.0
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the tenants document has {} mistake(s)", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(formatter, "\n  {mistake}"))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(formatter, "{place}: {}", self.problem)
    }
}

impl std::error::Error for Mistakes {}
