//! Notes where the values of a JSON object are, without building anything of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members that count, and those of the objects inside.
#[derive(Debug, Default)]
pub(super) struct Branch {
    members: Vec<(String, Member)>,
    slots: usize,
}

#[derive(Debug)]
enum Member {
    Slot(usize),
    Branch(Branch),
}

impl Branch {
    /// The slot of the value at a path such as `employeeOrgData/costCenter`; the same for the same path.
    pub(super) fn slot(&mut self, path: &str) -> usize {
        let fresh = self.slots;
        let slot = self.find(path, fresh);
        self.slots = self.slots.max(slot + 1);
        slot
    }

    fn find(&mut self, path: &str, fresh: usize) -> usize {
        let (name, rest) = match path.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let known = self.members.iter().position(|(member, _)| member == name);
        match (known.and_then(|index| self.members.get_mut(index)), rest) {
            (Some((_, Member::Slot(slot))), None) => *slot,
            (Some((_, Member::Branch(branch))), Some(rest)) => branch.find(rest, fresh),
            (_, None) => {
                self.members.push((name.to_owned(), Member::Slot(fresh)));
                fresh
            }
            (_, Some(rest)) => {
                let mut branch = Self::default();
                let slot = branch.find(rest, fresh);
                self.members.push((name.to_owned(), Member::Branch(branch)));
                slot
            }
        }
    }

    /// The member of this name; Graph keeps the order of `$select`, so it is mostly the one after the last.
    fn member(&self, name: &str, next: &mut usize) -> Option<&Member> {
        let is_named = |index: usize| self.members.get(index).is_some_and(|(member, _)| member == name);
        let index = match is_named(*next) {
            true => *next,
            false => self.members.iter().position(|(member, _)| member == name)?,
        };
        *next = index + 1;
        self.members.get(index).map(|(_, member)| member)
    }
}

/// The texts of the values that were found; null counts as not there.
#[derive(Debug)]
pub(super) struct Slots<'de>(Vec<Option<&'de str>>);

impl<'de> Slots<'de> {
    pub(super) fn new(branch: &Branch) -> Self {
        Self(vec![None; branch.slots])
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(None);
    }

    pub(super) fn get(&self, slot: usize) -> Option<&'de str> {
        self.0.get(slot).copied().flatten()
    }

    /// Puts a text in the slot of a name, or what counts of it in the slots below the name.
    pub(super) fn set(&mut self, branch: &Branch, name: &str, text: &'de str) -> serde_json::Result<()> {
        match branch.member(name, &mut 0) {
            Some(Member::Slot(slot)) => self.note(*slot, text),
            Some(Member::Branch(branch)) => object(text, branch, self)?,
            None => {}
        }
        Ok(())
    }

    fn note(&mut self, slot: usize, text: &'de str) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = (text != "null").then_some(text);
        }
    }
}

/// Scans a JSON text that is one object.
pub(super) fn object<'de>(text: &'de str, branch: &Branch, slots: &mut Slots<'de>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Scan { branch, slots }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Scans the object that comes next.
pub(super) struct Scan<'s, 'de> {
    pub(super) branch: &'s Branch,
    pub(super) slots: &'s mut Slots<'de>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut next = 0;
        while let Some(name) = members.next_key_seed(Name { branch: self.branch, next: &mut next })? {
            match name {
                Some(Member::Slot(slot)) => {
                    let value: &RawValue = members.next_value()?;
                    self.slots.note(*slot, value.get());
                }
                Some(Member::Branch(branch)) => members.next_value_seed(Scan { branch, slots: &mut *self.slots })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Looks a member's name up without keeping it.
struct Name<'s, 'n> {
    branch: &'s Branch,
    next: &'n mut usize,
}

impl<'de, 's> DeserializeSeed<'de> for Name<'s, '_> {
    type Value = Option<&'s Member>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for Name<'s, '_> {
    type Value = Option<&'s Member>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.branch.member(name, self.next))
    }
}
