//! The resource types the tests work with.

use serde_json::{Value, json};

use scim::schema::{Attribute, Extension, ResourceType, Returned, Schema, Uniqueness};

pub(crate) const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const ON_PREMISES: &str = "urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User";

static NAME: &[Attribute] =
    &[Attribute::string("formatted"), Attribute::string("givenName"), Attribute::string("familyName")];
static EMAIL: &[Attribute] = &[
    Attribute::string("value"),
    Attribute::string("type").canonical(&["work", "home"]),
    Attribute::boolean("primary"),
    Attribute::string("display").read_only(),
];
static ADDRESS: &[Attribute] = &[
    Attribute::string("streetAddress"),
    Attribute::string("locality"),
    Attribute::string("type"),
    Attribute::boolean("primary"),
];
static GROUP_OF_USER: &[Attribute] = &[Attribute::string("value").case_exact().read_only()];
static MANAGER: &[Attribute] = &[
    Attribute::string("value").case_exact(),
    Attribute::reference("$ref", &["User"]),
    Attribute::string("displayName").read_only(),
];
static MEMBER: &[Attribute] = &[
    Attribute::string("value").case_exact().immutable(),
    Attribute::reference("$ref", &["User", "Group"]).immutable(),
    Attribute::string("type").immutable(),
    Attribute::string("display").read_only(),
];
static OFFICE: &[Attribute] = &[Attribute::string("room"), Attribute::string("desk").unkept()];
static ON_PREMISES_ATTRIBUTES: &[Attribute] =
    &[Attribute::string("extensionAttribute1"), Attribute::string("extensionAttribute2")];

static USER_SCHEMA: Schema = Schema {
    id: CORE,
    name: "User",
    description: "A person",
    attributes: &[
        Attribute::string("userName").required().unique(Uniqueness::Server),
        Attribute::complex("name", NAME),
        Attribute::string("displayName"),
        Attribute::string("nickName"),
        Attribute::string("title"),
        Attribute::string("userType"),
        Attribute::string("employeeBadge").immutable(),
        Attribute::boolean("active"),
        Attribute::string("password").write_only(),
        Attribute::complex("emails", EMAIL).many(),
        Attribute::complex("addresses", ADDRESS).many(),
        Attribute::complex("roles", EMAIL).many(),
        Attribute::complex("groups", GROUP_OF_USER).many().read_only(),
        Attribute::string("tags").many(),
        Attribute::integer("logins"),
        Attribute::decimal("score"),
        Attribute::binary("picture"),
        Attribute::string("secretHint").returned(Returned::Request),
        Attribute::complex("entitlements", &[]).many().unkept(),
    ],
};
static ENTERPRISE_SCHEMA: Schema = Schema {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    description: "An employee",
    attributes: &[
        Attribute::string("employeeNumber").lasting(),
        Attribute::string("department"),
        Attribute::string("badge").immutable(),
        Attribute::complex("office", OFFICE),
        Attribute::complex("manager", MANAGER),
    ],
};
static ON_PREMISES_SCHEMA: Schema = Schema {
    id: ON_PREMISES,
    name: "OnPremises",
    description: "Data of an older directory",
    attributes: &[Attribute::complex("onPremisesExtensionAttributes", ON_PREMISES_ATTRIBUTES)],
};
static GROUP_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "People",
    attributes: &[Attribute::string("displayName").required(), Attribute::complex("members", MEMBER).many()],
};

pub(crate) static USERS: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "People",
    schema: &USER_SCHEMA,
    extensions: &[
        Extension { schema: &ENTERPRISE_SCHEMA, required: false },
        Extension { schema: &ON_PREMISES_SCHEMA, required: false },
    ],
};
pub(crate) static GROUPS: ResourceType =
    ResourceType { name: "Group", endpoint: "/Groups", description: "Groups", schema: &GROUP_SCHEMA, extensions: &[] };

pub(crate) fn user() -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE],
        "id": "u1",
        "externalId": "Ext-1",
        "userName": "bjensen@Example.com",
        "name": { "givenName": "Barbara", "familyName": "Müller" },
        "title": "Guide",
        "active": true,
        "emails": [
            { "value": "b@example.com", "type": "work", "primary": true },
            { "value": "babs@home.org", "type": "home" },
        ],
        "tags": ["red", "blue"],
        "logins": 12,
        "score": 1.5,
        "secretHint": "blue",
        "groups": [{ "value": "g1" }],
        ENTERPRISE: { "department": "Sales", "manager": { "value": "m1", "displayName": "Boss", "$ref": "../Users/m1" } },
        "meta": { "resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-05-13T04:42:34Z" },
    })
}
