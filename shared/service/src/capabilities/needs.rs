//! What each function and job needs of Graph.
//!
//! Source: the permission sections of the operations, <https://learn.microsoft.com/graph/permissions-reference>.

use mapping::Mapping;

/// A function or a job.
pub(super) struct Function {
    /// Its component.
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
}

/// Something that a permission allows.
pub(super) struct Need {
    /// The least permission.
    pub(super) permission: &'static str,
    /// The others that allow it too.
    pub(super) or: &'static [&'static str],
    /// What it is for.
    pub(super) purpose: &'static str,
    /// Whether nothing works without it.
    pub(super) is_essential: bool,
    /// The probe that proves it, by name.
    pub(super) probe: Option<&'static str>,
    /// Graph's code when a licence is missing, and what to say then.
    pub(super) licence: Option<(&'static str, &'static str)>,
}

impl Need {
    const fn new(permission: &'static str, or: &'static [&'static str], purpose: &'static str) -> Self {
        Self { permission, or, purpose, is_essential: false, probe: None, licence: None }
    }

    const fn essential(mut self) -> Self {
        self.is_essential = true;
        self
    }

    const fn probe(mut self, probe: &'static str) -> Self {
        self.probe = Some(probe);
        self
    }

    const fn licence(mut self, code: &'static str, note: &'static str) -> Self {
        self.licence = Some((code, note));
        self
    }
}

pub(super) const ORGANIZATION: &str = "organization";

/// A read that proves something: a name, the path, and the query.
type Probe = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

pub(super) const PROBES: &[Probe] = &[
    (ORGANIZATION, "/organization", &[("$select", "id,displayName")]),
    ("users", "/users", &[("$select", "id,department"), ("$top", "1")]),
    ("delta", "/users/delta", &[("$select", "id"), ("$deltatoken", "latest")]),
    ("sign-ins", "/users", &[("$select", "id,signInActivity"), ("$top", "1")]),
    ("leaving", "/users", &[("$select", "id,employeeLeaveDateTime"), ("$top", "1")]),
    ("groups", "/groups", &[("$select", "id,displayName"), ("$expand", "members($select=id)"), ("$top", "1")]),
];

const READ_USERS: &[&str] = &["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const READ_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const GROUPS: &[Need] = &[
    Need::new("Group.Read.All", READ_GROUPS, "reading groups and their members").essential().probe("groups"),
    Need::new(
        "Group.ReadWrite.All",
        &["Directory.ReadWrite.All"],
        "creating, changing and deleting groups, and their members and owners",
    ),
];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "scim-users",
        needs: &[
            Need::new("User.Read.All", READ_USERS, "reading users").essential().probe("users"),
            Need::new(
                "User.ReadWrite.All",
                &["Directory.ReadWrite.All"],
                "creating and changing users, and their managers",
            ),
            Need::new("User.ReadWrite.All", &["User.DeleteRestore.All"], "deleting users"),
            Need::new("AuditLog.Read.All", &[], "the attribute signInActivity").probe("sign-ins").licence(
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "signInActivity needs a Microsoft Entra ID P1 or P2 licence",
            ),
            Need::new(
                "User-LifeCycleInfo.Read.All",
                &["User-LifeCycleInfo.ReadWrite.All"],
                "the attribute employeeLeaveDateTime",
            )
            .probe("leaving"),
        ],
    },
    Function { name: "scim-groups", needs: GROUPS },
    Function {
        name: "inventory-users",
        needs: &[Need::new("User.Read.All", READ_USERS, "reading users by delta").essential().probe("delta")],
    },
];

/// The permissions that allow more than another.
///
/// Source: <https://learn.microsoft.com/graph/permissions-reference>, as the operations of the tables name them.
const HIGHER: &[(&str, &[&str])] = &[
    ("AdministrativeUnit.Read.All", &["AdministrativeUnit.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY]),
    (
        "Application.Read.All",
        &["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY],
    ),
    ("Application.ReadWrite.OwnedBy", &["Application.ReadWrite.All"]),
    ("Domain.Read.All", &["Domain.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY]),
    ("Group.Read.All", READ_GROUPS),
    ("GroupMember.Read.All", &["Group.Read.All", "Group.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY]),
    (
        "LicenseAssignment.Read.All",
        &["Organization.Read.All", "Organization.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY],
    ),
    ("LicenseAssignment.ReadWrite.All", &["User.ReadWrite.All", "Group.ReadWrite.All", WRITE_DIRECTORY]),
    ("OrgContact.Read.All", &[READ_DIRECTORY, WRITE_DIRECTORY]),
    ("Organization.Read.All", &["Organization.ReadWrite.All", READ_DIRECTORY, WRITE_DIRECTORY]),
    ("RoleAssignmentSchedule.Read.Directory", ROLES),
    ("RoleEligibilitySchedule.Read.Directory", ROLES),
    ("RoleManagement.Read.Directory", &["RoleManagement.ReadWrite.Directory", READ_DIRECTORY, WRITE_DIRECTORY]),
    ("User.DeleteRestore.All", &["User.ReadWrite.All"]),
    ("User.Read.All", READ_USERS),
];

const READ_DIRECTORY: &str = "Directory.Read.All";
const WRITE_DIRECTORY: &str = "Directory.ReadWrite.All";
const ROLES: &[&str] =
    &["RoleManagement.Read.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory"];

/// Whether what was granted allows what a permission allows.
pub(super) fn suffices(granted: &[String], permission: &str) -> bool {
    let higher = HIGHER.iter().find(|(known, _)| *known == permission).map(|(_, higher)| *higher).unwrap_or_default();
    granted.iter().any(|one| one == permission || higher.contains(&one.as_str()))
}

/// The permissions to change what a table describes, and to read what it shows on request.
pub(super) fn of_writing(mapping: &'static Mapping) -> impl Iterator<Item = &'static str> {
    let rows = mapping.rows.iter().filter_map(|row| Some(row.property.keyed?.permission));
    let links = mapping.links.iter().flat_map(|link| {
        let written = link.written.map(|(_, permission)| permission);
        [Some(link.reading), written, link.keyed.map(|keyed| keyed.permission)].into_iter().flatten()
    });
    let all = [mapping.writing, mapping.creating].into_iter().chain(rows).chain(links);
    all.filter(|permission| !permission.is_empty())
}
