//! What to ask Graph for, and no more.

use scim::projection::Projection;

use crate::{Settings, facet::Facet, link::Link, mapping::Mapping, memo::Memo, table::Property};

/// Whether one object is read or a page of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// `GET /users/{id}`
    One,
    /// `GET /users`
    Page,
}

/// What a read asks Graph for.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The value of `$select`.
    pub select: String,
    /// The relationship with one object that is wanted too; Graph expands one.
    pub one: Option<&'static Link>,
    /// The relationships with many that are wanted too.
    pub many: Vec<&'static Link>,
    /// The parts with paths of their own that are wanted too; they are read for one object at a time.
    pub facets: Vec<&'static Facet>,
    /// Those of the relationships of which names are wanted.
    named: Vec<&'static Link>,
}

impl Selection {
    /// What is wanted of the objects at the other end of a relationship: the value of `$select`.
    #[must_use]
    pub fn linked(&self, link: &Link) -> &'static str {
        if self.named.iter().any(|named| std::ptr::eq(*named, link)) { "id,displayName" } else { "id" }
    }

    /// The value of `$expand` for a relationship.
    #[must_use]
    pub fn expand(&self, link: &Link) -> String {
        format!("{}($select={})", link.navigation, self.linked(link))
    }
}

/// The properties and relationships that `projection` needs.
#[must_use]
pub fn selection(
    mapping: &'static Mapping,
    settings: &Settings,
    projection: &Projection,
    reading: Reading,
) -> Selection {
    static ONE: Memo<Selection> = Memo::new();
    static PAGE: Memo<Selection> = Memo::new();
    if projection.is_cut() {
        return made(mapping, settings, projection, reading);
    }
    let memo = if reading == Reading::One { &ONE } else { &PAGE };
    memo.get(mapping, settings, || made(mapping, settings, projection, reading)).as_ref().clone()
}

fn made(mapping: &'static Mapping, settings: &Settings, projection: &Projection, reading: Reading) -> Selection {
    let mut names = vec!["id"];
    if projection.includes("meta.created") || projection.includes("meta.lastModified") {
        names.extend(mapping.created.map(Property::root));
    }
    let mut facets = Vec::new();
    for row in mapping.rows {
        if let Some(facet) = row.property.facet {
            if projection.includes(&row.path()) && !facets.contains(&facet) {
                facets.push(facet);
            }
            continue;
        }
        if (row.property.is_single_only() && reading == Reading::Page) || !projection.includes(&row.path()) {
            continue;
        }
        let root = settings.property_of(row).and_then(|path| path.split('/').next());
        for name in root.into_iter().chain(row.property.stand_in) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let wanted = || mapping.links.iter().filter(|link| projection.includes(&link.path()));
    let is_named = |link: &&Link| projection.includes(&link.display_path());
    Selection {
        named: wanted().filter(is_named).collect(),
        select: names.join(","),
        one: wanted().find(|link| !link.many),
        many: wanted().filter(|link| link.many).collect(),
        facets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GROUPS, USERS};

    fn check(mapping: &'static Mapping, attributes: &str, reading: Reading, expected: &str) {
        let settings = Settings::new("11111111-2222-3333-4444-555555555555", "", "");
        let projection = Projection::parse(Some(attributes), None, mapping.resource_type).unwrap();
        let selection = selection(mapping, &settings, &projection, reading);
        let links = selection.one.into_iter().chain(selection.many).map(|link| link.navigation);
        let facets = selection.facets.into_iter().map(|facet| facet.path);
        let actual: Vec<&str> = std::iter::once(selection.select.as_str()).chain(links).chain(facets).collect();
        assert_eq!(actual.join(" "), expected);
    }

    #[test]
    fn only_what_is_wanted_is_selected() {
        check(&USERS, "userName", Reading::Page, "id,userPrincipalName");
        check(&USERS, "name.givenName,emails", Reading::Page, "id,givenName,mail,otherMails");
        check(&USERS, "displayName", Reading::Page, "id,displayName,userPrincipalName");
        check(&USERS, "meta.lastModified", Reading::Page, "id,createdDateTime");
        check(&USERS, "profileUrl", Reading::Page, "id");
        check(&USERS, "profileUrl", Reading::One, "id,mySite");
        check(&USERS, &format!("{}:manager", crate::ENTERPRISE), Reading::Page, "id manager");
        check(&USERS, "groups", Reading::One, "id memberOf");
        check(&USERS, "status,title,externalAudience", Reading::One, "id,jobTitle mailboxSettings");
        check(&USERS, "photos.value", Reading::One, "id photo");
        check(&GROUPS, "displayName,members.value", Reading::One, "id,displayName members");
    }
}
