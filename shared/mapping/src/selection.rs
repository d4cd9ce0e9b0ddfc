//! What to ask Graph for, and no more.

use scim::projection::Projection;

use crate::{Settings, link::Link, mapping::Mapping};

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
    let mut names = vec!["id"];
    if projection.includes("meta.created") || projection.includes("meta.lastModified") {
        names.push("createdDateTime");
    }
    for row in mapping.rows {
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
        let actual: Vec<&str> = std::iter::once(selection.select.as_str()).chain(links).collect();
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
        check(&GROUPS, "displayName,members.value", Reading::One, "id,displayName members");
    }
}
