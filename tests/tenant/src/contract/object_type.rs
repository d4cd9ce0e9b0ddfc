//! The types of objects that the directory holds.

use crate::contract::{CONTRACT, NAMESPACE, Schema};

/// The type of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectType {
    User,
    Group,
    ServicePrincipal,
    OrgContact,
    Application,
    DirectoryRole,
    AdministrativeUnit,
}

impl ObjectType {
    /// All of them: what a `directoryObject` can be.
    pub(crate) const ALL: [Self; 7] = [
        Self::User,
        Self::Group,
        Self::ServicePrincipal,
        Self::OrgContact,
        Self::Application,
        Self::DirectoryRole,
        Self::AdministrativeUnit,
    ];

    /// The name without its namespace.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::ServicePrincipal => "servicePrincipal",
            Self::OrgContact => "orgContact",
            Self::Application => "application",
            Self::DirectoryRole => "directoryRole",
            Self::AdministrativeUnit => "administrativeUnit",
        }
    }

    /// The path of the collection of all objects of the type.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::ServicePrincipal => "servicePrincipals",
            Self::OrgContact => "contacts",
            Self::Application => "applications",
            Self::DirectoryRole => "directoryRoles",
            Self::AdministrativeUnit => "directory/administrativeUnits",
        }
    }

    /// The name as the directory's own messages and links spell it.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::OrgContact => "Contact",
            Self::Application => "Application",
            Self::DirectoryRole => "DirectoryRole",
            Self::AdministrativeUnit => "AdministrativeUnit",
        }
    }

    /// The type of a cast such as `microsoft.graph.user`; none where the directory holds no such objects.
    pub(crate) fn of_cast(segment: &str) -> Option<Self> {
        let name = segment.strip_prefix(NAMESPACE)?;
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// What is published of the type.
    pub(crate) fn schema(self) -> &'static Schema {
        CONTRACT.schema(self)
    }

    /// The file in which that is.
    pub(super) fn data(self) -> &'static str {
        match self {
            Self::User => include_str!("../../data/user.json"),
            Self::Group => include_str!("../../data/group.json"),
            Self::ServicePrincipal => include_str!("../../data/servicePrincipal.json"),
            Self::OrgContact => include_str!("../../data/orgContact.json"),
            Self::Application => include_str!("../../data/application.json"),
            Self::DirectoryRole => include_str!("../../data/directoryRole.json"),
            Self::AdministrativeUnit => include_str!("../../data/administrativeUnit.json"),
        }
    }
}
