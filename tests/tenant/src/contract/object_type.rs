//! The types of objects that the directory holds.

use crate::contract::{CONTRACT, NAMESPACE, Schema};

/// The type of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectType {
    User,
    Group,
    ServicePrincipal,
    OrgContact,
}

impl ObjectType {
    /// All of them: what a `directoryObject` can be.
    pub(crate) const ALL: [Self; 4] = [Self::User, Self::Group, Self::ServicePrincipal, Self::OrgContact];

    /// The name without its namespace.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::ServicePrincipal => "servicePrincipal",
            Self::OrgContact => "orgContact",
        }
    }

    /// The collection of all objects of the type.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::ServicePrincipal => "servicePrincipals",
            Self::OrgContact => "contacts",
        }
    }

    /// The name as the directory's own messages and links spell it.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::OrgContact => "Contact",
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
        }
    }
}
