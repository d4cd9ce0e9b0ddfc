//! What Graph says of groups: which there can be, what of them can change, and who can be in them.

use serde_json::{Value, json};

use crate::contract::ObjectType;
use crate::directory::item::Item;
use crate::directory::relations::Relation;
use crate::directory::{Directory, Object};
use crate::graph::error::{Error, Result};

/// What kind of group it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// A Microsoft 365 group.
    pub(crate) is_unified: bool,
    /// A rule says who is a member.
    pub(crate) is_dynamic: bool,
    pub(crate) is_mail_enabled: bool,
    pub(crate) is_security_enabled: bool,
    /// Synchronised from on-premises.
    pub(crate) is_synchronised: bool,
    /// Roles can be assigned to it.
    pub(crate) is_for_roles: bool,
}

/// What directory synchronisation is the master of.
const ON_PREMISES_MASTERED: [&str; 6] =
    ["description", "displayName", "groupTypes", "mailEnabled", "mailNickname", "securityEnabled"];

impl Traits {
    /// The traits of a group.
    pub(crate) fn of(group: &Item<'_>) -> Self {
        Self::default().with(|name| Some(group.value(name)))
    }

    /// The traits after these changes.
    pub(crate) fn merged(self, changes: &Object) -> Self {
        self.with(|name| changes.get(name).cloned())
    }

    fn with(self, value_of: impl Fn(&str) -> Option<Value>) -> Self {
        let is_true = |name: &str, before: bool| value_of(name).map_or(before, |value| value == json!(true));
        let types = value_of("groupTypes");
        let has_type = |name: &str, before: bool| {
            types.as_ref().map_or(before, |types| types.as_array().is_some_and(|types| types.contains(&json!(name))))
        };
        Self {
            is_unified: has_type("Unified", self.is_unified),
            is_dynamic: has_type("DynamicMembership", self.is_dynamic),
            is_mail_enabled: is_true("mailEnabled", self.is_mail_enabled),
            is_security_enabled: is_true("securityEnabled", self.is_security_enabled),
            is_synchronised: is_true("onPremisesSyncEnabled", self.is_synchronised),
            is_for_roles: is_true("isAssignableToRole", self.is_for_roles),
        }
    }
}

/// The traits of the group in a row.
pub(crate) fn of(directory: &Directory, row: u32) -> Traits {
    directory.item(row).map(|item| Traits::of(&item)).unwrap_or_default()
}

/// Refuses a group that cannot be. Source: Graph's page "Create group", its tables of the kinds of groups.
pub(super) fn check_create(traits: Traits, group: &Object) -> Result<()> {
    check_kind(traits)?;
    check_rule(traits, group.contains_key("membershipRule"), group)?;
    let visibility = group.get("visibility").and_then(Value::as_str);
    if visibility == Some("HiddenMembership") && !traits.is_unified {
        return Err(Error::value(ObjectType::Group, "visibility"));
    }
    if traits.is_for_roles {
        let fits = traits.is_security_enabled && !traits.is_dynamic && visibility.is_none_or(|name| name == "Private");
        if !fits {
            return Err(Error::value(ObjectType::Group, "isAssignableToRole"));
        }
    }
    Ok(())
}

/// Refuses changes that cannot be. Source: Graph's page "Update group".
pub(super) fn check_update(before: Traits, changes: &Object) -> Result<()> {
    if before.is_synchronised && changes.keys().any(|name| ON_PREMISES_MASTERED.contains(&name.as_str())) {
        return Err(Error::mastered());
    }
    let after = before.merged(changes);
    let unchangeable = [
        ("isAssignableToRole", after.is_for_roles != before.is_for_roles),
        ("mailEnabled", after.is_mail_enabled != before.is_mail_enabled),
        ("groupTypes", after.is_unified != before.is_unified),
        ("visibility", changes.get("visibility") == Some(&json!("HiddenMembership"))),
    ];
    if let Some((name, _)) = unchangeable.into_iter().find(|(_, refused)| *refused) {
        return Err(Error::value(ObjectType::Group, name));
    }
    if after.is_for_roles && (after.is_dynamic || changes.get("visibility").is_some_and(|text| text != "Private")) {
        return Err(Error::value(ObjectType::Group, "isAssignableToRole"));
    }
    check_kind(after)?;
    check_rule(after, before.is_dynamic || changes.contains_key("membershipRule"), changes)
}

/// Security groups and Microsoft 365 groups; all others are made in Exchange.
fn check_kind(traits: Traits) -> Result<()> {
    if traits.is_unified {
        return if traits.is_mail_enabled { Ok(()) } else { Err(Error::value(ObjectType::Group, "mailEnabled")) };
    }
    if traits.is_mail_enabled || !traits.is_security_enabled { Err(exchange_made()) } else { Ok(()) }
}

/// A dynamic group has a rule, and no other has one.
fn check_rule(traits: Traits, has_rule: bool, changes: &Object) -> Result<()> {
    let sets = |name: &str| changes.get(name).is_some_and(|value| !value.is_null());
    let clears = changes.get("membershipRule").is_some_and(Value::is_null);
    if traits.is_dynamic && (!has_rule || clears) {
        return Err(Error::missing(ObjectType::Group, "membershipRule"));
    }
    let set = ["membershipRule", "membershipRuleProcessingState"].into_iter().find(|name| sets(name));
    match set.filter(|_| !traits.is_dynamic) {
        Some(name) => Err(Error::value(ObjectType::Group, name)),
        None => Ok(()),
    }
}

/// The types of objects that a relation can be to.
pub(crate) fn types_of(relation: Relation) -> &'static [ObjectType] {
    match relation {
        Relation::Members => {
            &[ObjectType::User, ObjectType::Group, ObjectType::ServicePrincipal, ObjectType::OrgContact]
        }
        Relation::Owners => &[ObjectType::User, ObjectType::ServicePrincipal],
    }
}

/// Refuses members, and owners, that a group cannot have. Source: "Supported members", Graph's page "Add members".
pub(crate) fn check_links(directory: &Directory, group: Traits, relation: Relation, rows: &[u32]) -> Result<()> {
    check_manual(group, relation)?;
    if relation == Relation::Owners {
        return Ok(());
    }
    for member in rows.iter().filter_map(|row| directory.item(*row)) {
        let fits = match member.object_type {
            ObjectType::User => true,
            ObjectType::Group => !group.is_unified && !group.is_for_roles && !Traits::of(&member).is_unified,
            ObjectType::ServicePrincipal | ObjectType::OrgContact => !group.is_unified,
            _ => false,
        };
        if !fits {
            return Err(Error::request(format!(
                "The object '{}' of type '{}' cannot be a member of this kind of group.",
                member.id(),
                member.object_type.resource()
            )));
        }
    }
    Ok(())
}

/// Refuses to change by hand who is in a group whose members a rule, or another directory, decides.
pub(crate) fn check_manual(group: Traits, relation: Relation) -> Result<()> {
    match relation {
        Relation::Members if group.is_dynamic => Err(Error::denied()),
        Relation::Members if group.is_synchronised => Err(Error::mastered()),
        _ => Ok(()),
    }
}

/// 400 for a write to a group that only Exchange writes to.
pub(crate) fn exchange_only() -> Error {
    Error::request("Cannot Update a mail-enabled security groups and or distribution list.")
}

/// 400 for a group that only Exchange makes.
fn exchange_made() -> Error {
    Error::request(
        "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
    )
}
