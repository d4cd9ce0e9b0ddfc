//! The other end of a relationship.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::link::{Link, resource_type_of, type_in};

/// A directory object as a relationship shows it.
#[derive(Debug, Deserialize)]
pub struct Linked<'a> {
    #[serde(rename = "@odata.type", borrow, default)]
    odata_type: Option<Cow<'a, str>>,
    /// The id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(rename = "displayName", borrow, default)]
    display_name: Option<&'a RawValue>,
}

impl Linked<'_> {
    /// The name and the endpoint of its resource type.
    fn resource_type(&self, link: &Link) -> (&'static str, &'static str) {
        let known = link.written.and_then(|(collection, _)| type_in(collection));
        resource_type_of(self.odata_type.as_deref().or(known))
    }
}

/// How the objects of a relationship are shown.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) link: &'a Link,
    /// Whether their names are told.
    pub(super) named: bool,
    pub(super) base: &'a str,
}

/// Writes `"manager":{...}` or `"members":[...]`, nothing where there is none; `each` is given the ids of the objects.
pub(super) fn write(
    view: View<'_>,
    text: &str,
    mut each: impl FnMut(&str),
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let link = view.link;
    let start = out.len();
    out.extend_from_slice(b",\"");
    out.extend_from_slice(link.attribute.as_bytes());
    out.extend_from_slice(b"\":");
    if !link.many {
        return one(view, &serde_json::from_str(text)?, out);
    }
    out.push(b'[');
    let begin = out.len();
    for linked in serde_json::from_str::<Vec<Linked<'_>>>(text)? {
        let (name, _) = linked.resource_type(link);
        if link.only.is_some_and(|only| only != name) {
            continue;
        }
        if out.len() > begin {
            out.push(b',');
        }
        each(&linked.id);
        one(view, &linked, out)?;
    }
    if out.len() == begin {
        out.truncate(start);
    } else {
        out.push(b']');
    }
    Ok(())
}

fn one(view: View<'_>, linked: &Linked<'_>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let View { link, named, base } = view;
    let (name, endpoint) = linked.resource_type(link);
    out.extend_from_slice(b"{\"value\":");
    serde_json::to_writer(&mut *out, &linked.id)?;
    out.extend_from_slice(b",\"$ref\":");
    serde_json::to_writer(&mut *out, &format!("{base}/{endpoint}/{}", linked.id))?;
    if link.many && link.only.is_none() {
        out.extend_from_slice(b",\"type\":\"");
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    }
    if let Some(display_name) = linked.display_name.map(RawValue::get).filter(|name| named && *name != "null") {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(link.display().as_bytes());
        out.extend_from_slice(b"\":");
        out.extend_from_slice(display_name.as_bytes());
    }
    out.push(b'}');
    Ok(())
}
