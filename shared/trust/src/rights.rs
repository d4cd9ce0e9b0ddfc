//! What a caller may do: roles, and what narrows them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

/// The resource name under which the inventory is asked for.
pub const INVENTORY: &str = "Inventory";

/// An app role, as the application's manifest and the configuration spell it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// `Scim.Read`: read users, groups and the rest of SCIM.
    ScimRead,
    /// `Scim.Write`: also make, change and delete them.
    ScimWrite,
    /// `Inventory.Read`: read what the inventory's jobs did.
    InventoryRead,
    /// `Inventory.Run`: start them.
    InventoryRun,
    /// `Admin`: all of this, and the audit.
    Admin,
}

/// Each role with its name.
pub const ROLES: [(Role, &str); 5] = [
    (Role::ScimRead, "Scim.Read"),
    (Role::ScimWrite, "Scim.Write"),
    (Role::InventoryRead, "Inventory.Read"),
    (Role::InventoryRun, "Inventory.Run"),
    (Role::Admin, "Admin"),
];

impl Role {
    /// The role of this name; names are case-sensitive, as in tokens.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROLES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ROLES.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Operation {
    /// Read a resource, list or search; of [`INVENTORY`], look at the jobs.
    Read,
    /// Make a resource.
    Create,
    /// Change a resource.
    Update,
    /// Delete a resource.
    Delete,
    /// Start a job.
    Run,
    /// Read the audit or the capabilities.
    Audit,
}

/// The operations that a configuration can name.
pub const OPERATIONS: [(Operation, &str); 4] = [
    (Operation::Read, "read"),
    (Operation::Create, "create"),
    (Operation::Update, "update"),
    (Operation::Delete, "delete"),
];

impl Operation {
    /// The operation that a configuration calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        OPERATIONS.iter().find(|(_, known)| *known == name).map(|(operation, _)| *operation)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Audit => "audit",
            _ => OPERATIONS.iter().find(|(operation, _)| *operation == self).map_or("", |(_, name)| name),
        }
    }

    /// The roles of which one is needed, the least one first.
    fn needs(self, resource: &str) -> &'static [Role] {
        match self {
            Self::Audit => &[Role::Admin],
            Self::Run => &[Role::InventoryRun, Role::Admin],
            Self::Read if resource.eq_ignore_ascii_case(INVENTORY) => &[Role::InventoryRead, Role::Admin],
            Self::Read => &[Role::ScimRead, Role::ScimWrite, Role::Admin],
            Self::Create | Self::Update | Self::Delete => &[Role::ScimWrite, Role::Admin],
        }
    }
}

/// Which attributes of a resource may be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttributeRule {
    /// These, and what is within them.
    Only(BTreeSet<Path>),
    /// All but these, and what is within them.
    Except(BTreeSet<Path>),
}

/// An attribute's path in the one spelling that is compared: lower case, no filter, no URN of the core schemas.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Path(String);

/// What a caller may do. One that was made of nothing may do nothing.
///
/// ```
/// use trust::{Operation, Rights, Role};
///
/// let rights = Rights::of(&[Role::ScimRead]);
/// assert!(rights.may("Users", Operation::Read).is_ok());
/// let forbidden = rights.may("Users", Operation::Delete).unwrap_err();
/// assert!(forbidden.detail.contains("Scim.Write"));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rights {
    roles: BTreeSet<Role>,
    /// Lower case; `None` for all.
    resources: Option<BTreeSet<String>>,
    operations: Option<BTreeSet<Operation>>,
    /// By resource in lower case.
    attributes: BTreeMap<String, AttributeRule>,
    deletions_per_hour: Option<u32>,
}

/// What a caller may not do, and how to get to do it: the detail of a 403.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{detail}")]
pub struct Forbidden {
    /// A sentence for the caller.
    pub detail: String,
}

impl From<Forbidden> for scim::Error {
    fn from(forbidden: Forbidden) -> Self {
        Self::forbidden(forbidden.detail)
    }
}

impl Rights {
    /// All that these roles allow.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self { roles: roles.iter().copied().collect(), ..Self::default() }
    }

    /// The same bounds with other roles.
    pub(crate) fn with_roles(&self, roles: impl IntoIterator<Item = Role>) -> Self {
        Self { roles: roles.into_iter().collect(), ..self.clone() }
    }

    pub(crate) fn on_resources(mut self, resources: impl IntoIterator<Item = String>) -> Self {
        self.resources = Some(resources.into_iter().map(|resource| resource.to_ascii_lowercase()).collect());
        self
    }

    pub(crate) fn with_operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.operations = Some(operations.into_iter().collect());
        self
    }

    pub(crate) fn with_attributes(mut self, resource: &str, rule: AttributeRule) -> Self {
        self.attributes.insert(resource.to_ascii_lowercase(), rule);
        self
    }

    pub(crate) const fn with_deletions(mut self, an_hour: u32) -> Self {
        self.deletions_per_hour = Some(an_hour);
        self
    }

    /// The roles, in the order of [`ROLES`].
    pub fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.roles.iter().copied()
    }

    /// Whether an operation on a resource type (`Users`, `Groups`, [`INVENTORY`]) is allowed.
    ///
    /// # Errors
    ///
    /// [`Forbidden`], which names the role or the setting that is missing.
    pub fn may(&self, resource: &str, operation: Operation) -> Result<(), Forbidden> {
        let needed = operation.needs(resource);
        let (what, shown) = (operation.name(), shown(resource));
        if !needed.iter().any(|role| self.roles.contains(role)) {
            let role = needed.first().map_or("", |role| role.name());
            return Err(Forbidden::new(format!(
                "the caller may not {what} {shown}: that takes the role {role}; let an administrator grant it, as an \
                 app role or in the rights of this caller"
            )));
        }
        // What narrows concerns SCIM: the inventory and the audit have roles of their own.
        if matches!(operation, Operation::Run | Operation::Audit) || resource.eq_ignore_ascii_case(INVENTORY) {
            return Ok(());
        }
        let resource = resource.to_ascii_lowercase();
        if self.resources.as_ref().is_some_and(|allowed| !allowed.contains(&resource)) {
            return Err(Forbidden::new(format!(
                "the caller may not {what} {shown}: its rights name other resources; let an administrator add it to \
                 \"resources\""
            )));
        }
        if self.operations.as_ref().is_some_and(|allowed| !allowed.contains(&operation)) {
            return Err(Forbidden::new(format!(
                "the caller may not {what} {shown}: its rights name other operations; let an administrator add it to \
                 \"operations\""
            )));
        }
        Ok(())
    }

    /// Whether an attribute of a resource may be written; `attribute` is a SCIM path such as `active`,
    /// `name.familyName`, `emails[type eq "work"].value`, or one with the URN of an extension before it.
    ///
    /// To write a complex attribute as a whole takes the right to all of it.
    ///
    /// # Errors
    ///
    /// [`Forbidden`], which names the attribute.
    pub fn may_write(&self, resource: &str, attribute: &str) -> Result<(), Forbidden> {
        let Some(rule) = self.attributes.get(&resource.to_ascii_lowercase()) else { return Ok(()) };
        let path = Path::new(attribute);
        // What every resource carries and nobody can change.
        if ["schemas", "id", "meta"].iter().any(|common| path.is_within(&Path((*common).to_owned()))) {
            return Ok(());
        }
        let is_allowed = match rule {
            AttributeRule::Only(paths) => paths.iter().any(|allowed| path.is_within(allowed)),
            AttributeRule::Except(paths) => {
                !paths.iter().any(|barred| path.is_within(barred) || barred.is_within(&path))
            }
        };
        if is_allowed {
            return Ok(());
        }
        Err(Forbidden::new(format!(
            "the caller may not write {} of {}: let an administrator change \"attributes\" in its rights, or leave it out",
            shown(attribute),
            shown(resource)
        )))
    }

    /// Whether something may be written that has several names, of which `names` begins with the one that was used: it is
    /// barred when any of them is, and allowed when one of those that are allowed is among them.
    ///
    /// # Errors
    ///
    /// [`Forbidden`], which names the attribute.
    pub fn may_write_one_of<'n>(
        &self,
        resource: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<(), Forbidden> {
        let is_barred = matches!(self.attributes.get(&resource.to_ascii_lowercase()), Some(AttributeRule::Except(_)));
        let mut refused = None;
        for name in names {
            match self.may_write(resource, name) {
                Ok(()) if is_barred => {}
                Ok(()) => return Ok(()),
                Err(forbidden) if is_barred => return Err(forbidden),
                Err(forbidden) => {
                    refused.get_or_insert(forbidden);
                }
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// How many resources may be deleted in an hour; `None` for any number.
    #[must_use]
    pub const fn deletions_per_hour(&self) -> Option<u32> {
        self.deletions_per_hour
    }
}

impl Forbidden {
    /// With a sentence that says what is not allowed, and how to get it.
    pub fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into() }
    }
}

/// The longest text of a caller that an error repeats, in characters.
const SHOWN: usize = 120;

/// A text of a caller in an error: bounded, and on one line.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(SHOWN).collect()
}

impl Path {
    /// The path of `attribute`.
    #[must_use]
    pub fn new(attribute: &str) -> Self {
        let mut path = String::with_capacity(attribute.len());
        let (mut depth, mut in_text, mut is_escaped) = (0_u32, false, false);
        for character in attribute.chars() {
            if in_text {
                in_text = is_escaped || character != '"';
                is_escaped = !is_escaped && character == '\\';
                continue;
            }
            match character {
                '"' if depth > 0 => in_text = true,
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                // No name of an attribute has a blank.
                _ if depth > 0 || character.is_whitespace() => {}
                _ => path.extend(character.to_lowercase()),
            }
        }
        for core in ["urn:ietf:params:scim:schemas:core:2.0:user", "urn:ietf:params:scim:schemas:core:2.0:group"] {
            if let Some(rest) = path.strip_prefix(core)
                && (rest.is_empty() || rest.starts_with(':'))
            {
                path = rest.trim_start_matches(':').to_owned();
            }
        }
        Self(path)
    }

    /// Whether this is `other`, or a part of it.
    fn is_within(&self, other: &Self) -> bool {
        // All of a resource is nothing's part, and what is not named covers nothing.
        !other.0.is_empty()
            && self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
    }

    /// Whether it names nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
