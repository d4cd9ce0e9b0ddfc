//! Relationships between directory objects: a user's manager, a group's members.

use crate::{keyed::Keyed, table::Conversion};

/// A relationship of Graph and the SCIM attribute that shows it.
#[derive(Debug)]
pub struct Link {
    /// The URN of the extension, or `None` for the core schema.
    pub schema: Option<&'static str>,
    /// The attribute's name; its parts are `value`, `$ref`, `type` and `display`.
    pub attribute: &'static str,
    /// Graph's name, below the object: `members`.
    pub navigation: &'static str,
    /// Whether there may be several.
    pub many: bool,
    /// The only type of resource that is shown; the others of the relationship are left out.
    pub only: Option<&'static str>,
    /// How it is written: the collection in which a reference names its object, and the permission. `None`: not at all.
    pub written: Option<(&'static str, &'static str)>,
    /// The permission that a read needs.
    pub reading: &'static str,
    /// Whether it is read in pages; some refuse `$top`.
    pub paged: bool,
    /// Whether twenty can be added by one `PATCH` of the object.
    pub bound: bool,
    /// Whether twenty can come with a new object.
    pub born: bool,
    /// Where its objects are shown as they are: where they are read, `{id}` for the object's own, empty for the navigation.
    pub shown_at: Option<&'static str>,
    /// How such objects are changed, one by one.
    pub keyed: Option<&'static Keyed>,
    /// How the array of such objects becomes the elements that are shown, where these have other parts.
    pub conversion: Option<&'static Conversion>,
}

impl Link {
    /// A relationship with one object, read by `$expand`.
    pub(crate) const fn one(attribute: &'static str, navigation: &'static str) -> Self {
        Self {
            schema: None,
            attribute,
            navigation,
            many: false,
            only: None,
            written: None,
            reading: "",
            paged: true,
            bound: false,
            born: false,
            shown_at: None,
            keyed: None,
            conversion: None,
        }
    }

    /// A relationship with any number of objects, read apart: `$expand` ends at twenty of them.
    pub(crate) const fn many(attribute: &'static str, navigation: &'static str) -> Self {
        let mut link = Self::one(attribute, navigation);
        link.many = true;
        link
    }

    /// A set of objects that Graph keeps below an object, shown as they are: the parts of the attribute are their properties.
    pub(crate) const fn objects(attribute: &'static str, navigation: &'static str) -> Self {
        let mut link = Self::many(attribute, navigation);
        link.shown_at = Some("");
        link
    }

    /// Says where such a set is read where that is not below the object.
    pub(crate) const fn at(mut self, path: &'static str) -> Self {
        self.shown_at = Some(path);
        self
    }

    /// Says that twenty can come with a new object.
    pub(crate) const fn born(mut self) -> Self {
        self.born = true;
        self
    }

    /// Says how such a set is changed.
    pub(crate) const fn keyed(mut self, keyed: &'static Keyed) -> Self {
        self.keyed = Some(keyed);
        self
    }

    /// Says how the objects of such a set become elements.
    pub(crate) const fn converted(mut self, conversion: &'static Conversion) -> Self {
        self.conversion = Some(conversion);
        self
    }

    /// Says that all come at once, and that Graph refuses `$top`.
    pub(crate) const fn at_once(mut self) -> Self {
        self.paged = false;
        self
    }

    /// Says that twenty can be added by one `PATCH` of the object.
    pub(crate) const fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    pub(crate) const fn of(mut self, schema: &'static str) -> Self {
        self.schema = Some(schema);
        self
    }

    pub(crate) const fn only(mut self, resource_type: &'static str) -> Self {
        self.only = Some(resource_type);
        self
    }

    pub(crate) const fn written(mut self, collection: &'static str, permission: &'static str) -> Self {
        self.written = Some((collection, permission));
        self
    }

    pub(crate) const fn reading(mut self, permission: &'static str) -> Self {
        self.reading = permission;
        self
    }

    /// The part that shows the name of what is at the other end.
    #[must_use]
    pub fn display(&self) -> &'static str {
        if self.many { "display" } else { "displayName" }
    }

    /// Graph's path of what is at the other end; `object` is Graph's path of the object, `id` its id.
    #[must_use]
    pub fn read_path(&self, object: &str, id: &str) -> String {
        match self.shown_at {
            None | Some("") => format!("{object}/{}", self.navigation),
            Some(path) => path.replace("{id}", id),
        }
    }

    /// Whether what is at the other end is shown as it is.
    #[must_use]
    pub fn is_shown_whole(&self) -> bool {
        self.shown_at.is_some()
    }

    /// The SCIM path of that part.
    pub(crate) fn display_path(&self) -> String {
        format!("{}.{}", self.path(), self.display())
    }

    /// The SCIM path, as a projection names it.
    #[must_use]
    pub fn path(&self) -> String {
        match self.schema {
            Some(schema) => format!("{schema}:{}", self.attribute),
            None => self.attribute.to_owned(),
        }
    }
}

/// A type of directory object, and the SCIM resource type behind which it is found.
struct Kind {
    graph: &'static str,
    name: &'static str,
    endpoint: &'static str,
}

/// What may stand at the other end of a relationship
/// (<https://learn.microsoft.com/graph/api/resources/directoryobject>).
const KINDS: [Kind; 9] = [
    Kind { graph: "user", name: "User", endpoint: "Users" },
    Kind { graph: "group", name: "Group", endpoint: "Groups" },
    Kind { graph: "servicePrincipal", name: "ServicePrincipal", endpoint: "ServicePrincipals" },
    Kind { graph: "orgContact", name: "Contact", endpoint: "Contacts" },
    Kind { graph: "device", name: "Device", endpoint: "Devices" },
    Kind { graph: "application", name: "Application", endpoint: "Applications" },
    Kind { graph: "directoryRole", name: "DirectoryRole", endpoint: "DirectoryRoles" },
    Kind { graph: "administrativeUnit", name: "AdministrativeUnit", endpoint: "AdministrativeUnits" },
    Kind { graph: "claimsMappingPolicy", name: "ClaimsMappingPolicy", endpoint: "ClaimsMappingPolicies" },
];

/// The type of what is in a collection whose objects are all of one, so that Graph need not say of which.
pub(crate) fn type_in(collection: &str) -> Option<&'static str> {
    match collection {
        "/users" => Some("#microsoft.graph.user"),
        "/policies/claimsMappingPolicies" => Some("#microsoft.graph.claimsMappingPolicy"),
        _ => None,
    }
}

/// The name and the endpoint of the resource type for an `@odata.type` such as `#microsoft.graph.user`.
pub(crate) fn resource_type_of(odata_type: Option<&str>) -> (&'static str, &'static str) {
    let graph = odata_type.and_then(|name| name.strip_prefix("#microsoft.graph.")).unwrap_or_default();
    let known = KINDS.iter().find(|kind| kind.graph == graph);
    known.map_or(("DirectoryObject", "DirectoryObjects"), |kind| (kind.name, kind.endpoint))
}
