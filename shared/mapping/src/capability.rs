//! What `$filter` and `$orderby` can do with a property: the facts of Graph's pages on users, groups and
//! "advanced query capabilities on directory objects".

/// A way in which `$filter` looks at a property.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `in`
    In,
    /// `ge` and `le`
    Order,
    /// `startsWith`
    StartsWith,
    /// `endsWith`
    EndsWith,
    /// `ne`
    NotEqual,
    /// `not`
    Not,
    /// `eq` and `ne` with null
    Null,
    /// `/$count eq 0` and `/$count ne 0`
    Count,
}

/// Whether `$filter` can.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Support {
    /// It cannot.
    No,
    /// As it is.
    Plain,
    /// In an advanced query: `ConsistencyLevel: eventual` and `$count=true`.
    Advanced,
}

/// What can be done with a property.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Capability {
    plain: u16,
    advanced: u16,
    /// Whether every object has a value.
    pub assigned: bool,
    /// Whether `$orderby` takes it.
    pub sorted: bool,
    /// Whether a filter that names it must name nothing else.
    pub alone: bool,
}

pub(crate) const EQUAL: u16 = Comparison::Equal.bit();
pub(crate) const IN: u16 = Comparison::In.bit();
pub(crate) const ORDER: u16 = Comparison::Order.bit();
pub(crate) const STARTS: u16 = Comparison::StartsWith.bit();
pub(crate) const ENDS: u16 = Comparison::EndsWith.bit();
pub(crate) const NULL: u16 = Comparison::Null.bit();
pub(crate) const COUNT: u16 = Comparison::Count.bit();
pub(crate) const NOT: u16 = Comparison::Not.bit();
/// `ne` and `not`, which go together.
pub(crate) const DIFFER: u16 = Comparison::NotEqual.bit() | NOT;

/// Nothing.
pub(crate) const NONE: Capability = Capability::of(0, 0);
/// What most texts can.
pub(crate) const TEXT: Capability = Capability::of(EQUAL | IN | ORDER | STARTS, DIFFER | NULL);
/// The same, but none of it without an advanced query.
pub(crate) const ADVANCED_TEXT: Capability = Capability::of(0, EQUAL | IN | ORDER | STARTS | DIFFER | NULL);
/// What most booleans and words of a fixed list can.
pub(crate) const CODE: Capability = Capability::of(EQUAL | IN, DIFFER);
/// What most dates can, and texts that are only compared.
pub(crate) const VALUE: Capability = Capability::of(EQUAL | IN | ORDER, DIFFER);
/// The same, but none of it without an advanced query.
pub(crate) const ADVANCED_VALUE: Capability = Capability::of(0, EQUAL | IN | ORDER | DIFFER);
/// What most collections of texts can.
pub(crate) const ITEMS: Capability = Capability::of(EQUAL | ORDER | STARTS, NOT);
/// What the id of the object at the other end of a relationship can.
pub(crate) const REFERENCE: Capability = Capability::of(EQUAL, 0);

impl Comparison {
    /// Every way.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::In,
        Self::Order,
        Self::StartsWith,
        Self::EndsWith,
        Self::NotEqual,
        Self::Not,
        Self::Null,
        Self::Count,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Capability {
    pub(crate) const fn of(plain: u16, advanced: u16) -> Self {
        Self { plain, advanced, assigned: false, sorted: false, alone: false }
    }

    /// What `$filter` can do in this way.
    #[must_use]
    pub const fn support(self, comparison: Comparison) -> Support {
        match (self.plain & comparison.bit() != 0, self.advanced & comparison.bit() != 0) {
            (true, _) => Support::Plain,
            (false, true) => Support::Advanced,
            (false, false) => Support::No,
        }
    }

    pub(crate) const fn advanced(mut self, more: u16) -> Self {
        self.advanced |= more;
        self
    }

    pub(crate) const fn without(mut self, less: u16) -> Self {
        self.plain &= !less;
        self.advanced &= !less;
        self
    }

    pub(crate) const fn assigned(mut self) -> Self {
        self.assigned = true;
        self
    }

    pub(crate) const fn sorted(mut self) -> Self {
        self.sorted = true;
        self
    }

    pub(crate) const fn alone(mut self) -> Self {
        self.alone = true;
        self
    }
}

#[cfg(test)]
mod tests;
