//! From a SCIM sort to Graph's `$orderby`.

use scim::list::Sort;

use crate::{Settings, mapping::Mapping};

/// What Graph can sort by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderBy {
    /// The text of `$orderby`.
    pub text: String,
    /// Whether it needs `ConsistencyLevel: eventual` and `$count=true`.
    pub advanced: bool,
}

/// The `$orderby` for a sort, beside a `$filter` or not; none where Graph cannot sort by the attribute.
#[must_use]
pub fn orderby(mapping: &'static Mapping, settings: &Settings, sort: &Sort, has_filter: bool) -> Option<OrderBy> {
    let by = &sort.by;
    let row = mapping.rows.iter().find(|row| {
        row.schema == by.schema.as_deref()
            && row.attribute == by.name
            && row.element.is_none()
            && row.sub_attribute == by.sub_attribute.as_deref()
    })?;
    let property = settings.property_of(row).filter(|_| row.property.filter.sorted)?;
    let text = if sort.descending { format!("{property} desc") } else { property.to_owned() };
    Some(OrderBy { text, advanced: has_filter })
}

#[cfg(test)]
mod tests {
    use scim::{list::Query, schema::ResourceType};

    use super::*;
    use crate::{GROUPS, USERS};

    fn check(mapping: &'static Mapping, by: &str, order: &str, expected: &str) {
        let resource_type: &'static ResourceType = mapping.resource_type;
        let query = Query::parse([("sortBy", by), ("sortOrder", order)], resource_type).unwrap();
        let sort = query.sort.unwrap();
        for (has_filter, mark) in [(false, ""), (true, " !")] {
            let orderby = orderby(mapping, &Settings::default(), &sort, has_filter);
            let actual = orderby.map(|by| format!("{}{}", by.text, if by.advanced { " !" } else { "" }));
            let expected = (expected != "-").then(|| format!("{expected}{mark}"));
            assert_eq!(actual, expected, "{by}");
        }
    }

    #[test]
    fn what_graph_sorts_by() {
        check(&USERS, "userName", "", "userPrincipalName");
        check(&USERS, "DISPLAYNAME", "descending", "displayName desc");
        check(&GROUPS, "displayName", "ascending", "displayName");
        check(&USERS, "urn:ietf:params:scim:schemas:core:2.0:User:userName", "descending", "userPrincipalName desc");
        for by in ["title", "name.familyName", "emails", "emails.value", "meta.created", "id", "externalId", "groups"] {
            check(&USERS, by, "", "-");
        }
        check(&GROUPS, "members", "", "-");
    }
}
