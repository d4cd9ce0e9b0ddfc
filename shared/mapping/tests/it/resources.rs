//! The resource types that are a table each.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use mapping::{Mapping, resources};
use scim::schema::{Attribute, Mutability};

const LIST: &str = "src/resources.rs";

#[test]
fn every_table_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/resources");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let mut list = String::from(
        "//! The resource types that are a table each: a file holds the schema of one, and which property is which attribute.\n\
         //!\n//! A test writes this list: `UPDATE_EXPECT=1 cargo test -p mapping`.\n\nuse crate::Mapping;\n\n",
    );
    names.iter().for_each(|name| writeln!(list, "pub mod {name};").unwrap());
    list.push_str("\n/// Every one of them, by component.\n");
    list.push_str("pub static ALL: &[&[&Mapping]] = &[\n");
    names.iter().for_each(|name| writeln!(list, "    {name}::MAPPINGS,").unwrap());
    list.push_str("];\n");
    expect_test::expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST)].assert_eq(&list);
}

fn all() -> impl Iterator<Item = &'static Mapping> {
    resources::ALL.iter().copied().flatten().copied()
}

#[test]
fn every_table_is_whole() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for mapping in all() {
        let resource_type = mapping.resource_type;
        let mut say = |what: String| wrong.push(format!("{}: {what}", resource_type.name));
        if !seen.insert(resource_type.endpoint) || !seen.insert(resource_type.name) {
            say("its name or endpoint is taken".to_owned());
        }
        if !mapping.component.starts_with("scim-") || mapping.reading.is_empty() {
            say("it names no component, or no permission to read".to_owned());
        }
        let urn = format!("urn:ietf:params:scim:schemas:extension:entra:2.0:{}", resource_type.name);
        if resource_type.schema.id != urn {
            say(format!("its schema is not {urn}"));
        }
        let has =
            |name: &str| mapping.rows.iter().any(|row| row.attribute == name) || mapping.link(None, name).is_some();
        let attributes: &[Attribute] = resource_type.schema.attributes;
        for attribute in attributes.iter().filter(|attribute| attribute.mutability != Mutability::WriteOnly) {
            if !has(attribute.name) {
                say(format!("no row is behind {}", attribute.name));
            }
            if attribute.description.is_empty() {
                say(format!("{} is not described", attribute.name));
            }
        }
        let rows = mapping.rows.iter().map(|row| row.attribute);
        for name in rows.chain(mapping.links.iter().map(|link| link.attribute)) {
            if resource_type.schema.attribute(name).is_none() {
                say(format!("the schema has no {name}"));
            }
        }
        if mapping.refused.len() < 3 && mapping.writing.is_empty() {
            say("it names no permission to write".to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
