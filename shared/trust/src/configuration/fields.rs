//! Reading members of JSON with a note of each mistake.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::{Map, Value};

use crate::{clouds, mistakes::Mistakes};

/// A value, with the way to it.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub(super) pointer: String,
    pub(super) value: &'a Value,
}

/// What stands in a document's object; every member has to be asked for, or it is a mistake.
pub(super) struct Fields<'a> {
    pointer: String,
    members: &'a Map<String, Value>,
}

impl<'a> Place<'a> {
    pub(super) fn text(&self, mistakes: &mut Mistakes, what: &str) -> Option<&'a str> {
        let text = self.value.as_str().map(str::trim);
        if text.is_none() {
            mistakes.add(&self.pointer, format!("is no text: give {what}"));
        }
        text
    }

    /// The elements of a list, of at most `most`.
    pub(super) fn list(&self, mistakes: &mut Mistakes, most: usize, what: &str) -> Vec<Self> {
        let Some(values) = self.value.as_array() else {
            mistakes.add(&self.pointer, format!("is no list: give a list of {what}"));
            return Vec::new();
        };
        if values.len() > most {
            mistakes.add(&self.pointer, format!("has {} elements: give {most} at most", values.len()));
        }
        let place = |(at, value)| Self { pointer: format!("{}/{at}", self.pointer), value };
        values.iter().enumerate().take(most).map(place).collect()
    }

    /// The texts of a list.
    pub(super) fn texts(&self, mistakes: &mut Mistakes, most: usize, what: &str) -> Vec<(String, &'a str)> {
        let texts = self.list(mistakes, most, what);
        texts.into_iter().filter_map(|place| Some((place.pointer.clone(), place.text(mistakes, what)?))).collect()
    }

    /// The object that stands here, whose members are all among `known`.
    pub(super) fn fields(&self, mistakes: &mut Mistakes, known: &[&str]) -> Option<Fields<'a>> {
        let members = self.object(mistakes)?;
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let names = known.join(", ");
            mistakes.add(&child(&self.pointer, name), format!("is not known: remove it, or give one of {names}"));
        }
        Some(Fields { pointer: self.pointer.clone(), members })
    }

    /// The members of an object whose names are free.
    pub(super) fn named(&self, mistakes: &mut Mistakes, most: usize) -> Vec<(&'a str, Self)> {
        let Some(members) = self.object(mistakes) else { return Vec::new() };
        if members.len() > most {
            mistakes.add(&self.pointer, format!("has {} members: give {most} at most", members.len()));
        }
        let place = |(name, value): (&'a String, &'a Value)| {
            (name.as_str(), Self { pointer: child(&self.pointer, name), value })
        };
        members.iter().take(most).map(place).collect()
    }

    fn object(&self, mistakes: &mut Mistakes) -> Option<&'a Map<String, Value>> {
        if self.value.as_object().is_none() {
            mistakes.add(&self.pointer, "is no object: give one in braces");
        }
        self.value.as_object()
    }
}

impl<'a> Fields<'a> {
    /// A member that is there and is not null.
    pub(super) fn get(&self, name: &str) -> Option<Place<'a>> {
        let value = self.members.get(name).filter(|value| !value.is_null())?;
        Some(Place { pointer: self.pointer_of(name), value })
    }

    pub(super) fn pointer_of(&self, name: &str) -> String {
        child(&self.pointer, name)
    }

    /// A text, empty when it is not there.
    pub(super) fn text(&self, mistakes: &mut Mistakes, name: &str, what: &str) -> String {
        self.get(name).and_then(|place| place.text(mistakes, what)).unwrap_or_default().to_owned()
    }

    pub(super) fn truth(&self, mistakes: &mut Mistakes, name: &str, otherwise: bool) -> bool {
        let Some(place) = self.get(name) else { return otherwise };
        place.value.as_bool().unwrap_or_else(|| {
            mistakes.add(&place.pointer, "is neither true nor false");
            otherwise
        })
    }

    pub(super) fn number(&self, mistakes: &mut Mistakes, name: &str, most: u32) -> Option<u32> {
        let place = self.get(name)?;
        let number = place.value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|it| *it <= most);
        if number.is_none() {
            mistakes.add(&place.pointer, format!("is no whole number from 0 to {most}"));
        }
        number
    }

    /// A moment: RFC 3339, or a date, of which the whole day in UTC counts.
    pub(super) fn moment(&self, mistakes: &mut Mistakes, name: &str) -> Option<DateTime<Utc>> {
        let place = self.get(name)?;
        let what = "a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z";
        let text = place.text(mistakes, what)?;
        let day = || text.parse::<NaiveDate>().ok()?.checked_add_days(Days::new(1));
        let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
        let moment = moment.or_else(|| Some(day()?.and_time(NaiveTime::MIN).and_utc()));
        if moment.is_none() {
            mistakes.add(&place.pointer, format!("is no moment: give {what}"));
        }
        moment
    }
}

/// A JSON pointer to a member, RFC 6901 section 3; of names that are too long only the beginning.
fn child(pointer: &str, name: &str) -> String {
    let name: String = name.chars().filter(|character| !character.is_control()).take(100).collect();
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

pub(super) fn unknown_cloud() -> String {
    let names: Vec<&str> = clouds::CLOUDS.iter().map(|cloud| cloud.name).collect();
    format!("is no cloud of Microsoft's: give one of {}", names.join(", "))
}
