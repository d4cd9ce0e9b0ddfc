//! A page of objects, rendered while it is read.

use std::{borrow::Cow, fmt, ops::Range};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    Renderer, Unreadable,
    scan::{Scan, Slots},
};

/// What a page of Graph says beside its objects.
#[derive(Debug, Default)]
pub struct Page {
    /// How many objects there are on it.
    pub found: u64,
    /// How many of them were rendered.
    pub length: u64,
    /// The link to the next page.
    pub next: Option<String>,
    /// How many objects match in all, where it was asked for.
    pub count: Option<u64>,
}

impl Renderer<'_> {
    /// Renders those objects of a page that are in `range`, counted from 0, behind `out`, with commas between resources.
    ///
    /// # Errors
    ///
    /// When it is not a page.
    pub fn page(&self, text: &[u8], range: Range<u64>, out: &mut Vec<u8>) -> Result<Page, Unreadable> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let page = PageSeed { renderer: self, range, out }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(page)
    }
}

struct PageSeed<'s, 'r> {
    renderer: &'s Renderer<'r>,
    range: Range<u64>,
    out: &'s mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = Page;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            match name.as_ref() {
                "value" => {
                    let range = self.range.clone();
                    let objects = Objects { renderer: self.renderer, range, out: &mut *self.out };
                    (page.found, page.length) = members.next_value_seed(objects)?;
                }
                "@odata.nextLink" => page.next = members.next_value()?,
                "@odata.count" => page.count = members.next_value()?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(page)
    }
}

struct Objects<'s, 'r> {
    renderer: &'s Renderer<'r>,
    range: Range<u64>,
    out: &'s mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Objects<'_, '_> {
    type Value = (u64, u64);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(u64, u64), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, '_> {
    type Value = (u64, u64);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<(u64, u64), A::Error> {
        let branch = &self.renderer.outline.branch;
        let mut slots = Slots::new(branch);
        let (mut found, mut length) = (0, 0);
        while objects.next_element_seed(Scan { branch, slots: &mut slots })?.is_some() {
            if self.range.contains(&found) {
                if self.out.last() == Some(&b'}') {
                    self.out.push(b',');
                }
                self.renderer.write(&slots, self.out).map_err(A::Error::custom)?;
                length += 1;
            }
            slots.clear();
            found += 1;
        }
        Ok((found, length))
    }
}
