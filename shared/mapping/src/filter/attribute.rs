//! Attributes as a filter names them, and what Graph can say of each.

use scim::{
    Error, Result,
    filter::{Filter, Operator as Scim, evaluate},
    path::AttributePath,
    schema::{Attribute, Kind},
};
use serde_json::{Value, json};

use super::{
    bounds::Bounds,
    element::{Content, Element},
    items::Items,
    literal,
    place::Place,
};
use crate::{
    Settings,
    capability::{CODE, Capability, DIFFER, EQUAL, IN, REFERENCE},
    link::Link,
    mapping::Mapping,
    table::{EXTERNAL_ID, GROUP_EXTERNAL_ID, Row, Shape},
};

/// `id`, which every object has.
const ID: Capability = Capability::of(EQUAL | IN, DIFFER).assigned();

/// What is known of a resource type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) mapping: &'static Mapping,
    pub(super) settings: &'a Settings,
}

impl Facts<'_> {
    /// What Graph can say of a filter.
    ///
    /// # Errors
    /// `invalidFilter` for what cannot even be told from a resource.
    pub(super) fn bounds(self, filter: &Filter) -> Result<Bounds> {
        let each = |filters: &[Filter]| filters.iter().map(|filter| self.bounds(filter)).collect::<Result<Vec<_>>>();
        match filter {
            Filter::Or(inner) => Ok(Bounds::any(each(inner)?)),
            Filter::And(inner) => Ok(Bounds::all(each(inner)?)),
            Filter::Not(inner) => Ok(self.bounds(inner)?.opposite()),
            Filter::ValuePath(path, _) | Filter::Present(path) | Filter::Compare(path, ..) => self.leaf(filter, path),
        }
    }

    fn leaf(self, filter: &Filter, path: &AttributePath) -> Result<Bounds> {
        let Some(target) = path.resolve(self.mapping.resource_type) else {
            return Ok(self.constant(filter, &json!({})));
        };
        match (path.schema.as_deref(), path.name.as_str()) {
            (None, "id") if !self.mapping.listing.finds_ids => return Ok(Bounds::unknown()),
            (None, "id") => return Ok(compare_one(filter, &place("id", ID, target.attribute, Sort::Id))),
            (None, "meta") => return self.meta(filter, path),
            (None, "schemas") => return Ok(self.schemas(filter)),
            _ => {}
        }
        if let Some(link) = self.mapping.link(path.schema.as_deref(), &path.name) {
            return Ok(if link.is_shown_whole() { Bounds::unknown() } else { linked(link, filter, target.attribute) });
        }
        let rows = self.rows(path);
        if rows.iter().any(|(row, _)| row.property.is_single_only()) {
            return Err(Error::invalid_filter(format!("'{path}' cannot be filtered by: it is read for one at a time")));
        }
        if rows.is_empty() {
            return Ok(self.constant(filter, &json!({})));
        }
        if rows.iter().any(|(row, _)| row.property.shape.is_converted()) {
            return Ok(Bounds::unknown());
        }
        Ok(match (target.attribute.multi_valued, target.attribute.kind) {
            (true, Kind::Complex) => self.elements(filter, path, &self.grouped(&rows, target.attribute)),
            (true, _) => {
                rows.first().map_or_else(Bounds::unknown, |row| items(filter, &self.items(row, target.attribute)))
            }
            (false, _) => self.single(filter, path, &rows, target.attribute),
        })
    }

    /// The rows of an attribute that have a property, with its name.
    fn rows(&self, path: &AttributePath) -> Vec<(&'static Row, &str)> {
        let rows = self.mapping.rows.iter();
        rows.filter(|row| row.schema == path.schema.as_deref() && row.attribute == path.name)
            .filter_map(|row| self.settings.property_of(row).map(|property| (row, property)))
            .collect()
    }

    fn place(&self, (row, property): &(&'static Row, &str), attribute: &'static Attribute) -> Place {
        let leaf = row.sub_attribute.and_then(|name| attribute.sub_attribute(name)).unwrap_or(attribute);
        let sort = if row.property.shape == Shape::Single { Sort::Value } else { Sort::Array };
        // A deployment may keep `externalId` in a property that has a row of its own.
        let own = self.mapping.rows.iter().find(|own| own.property.path == *property);
        let capability = match (row.property.path, own) {
            (EXTERNAL_ID | GROUP_EXTERNAL_ID, Some(own)) => own.property.filter,
            (EXTERNAL_ID | GROUP_EXTERNAL_ID, None) => CODE,
            _ => row.property.filter,
        };
        Place { made_up: row.property.stand_in.is_some(), ..place(property, capability, leaf, sort) }
    }

    fn items(&self, row: &(&'static Row, &str), attribute: &'static Attribute) -> Items {
        let prefix = if let Shape::Many(prefix) = row.0.property.shape { prefix } else { "" };
        Items { place: Place { many: true, ..self.place(row, attribute) }, prefix }
    }

    /// The rows by the type of the element.
    fn grouped(&self, rows: &[(&'static Row, &str)], attribute: &'static Attribute) -> Vec<Element> {
        let mut elements: Vec<Element> = Vec::new();
        for row in rows {
            let kind = row.0.element;
            if matches!(row.0.property.shape, Shape::Many(_)) {
                elements.push(Element { kind, content: Content::Many(self.items(row, attribute)) });
                continue;
            }
            let part = (row.0.sub_attribute.unwrap_or("value"), self.place(row, attribute));
            let known = elements.iter_mut().find_map(|element| match &mut element.content {
                Content::One(parts) if element.kind == kind => Some(parts),
                _ => None,
            });
            match known {
                Some(parts) => parts.push(part),
                None => elements.push(Element { kind, content: Content::One(vec![part]) }),
            }
        }
        elements
    }

    fn single(
        self,
        filter: &Filter,
        path: &AttributePath,
        rows: &[(&'static Row, &str)],
        attribute: &'static Attribute,
    ) -> Bounds {
        if matches!(filter, Filter::ValuePath(..)) {
            return self.elements(filter, path, &self.grouped(rows, attribute));
        }
        let named = rows
            .iter()
            .filter(|(row, _)| path.sub_attribute.is_none() || row.sub_attribute == path.sub_attribute.as_deref());
        let places: Vec<_> = named.map(|row| self.place(row, attribute)).collect();
        match filter {
            Filter::Present(_) => Bounds::any(places.iter().map(Place::present)),
            _ => match places.as_slice() {
                [place] => compare_one(filter, place),
                _ => self.constant(filter, &json!({})),
            },
        }
    }

    fn elements(self, filter: &Filter, path: &AttributePath, elements: &[Element]) -> Bounds {
        let whole = AttributePath { sub_attribute: None, ..path.clone() };
        let part = |name: &str| AttributePath { schema: None, name: name.to_owned(), sub_attribute: None };
        let inner = match (filter, path.sub_attribute.as_deref()) {
            (Filter::ValuePath(_, inner), _) => inner.as_ref().clone(),
            (Filter::Present(_), None) => return Bounds::any(elements.iter().map(Element::present)),
            (Filter::Present(_), Some(name)) => Filter::Present(part(name)),
            // These are true too where no element has such a part.
            (Filter::Compare(_, Scim::NotEqual, _) | Filter::Compare(_, _, Value::Null), _) => {
                return Bounds::unknown();
            }
            (Filter::Compare(_, operator, value), name) => {
                Filter::Compare(part(name.unwrap_or("value")), *operator, value.clone())
            }
            _ => return Bounds::unknown(),
        };
        let matching =
            |element: &Element, primary: bool| element.matching(self.mapping.resource_type, &whole, &inner, primary);
        if !names_primary(&inner) {
            return Bounds::any(elements.iter().map(|element| matching(element, false)));
        }
        // The first element is the primary one, if it is there.
        let other = |element: &Element| {
            Bounds::at_most(Bounds::any([matching(element, true), matching(element, false)]).yes.expression)
        };
        Bounds::any(elements.iter().enumerate().map(|(index, element)| match &element.content {
            Content::One(_) if index == 0 => matching(element, true),
            _ => other(element),
        }))
    }

    fn meta(self, filter: &Filter, path: &AttributePath) -> Result<Bounds> {
        let name = self.mapping.resource_type.name;
        match (filter, path.sub_attribute.as_deref()) {
            (Filter::Present(_), None | Some("location" | "version" | "lastModified")) => Ok(Bounds::always()),
            (_, Some("created")) => {
                let target = path.resolve(self.mapping.resource_type);
                let created = self.mapping.created;
                Ok(target.zip(created).map_or_else(Bounds::unknown, |(target, created)| {
                    compare_one(filter, &place(created.path, created.filter, target.leaf(), Sort::Value))
                }))
            }
            (_, Some("location")) => Ok(Bounds::unknown()),
            // A client that synchronises by it would see that nothing ever changes.
            (_, Some("lastModified")) => Err(Error::invalid_filter(
                "meta.lastModified cannot be filtered by: Entra keeps no time of change; the inventory tells what changed",
            )),
            (_, Some("resourceType")) => Ok(self.constant(filter, &json!({ "meta": { "resourceType": name } }))),
            _ => Err(Error::invalid_filter(format!("'{path}' cannot be filtered by like that"))),
        }
    }

    /// The main schema is always there, the others as the object has values for them.
    fn schemas(self, filter: &Filter) -> Bounds {
        let resource_type = self.mapping.resource_type;
        let matches = |urn: &str| evaluate(filter, &json!({ "schemas": [urn] }), resource_type);
        // What is open comes only on request.
        let mut known =
            resource_type.extensions.iter().map(|extension| extension.schema).filter(|schema| !schema.is_open());
        match matches(resource_type.schema.id) {
            true => Bounds::always(),
            false if known.any(|schema| matches(schema.id)) => Bounds::unknown(),
            false => Bounds::never(),
        }
    }

    /// A filter on what is the same in every resource.
    fn constant(self, filter: &Filter, resource: &Value) -> Bounds {
        Bounds::constant(evaluate(filter, resource, self.mapping.resource_type))
    }
}

fn names_primary(filter: &Filter) -> bool {
    match filter {
        Filter::Or(inner) | Filter::And(inner) => inner.iter().any(names_primary),
        Filter::Not(inner) => names_primary(inner),
        Filter::ValuePath(path, _) | Filter::Present(path) | Filter::Compare(path, ..) => path.name == "primary",
    }
}

/// What a property holds.
enum Sort {
    Value,
    Array,
    Id,
}

fn place(path: &str, capability: Capability, attribute: &'static Attribute, sort: Sort) -> Place {
    let (many, id) = (matches!(sort, Sort::Array), matches!(sort, Sort::Id));
    Place { path: path.to_owned(), capability, attribute, id, many, made_up: false }
}

fn compare_one(filter: &Filter, place: &Place) -> Bounds {
    match filter {
        Filter::Present(_) => place.present(),
        Filter::Compare(_, operator, value) => place.compare(*operator, value),
        _ => Bounds::unknown(),
    }
}

/// An array of plain values.
fn items(filter: &Filter, items: &Items) -> Bounds {
    match filter {
        Filter::Present(_) => items.present(),
        // These are true too where there are no values.
        Filter::Compare(_, Scim::NotEqual, _) | Filter::Compare(_, _, Value::Null) => Bounds::unknown(),
        Filter::Compare(_, operator, value) => items.compare(*operator, value),
        _ => Bounds::unknown(),
    }
}

/// A relationship: Graph finds the objects that have a certain one at its other end, if it is only one.
fn linked(link: &'static Link, filter: &Filter, attribute: &'static Attribute) -> Bounds {
    let value = attribute.sub_attribute("value").unwrap_or(attribute);
    match filter {
        Filter::Compare(path, Scim::Equal | Scim::NotEqual, Value::String(text))
            if path.sub_attribute.as_deref() == Some("value") && (!link.many || !literal::is_guid(text)) =>
        {
            let place = place(&format!("{}/id", link.navigation), REFERENCE, value, Sort::Id);
            match (link.many, filter) {
                // With several at the other end, one that is not the given one is enough.
                (true, Filter::Compare(_, Scim::NotEqual, _)) => Bounds::unknown(),
                _ => compare_one(filter, &place),
            }
        }
        _ => Bounds::unknown(),
    }
}
