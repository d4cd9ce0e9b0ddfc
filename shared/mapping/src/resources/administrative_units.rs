//! Administrative units: `/AdministrativeUnits` and Graph's `/directory/administrativeUnits`.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/administrativeunit>.

use scim::schema::{Attribute, ResourceType, Returned, Schema};
use serde_json::{Value, json};

use crate::{
    capability::{Capability, DIFFER, EQUAL, IN, NOT, STARTS, TEXT},
    keyed::{Call, Difference, Keyed, text},
    link::Link,
    mapping::{Mapping, PAGED},
    parts::LINKED,
    rule::{Form, Rule},
    table::{Conversion, Property, Row, keep, once, row, unfiltered},
};

/// Administrative units.
pub static MAPPINGS: &[&Mapping] = &[&UNITS];

static UNITS: Mapping = Mapping {
    component: "scim-administrative-units",
    listing: PAGED,
    links: LINKS,
    rules: RULES,
    reading: "AdministrativeUnit.Read.All",
    writing: "AdministrativeUnit.ReadWrite.All",
    creating: "AdministrativeUnit.ReadWrite.All",
    kept: &["membershipRule", "visibility"],
    ..Mapping::new(&RESOURCE_TYPE, "administrativeUnit", "/directory/administrativeUnits", ROWS)
};

static RESOURCE_TYPE: ResourceType = ResourceType {
    name: "AdministrativeUnit",
    endpoint: "/AdministrativeUnits",
    description: "Parts of the directory that roles can be limited to",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:extension:entra:2.0:AdministrativeUnit",
        name: "AdministrativeUnit",
        description: "An administrative unit of Microsoft Entra ID",
        attributes: ATTRIBUTES,
    },
    extensions: &[],
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").required().describe("The name of the unit"),
    Attribute::string("description").describe("What the unit is for"),
    Attribute::string("visibility")
        .canonical(&["Public", "HiddenMembership"])
        .describe("HiddenMembership where only members and administrators see who is in the unit; Public otherwise"),
    Attribute::string("membershipType")
        .lasting()
        .canonical(&["Assigned", "Dynamic"])
        .describe("Whether somebody makes the members or a rule"),
    Attribute::string("membershipRule").describe("The rule of a dynamic unit"),
    Attribute::string("membershipRuleProcessingState")
        .lasting()
        .canonical(&["On", "Paused"])
        .describe("Whether the rule of a dynamic unit is at work"),
    Attribute::boolean("isMemberManagementRestricted")
        .immutable()
        .describe("Whether only those who have a role in the unit may change its members"),
    Attribute::complex("members", LINKED)
        .many()
        .returned(Returned::Request)
        .describe("Users, groups and devices in the unit"),
    Attribute::complex("scopedRoleMembers", SCOPED)
        .many()
        .returned(Returned::Request)
        .describe("Who has which role in the unit"),
];

const SCOPED: &[Attribute] = &[
    Attribute::string("id").read_only().case_exact().describe("What tells the assignments apart"),
    Attribute::string("roleId").immutable().describe("The id of the directory role, which must be activated"),
    Attribute::string("value").immutable().describe("The id of who has the role"),
    Attribute::string("display").read_only().describe("The display name of who has it"),
];

static ROWS: &[Row] = &[
    row("displayName", keep(Property::with("displayName", TEXT.assigned().sorted()))),
    row("description", Property::with("description", Capability::of(0, EQUAL | IN | STARTS | DIFFER).without(NOT))),
    row("visibility", unfiltered("visibility")),
    row("membershipType", keep(unfiltered("membershipType"))),
    row("membershipRule", unfiltered("membershipRule")),
    row("membershipRuleProcessingState", keep(unfiltered("membershipRuleProcessingState"))),
    row("isMemberManagementRestricted", once(Property::with("isMemberManagementRestricted", Capability::of(EQUAL, 0)))),
];

static RULES: &[Rule] = &[
    Rule::at_most("displayName", 256),
    Rule::of("visibility", Form::OneOf(&["Public", "HiddenMembership"])),
    Rule::of("membershipType", Form::OneOf(&["Assigned", "Dynamic"])),
    Rule::of("membershipRuleProcessingState", Form::OneOf(&["On", "Paused"])),
];

static LINKS: &[Link] = &[
    Link::many("members", "members")
        .written("/directoryObjects", "AdministrativeUnit.ReadWrite.All")
        .reading("AdministrativeUnit.Read.All"),
    Link::objects("scopedRoleMembers", "scopedRoleMembers")
        .keyed(&SCOPED_ROLES)
        .converted(&SCOPED_MEMBER)
        .reading("RoleManagement.Read.Directory"),
];

static SCOPED_ROLES: Keyed = Keyed {
    bare: true,
    resource: Some("RoleAssignments"),
    ..Keyed::new("id", "RoleManagement.ReadWrite.Directory", change_scoped_roles)
};

/// `POST …/scopedRoleMembers` for those who come, `DELETE …/scopedRoleMembers/{id}` for those who go; of one that changes, another
/// takes the place.
fn change_scoped_roles(path: &str, difference: &Difference) -> Vec<Call> {
    let add = |element: &Value| {
        let body = json!({ "roleId": text(element, "roleId"), "roleMemberInfo": { "id": text(element, "value") } });
        Call::post(format!("{path}/scopedRoleMembers"), body)
    };
    let remove = |element: &Value| Call::delete(format!("{path}/scopedRoleMembers/{}", text(element, "id")));
    let added = difference.added.iter().chain(&difference.changed).map(add);
    added.chain(difference.removed.iter().chain(&difference.changed).map(remove)).collect()
}

/// Graph has who has the role in an object of its own.
static SCOPED_MEMBER: Conversion = Conversion { read: flattened, write: |value| value };

fn flattened(members: Value) -> Value {
    let element = |member: &Value| {
        let info = |part: &str| member.pointer(&format!("/roleMemberInfo/{part}")).cloned().unwrap_or_default();
        json!({ "id": text(member, "id"), "roleId": text(member, "roleId"), "value": info("id"), "display": info("displayName") })
    };
    members.as_array().into_iter().flatten().map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scoped_roles_come_and_go_one_by_one() {
        let given = json!({ "roleId": "r", "value": "u" });
        let known = json!({ "id": "k", "roleId": "s", "value": "v", "display": "V" });
        let difference = Difference { added: vec![given], changed: Vec::new(), removed: vec![known.clone()] };
        let path = "/directory/administrativeUnits/1";
        let add = |role: &str, id: &str| {
            let body = json!({ "roleId": role, "roleMemberInfo": { "id": id } });
            Call::post("/directory/administrativeUnits/1/scopedRoleMembers", body)
        };
        let remove = Call::delete("/directory/administrativeUnits/1/scopedRoleMembers/k");
        assert_eq!(change_scoped_roles(path, &difference), [add("r", "u"), remove.clone()]);
        let difference = Difference { changed: vec![known], ..Difference::default() };
        assert_eq!(change_scoped_roles(path, &difference), [add("s", "v"), remove]);
    }

    #[test]
    fn who_has_the_role_is_shown_flat() {
        let members = json!([{ "id": "k", "administrativeUnitId": "a", "roleId": "r",
            "roleMemberInfo": { "id": "u", "displayName": "Ursula" } }]);
        assert_eq!(flattened(members), json!([{ "id": "k", "roleId": "r", "value": "u", "display": "Ursula" }]));
        assert_eq!(flattened(Value::Null), json!([]));
    }
}
