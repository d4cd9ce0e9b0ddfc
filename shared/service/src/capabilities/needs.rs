//! What each function and job needs of Graph.
//!
//! Source: the permission sections of the operations, <https://learn.microsoft.com/graph/permissions-reference>.

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
