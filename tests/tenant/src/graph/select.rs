//! `$select`: which columns an object is written with.

use std::collections::BTreeMap;

use crate::contract::{CONTRACT, NAMESPACE, ObjectType, Property};
use crate::directory::Directory;
use crate::directory::item::Item;
use crate::extensions::Extensions;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::expand::Expansion;
use crate::graph::filter::extension_name;
use crate::graph::query::Query;
use crate::graph::security_attributes;
use crate::login::tokens::Grant;

/// What is written of each object, by its type.
pub(crate) struct Selection {
    columns: BTreeMap<ObjectType, Vec<Column>>,
    /// The names as they were selected; empty without `$select`.
    pub(crate) names: Vec<String>,
    /// The relationships that `$select` names, which only delta answers.
    pub(crate) tracked: Vec<String>,
    pub(crate) expansion: Option<Expansion>,
    /// Whether each object tells its type, as where there can be several.
    typed: bool,
}

/// One column, with its key already in JSON.
pub(crate) struct Column {
    pub(crate) key: Vec<u8>,
    pub(crate) source: Source,
    /// Whether the token may not see the value, which is null then.
    is_hidden: bool,
}

/// Where the value of a column is from.
pub(crate) enum Source {
    Declared(&'static Property),
    Extension(String),
}

/// Properties that only these permissions show. Source: Graph's page of the user resource.
const PROTECTED: [(&str, &[&str]); 2] = [
    ("employeeLeaveDateTime", &["User-LifeCycleInfo.Read.All", "User-LifeCycleInfo.ReadWrite.All"]),
    ("signInActivity", &["AuditLog.Read.All"]),
];
/// What only a tenant with a premium licence shows. Source: the same page.
const PREMIUM: &str = "signInActivity";
/// All that `User.ReadBasic.All` alone shows.
const BASIC: [&str; 7] =
    ["displayName", "givenName", "id", "mail", "securityIdentifier", "surname", "userPrincipalName"];

impl Selection {
    /// What a query selects and expands of objects of one type.
    pub(crate) fn read(object_type: ObjectType, query: &Query) -> Result<Self> {
        let mut selection = Self::of(object_type, query.select.as_deref())?;
        let expansion = query.expand.as_deref().map(|text| Expansion::read(object_type, text));
        selection.expansion = expansion.transpose()?;
        Ok(selection)
    }

    /// What a `$select` selects, or without it, the default.
    pub(crate) fn of(object_type: ObjectType, select: Option<&str>) -> Result<Self> {
        Self::of_types(&[object_type], select)
    }

    /// The same for objects of any type, each of which has those properties that its type has.
    pub(crate) fn of_any(select: Option<&str>) -> Result<Self> {
        Ok(Self { typed: true, ..Self::of_types(&ObjectType::ALL, select)? })
    }

    /// Lets each object tell its type.
    pub(crate) fn typed(self) -> Self {
        Self { typed: true, ..self }
    }

    fn of_types(types: &[ObjectType], select: Option<&str>) -> Result<Self> {
        let names = select.unwrap_or_default().split(',').map(|name| name.trim().to_owned());
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        let unknown = names.iter().find(|name| !types.iter().any(|one| is_known(*one, name)));
        if let Some(unknown) = unknown {
            return Err(not_found(types, unknown));
        }
        let tracked = |name: &&String| types.iter().any(|one| one.schema().navigation(name).is_some());
        let tracked: Vec<String> = names.iter().filter(tracked).cloned().collect();
        let columns = types.iter().map(|one| (*one, columns(*one, &names))).collect();
        Ok(Self { columns, names, tracked, expansion: None, typed: false })
    }

    /// The columns of a type.
    pub(crate) fn columns(&self, object_type: ObjectType) -> &[Column] {
        self.columns.get(&object_type).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether `$select` names this relationship.
    pub(crate) fn tracks(&self, relationship: &str) -> bool {
        self.tracked.iter().any(|known| known == relationship)
    }

    /// Refuses what the permissions of the token, or the licences of the tenant, do not show.
    pub(super) fn permit(&self, call: &Call<'_>) -> Result<()> {
        self.columns(ObjectType::User).iter().try_for_each(|column| permit(call, column.name()))
    }

    /// Refuses directory extension properties that are defined for none of the types.
    pub(super) fn require_extensions(&self, extensions: &Extensions) -> Result<()> {
        let types: Vec<ObjectType> = self.columns.keys().copied().collect();
        for column in self.columns.values().flatten() {
            let Source::Extension(name) = &column.source else { continue };
            if !types.iter().any(|one| extensions.find(name, *one).is_some()) {
                return Err(not_found(&types, name));
            }
        }
        self.expansion.as_ref().map_or(Ok(()), |expansion| expansion.selection.require_extensions(extensions))
    }

    /// Shows only the ids of objects that the permissions of the token do not let it read, and no custom security
    /// attributes without the permission for them. Source: "Limited information returned for inaccessible member
    /// objects", Graph's permissions overview, and its page "Manage custom security attribute assignments".
    pub(super) fn hide_unreadable(&mut self, grant: &Grant) {
        for (object_type, columns) in &mut self.columns {
            let readable = can_read(grant, *object_type);
            for column in columns {
                let shown = column.name() != security_attributes::PROPERTY || security_attributes::are_shown(grant);
                column.is_hidden = !shown || !readable && column.name() != "id";
            }
        }
        if let Some(expansion) = &mut self.expansion {
            expansion.selection.hide_unreadable(grant);
        }
    }

    /// Refuses properties that only a single object can be asked for.
    pub(crate) fn require_directory(&self) -> Result<()> {
        let outside =
            |column: &Column| matches!(column.source, Source::Declared(property) if property.is_outside_directory);
        if self.columns.values().flatten().any(outside) { Err(Error::not_implemented()) } else { Ok(()) }
    }

    /// Makes sure that the id is among the columns.
    pub(crate) fn with_id(mut self) -> Self {
        for (object_type, columns) in &mut self.columns {
            if !columns.iter().any(|column| column.name() == "id") {
                columns.extend(object_type.schema().property("id").map(Column::of));
            }
        }
        self
    }

    /// `users`, or `users(displayName,id,manager())`.
    pub(crate) fn context(&self, collection: &str) -> String {
        let mut names = self.names.clone();
        names.extend(self.expansion.as_ref().map(|expansion| format!("{}()", expansion.name())));
        if names.is_empty() { collection.to_owned() } else { format!("{collection}({})", names.join(",")) }
    }

    /// Writes an object: the columns, then what is expanded.
    pub(crate) fn write(&self, item: &Item<'_>, directory: &Directory, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(item, directory, out);
        out.push(b'}');
    }

    /// The same without the braces.
    pub(crate) fn write_members(&self, item: &Item<'_>, directory: &Directory, out: &mut Vec<u8>) {
        let start = out.len();
        if self.typed {
            out.extend_from_slice(format!("\"@odata.type\":\"#{NAMESPACE}{}\"", item.object_type.name()).as_bytes());
        }
        for column in self.columns(item.object_type) {
            if out.len() > start {
                out.push(b',');
            }
            if !column.write(item, out) && out.len() > start {
                out.pop();
            }
        }
        if let Some(expansion) = &self.expansion {
            expansion.write(item, directory, start, out);
        }
    }
}

impl Column {
    pub(crate) fn of(property: &'static Property) -> Self {
        Self { key: key(&property.name), source: Source::Declared(property), is_hidden: false }
    }

    pub(crate) fn name(&self) -> &str {
        match &self.source {
            Source::Declared(property) => &property.name,
            Source::Extension(name) => name,
        }
    }

    /// Writes `"key":value`; false, and nothing written, where there is no such member.
    pub(crate) fn write(&self, item: &Item<'_>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.extend_from_slice(&self.key);
        let written = match &self.source {
            Source::Extension(_) if self.is_hidden => false,
            Source::Declared(property) if self.is_hidden => {
                out.extend_from_slice(if property.collection { b"[]" } else { b"null" });
                true
            }
            Source::Declared(property) => {
                item.write(property, out);
                true
            }
            Source::Extension(name) => item.write_extension(name, out),
        };
        if !written {
            out.truncate(start);
        }
        written
    }
}

fn is_known(object_type: ObjectType, name: &str) -> bool {
    let schema = object_type.schema();
    name == "*" || schema.property(name).is_some() || schema.navigation(name).is_some() || extension_name(name)
}

fn columns(object_type: ObjectType, names: &[String]) -> Vec<Column> {
    let schema = object_type.schema();
    if names.is_empty() {
        return schema.properties().filter(|property| property.is_sent_by_default()).map(Column::of).collect();
    }
    let mut columns = Vec::new();
    for name in names {
        match schema.property(name) {
            Some(property) => columns.push(Column::of(property)),
            None if name == "*" => {
                columns.extend(schema.properties().filter(|property| !property.is_outside_directory).map(Column::of));
            }
            None if extension_name(name) => {
                columns.push(Column { key: key(name), source: Source::Extension(name.clone()), is_hidden: false });
            }
            None => {}
        }
    }
    columns
}

/// Refuses a property of users that the permissions of the token, or the licences of the tenant, do not show.
pub(super) fn permit(call: &Call<'_>, property: &str) -> Result<()> {
    if !permits(call.grant, property) {
        return Err(Error::denied());
    }
    if property == PREMIUM && !call.tenant.settings().premium { Err(Error::not_premium()) } else { Ok(()) }
}

/// Whether the permissions of a token show a property of users.
fn permits(grant: &Grant, property: &str) -> bool {
    if let Some((_, needed)) = PROTECTED.iter().find(|(name, _)| *name == property) {
        return grant.roles.iter().any(|role| needed.contains(&role.as_str()));
    }
    let basic = "User.ReadBasic.All";
    let reads_all = |role: &String| role != basic && reads(role, ObjectType::User);
    let only_basic = grant.roles.iter().any(|role| role == basic) && !grant.roles.iter().any(reads_all);
    !only_basic || BASIC.contains(&property)
}

/// Whether the permissions of a token let it read objects of a type.
fn can_read(grant: &Grant, object_type: ObjectType) -> bool {
    grant.roles.iter().any(|role| reads(role, object_type))
}

/// Whether a permission is enough to get an object of a type by its id.
fn reads(role: &str, object_type: ObjectType) -> bool {
    let operation = CONTRACT.operation("GET", &format!("/{}/{{id}}", object_type.collection()));
    operation.is_some_and(|operation| operation.permissions.iter().any(|known| known == role))
}

fn key(name: &str) -> Vec<u8> {
    format!("\"{name}\":").into_bytes()
}

fn not_found(types: &[ObjectType], name: &str) -> Error {
    let type_name = match types {
        [one] => one.name(),
        _ => "directoryObject",
    };
    Error::syntax(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{NAMESPACE}{type_name}'."
    ))
}
