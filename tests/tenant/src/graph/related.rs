//! The relationships that lead from an object to many: members, owners, groups.

use crate::directory::Directory;
use crate::directory::relations::Relation;

/// Such a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relationship {
    Members,
    Owners,
    TransitiveMembers,
    MemberOf,
    TransitiveMemberOf,
    OwnedObjects,
}

const ALL: [Relationship; 6] = [
    Relationship::Members,
    Relationship::Owners,
    Relationship::TransitiveMembers,
    Relationship::MemberOf,
    Relationship::TransitiveMemberOf,
    Relationship::OwnedObjects,
];

impl Relationship {
    /// The relationship of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        ALL.into_iter().find(|known| known.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Owners => "owners",
            Self::TransitiveMembers => "transitiveMembers",
            Self::MemberOf => "memberOf",
            Self::TransitiveMemberOf => "transitiveMemberOf",
            Self::OwnedObjects => "ownedObjects",
        }
    }

    /// The rows it leads to, in order.
    pub(crate) fn rows(self, directory: &Directory, row: u32) -> Vec<u32> {
        match self {
            Self::Members => directory.related(row, Relation::Members).collect(),
            Self::Owners => directory.related(row, Relation::Owners).collect(),
            Self::TransitiveMembers => directory.transitive_members(row).into_iter().collect(),
            Self::MemberOf => directory.groups_of(row, Relation::Members).collect(),
            Self::TransitiveMemberOf => directory.transitive_groups_of(row).into_iter().collect(),
            Self::OwnedObjects => directory.groups_of(row, Relation::Owners).collect(),
        }
    }
}
