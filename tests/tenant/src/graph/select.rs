//! `$select` and `$expand=manager`: which columns a user is written with.

use crate::contract::{CONTRACT, Property};
use crate::directory::Directory;
use crate::directory::user::User;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::filter::extension_name;
use crate::graph::query::Query;
use crate::login::tokens::Grant;

/// What is written of each user.
pub(crate) struct Selection {
    pub(crate) columns: Vec<Column>,
    /// The names as they were selected; empty without `$select`.
    pub(crate) names: Vec<String>,
    pub(crate) manager: Option<Manager>,
    /// Whether `$select` names the relationship `manager`, which only delta answers.
    pub(crate) tracks_manager: bool,
}

/// The expanded manager.
pub(crate) struct Manager {
    columns: Vec<Column>,
    levels: usize,
}

/// One column, with its key already in JSON.
pub(crate) struct Column {
    pub(crate) key: Vec<u8>,
    pub(crate) source: Source,
}

/// Where the value of a column is from.
pub(crate) enum Source {
    Declared(&'static Property),
    Extension(String),
}

/// How deep a chain of managers may be asked for.
const MAX_LEVELS: usize = 1_000;
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
    /// What a query selects and expands.
    pub(crate) fn read(query: &Query) -> Result<Self> {
        let mut selection = Self::of(query.select.as_deref())?;
        selection.manager = query.expand.as_deref().map(Manager::read).transpose()?;
        Ok(selection)
    }

    /// What a `$select` selects, or without it, the default.
    pub(crate) fn of(select: Option<&str>) -> Result<Self> {
        let names: Vec<String> = select
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        let mut selection = Self { columns: Vec::new(), names, manager: None, tracks_manager: false };
        if selection.names.is_empty() {
            selection.columns =
                CONTRACT.properties().filter(|property| property.is_sent_by_default()).map(Column::of).collect();
            return Ok(selection);
        }
        for name in &selection.names {
            match name.as_str() {
                "*" => {
                    let inside = CONTRACT.properties().filter(|property| !property.is_outside_directory());
                    selection.columns.extend(inside.map(Column::of));
                }
                "manager" => selection.tracks_manager = true,
                name => selection.columns.push(Column::named(name)?),
            }
        }
        Ok(selection)
    }

    /// Refuses what the permissions of the token, or the licences of the tenant, do not show.
    pub(super) fn permit(&self, call: &Call<'_>) -> Result<()> {
        self.columns.iter().try_for_each(|column| permit(call, column.name()))
    }

    /// Refuses properties that only a single user can be asked for.
    pub(crate) fn require_directory(&self) -> Result<()> {
        let outside =
            |column: &Column| matches!(column.source, Source::Declared(property) if property.is_outside_directory());
        if self.columns.iter().any(outside) { Err(Error::not_implemented()) } else { Ok(()) }
    }

    /// Makes sure that the id is among the columns.
    pub(crate) fn with_id(mut self) -> Self {
        if !self.columns.iter().any(|column| column.name() == "id") {
            self.columns.extend(CONTRACT.property("id").map(Column::of));
        }
        self
    }

    /// `users`, or `users(displayName,id,manager())`.
    pub(crate) fn context(&self, collection: &str) -> String {
        let mut names = self.names.clone();
        names.extend(self.manager.as_ref().map(|_| "manager()".to_owned()));
        if names.is_empty() { collection.to_owned() } else { format!("{collection}({})", names.join(",")) }
    }

    /// Writes a user: the columns, then the manager where it is expanded and there is one.
    pub(crate) fn write(&self, user: &User<'_>, directory: &Directory, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(user, directory, out);
        out.push(b'}');
    }

    /// The same without the braces.
    pub(crate) fn write_members(&self, user: &User<'_>, directory: &Directory, out: &mut Vec<u8>) {
        let start = out.len();
        write_columns(&self.columns, user, out);
        if let Some(manager) = &self.manager {
            manager.write(user.row, directory, start, 1, out);
        }
    }
}

impl Manager {
    fn read(expand: &str) -> Result<Self> {
        let (name, options) = match expand.trim().split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(|| not_readable(expand))?),
            None => (expand.trim(), ""),
        };
        if name != "manager" {
            let text = if CONTRACT.property(name).is_some() {
                format!("Expand is not allowed for property '{name}' according to the entity schema.")
            } else {
                format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.user'."
                )
            };
            return Err(Error::new(400, "ExpandNotSupported", text));
        }
        let mut manager = Self { columns: Selection::of(None)?.columns, levels: 1 };
        for option in options.split(';').filter(|option| !option.trim().is_empty()) {
            match option.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some(("$select", names)) => manager.columns = Selection::of(Some(names))?.columns,
                Some(("$levels", "max")) => manager.levels = MAX_LEVELS,
                Some(("$levels", levels)) => {
                    let levels = levels.parse().ok().filter(|levels| (1..=MAX_LEVELS).contains(levels));
                    manager.levels = levels.ok_or_else(|| not_readable(option))?;
                }
                _ => return Err(not_readable(option)),
            }
        }
        Ok(manager)
    }

    /// Whether it asks for more than the direct manager.
    pub(crate) fn is_chain(&self) -> bool {
        self.levels > 1
    }

    fn write(&self, row: u32, directory: &Directory, start: usize, level: usize, out: &mut Vec<u8>) {
        let Some(row) = directory.manager(row).filter(|_| level <= self.levels) else { return };
        let Some(user) = directory.user(row) else { return };
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(br##""manager":{"@odata.type":"#microsoft.graph.user","##);
        let inside = out.len();
        write_columns(&self.columns, &user, out);
        self.write(row, directory, inside, level + 1, out);
        out.push(b'}');
    }
}

impl Column {
    pub(crate) fn of(property: &'static Property) -> Self {
        Self { key: key(&property.name), source: Source::Declared(property) }
    }

    pub(crate) fn name(&self) -> &str {
        match &self.source {
            Source::Declared(property) => &property.name,
            Source::Extension(name) => name,
        }
    }

    /// Writes `"key":value`; false, and nothing written, where there is no such member.
    pub(crate) fn write(&self, user: &User<'_>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.extend_from_slice(&self.key);
        let written = match &self.source {
            Source::Declared(property) => {
                user.write(property, out);
                true
            }
            Source::Extension(name) => user.write_extension(name, out),
        };
        if !written {
            out.truncate(start);
        }
        written
    }

    fn named(name: &str) -> Result<Self> {
        if let Some(property) = CONTRACT.property(name) {
            return Ok(Self::of(property));
        }
        if extension_name(name) {
            return Ok(Self { key: key(name), source: Source::Extension(name.to_owned()) });
        }
        Err(Error::syntax(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.user'."
        )))
    }
}

fn write_columns(columns: &[Column], user: &User<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    for column in columns {
        if out.len() > start {
            out.push(b',');
        }
        if !column.write(user, out) && out.len() > start {
            out.pop();
        }
    }
}

/// Refuses a property that the permissions of the token, or the licences of the tenant, do not show.
pub(super) fn permit(call: &Call<'_>, property: &str) -> Result<()> {
    if !permits(call.grant, property) {
        return Err(Error::denied());
    }
    if property == PREMIUM && !call.tenant.settings().premium { Err(Error::not_premium()) } else { Ok(()) }
}

/// Whether the permissions of a token show a property.
fn permits(grant: &Grant, property: &str) -> bool {
    if let Some((_, needed)) = PROTECTED.iter().find(|(name, _)| *name == property) {
        return grant.roles.iter().any(|role| needed.contains(&role.as_str()));
    }
    let only_basic =
        grant.roles.iter().any(|role| role == "User.ReadBasic.All") && !grant.roles.iter().any(|role| is_full(role));
    !only_basic || BASIC.contains(&property)
}

fn is_full(role: &str) -> bool {
    role != "User.ReadBasic.All"
        && CONTRACT.operations.iter().any(|operation| {
            operation.path == "/users/{id}"
                && operation.method == "GET"
                && operation.permissions.iter().any(|known| known == role)
        })
}

fn key(name: &str) -> Vec<u8> {
    format!("\"{name}\":").into_bytes()
}

fn not_readable(text: &str) -> Error {
    Error::syntax(format!("Parsing OData Select and Expand failed: Syntax error in '{text}'."))
}
