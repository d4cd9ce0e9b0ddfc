//! Directory roles, definitions of roles, and who has which.

use serde_json::{Value, json};

use crate::client::{ADELE, Box, EVENTUAL};
use crate::judged::judge;

const PERMISSIONS: [&str; 3] = ["RoleManagement.ReadWrite.Directory", "Directory.Read.All", "User.ReadWrite.All"];
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";
const ASSIGNMENTS: &str = "/roleManagement/directory/roleAssignments";
const DEFINITIONS: &str = "/roleManagement/directory/roleDefinitions";

fn reference(tenant: &Box, id: &str) -> Value {
    json!({"@odata.id": format!("{}/v1.0/directoryObjects/{id}", tenant.server.origin())})
}

/// How many assignments of a role Graph tells.
fn assigned(tenant: &Box, role: &str) -> Vec<Value> {
    tenant.get(&format!("{ASSIGNMENTS}?$filter=roleDefinitionId eq '{role}'")).items().to_vec()
}

#[test]
fn a_role_is_listed_once_it_is_activated() {
    let tenant = Box::with(&PERMISSIONS);
    let before = tenant.get("/directoryRoles").items().len();
    assert_eq!(tenant.get(&format!("/directoryRoles(roleTemplateId='{GLOBAL_READER}')")).status, 404);
    let made = tenant.post("/directoryRoles", &json!({"roleTemplateId": GLOBAL_READER}));
    assert_eq!((made.status, &made.body["displayName"]), (201, &json!("Global Reader")));
    assert_eq!(tenant.get("/directoryRoles").items().len(), before + 1);
    let by_template = tenant.get(&format!("/directoryRoles(roleTemplateId='{GLOBAL_READER}')"));
    assert_eq!(by_template.body["id"], made.body["id"]);
    let role = format!("/directoryRoles/{}", made.body["id"].as_str().unwrap());
    assert_eq!(tenant.get(&role).body["roleTemplateId"], GLOBAL_READER);
    assert_eq!(tenant.get("/directoryRoles?$filter=displayName eq 'Global Reader'").items().len(), 1);
    // The body, and why it is refused.
    let cases = [
        (json!({"roleTemplateId": GLOBAL_READER}), 400),
        (json!({"roleTemplateId": ADELE}), 404),
        (json!({"displayName": "Mine"}), 400),
        (json!({}), 400),
    ];
    for (body, status) in cases {
        assert_eq!(tenant.post("/directoryRoles", &body).status, status, "{body}");
    }
    for query in ["$top=5", "$orderby=displayName", "$filter=startswith(displayName,'G')"] {
        assert_eq!(tenant.get(&format!("/directoryRoles?{query}")).status, 400, "{query}");
    }
    let templates = tenant.get("/directoryRoleTemplates");
    assert_eq!(templates.items().len(), 82);
    assert_eq!(tenant.get(&format!("/directoryRoleTemplates/{GLOBAL_READER}")).body["displayName"], "Global Reader");
    judge(&tenant);
}

#[test]
fn members_of_a_role_and_its_assignments_are_one_thing() {
    let tenant = Box::with(&PERMISSIONS);
    let role = tenant.id_of("/directoryRoles", "Reports Reader");
    let members = format!("/directoryRoles/{role}/members");
    assert_eq!((tenant.get(&members).items().len(), assigned(&tenant, REPORTS_READER).len()), (0, 0));

    assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(&tenant, ADELE)).status, 204);
    let assignments = assigned(&tenant, REPORTS_READER);
    assert_eq!((assignments.len(), &assignments[0]["principalId"]), (1, &json!(ADELE)));
    assert_eq!(tenant.post(&format!("{members}/$ref"), &reference(&tenant, ADELE)).status, 400, "there already");
    let one = format!("{ASSIGNMENTS}/{}", assignments[0]["id"].as_str().unwrap());
    assert_eq!(tenant.get(&one).body["directoryScopeId"], "/");
    let casts = format!("/users/{ADELE}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true");
    assert_eq!(tenant.get_eventual(&casts).names(), ["Reports Reader"]);
    assert!(tenant.get(&format!("/users/{ADELE}/memberOf")).names().contains(&"Reports Reader"));
    assert_eq!(tenant.delete(&one).status, 204);
    assert_eq!(tenant.get(&members).items().len(), 0);

    // The other way round, with a role that nobody has activated.
    let body = json!({"principalId": ADELE, "roleDefinitionId": GLOBAL_READER, "directoryScopeId": "/"});
    assert_eq!(tenant.post(ASSIGNMENTS, &body).status, 201);
    let conflict = tenant.post(ASSIGNMENTS, &body);
    assert_eq!(
        (conflict.status, conflict.body["error"]["details"][0]["code"].as_str()),
        (400, Some("ConflictingObjects"))
    );
    let role = tenant.id_of("/directoryRoles", "Global Reader");
    assert_eq!(tenant.get(&format!("/directoryRoles/{role}/members?$select=id")).items()[0]["id"], ADELE);
    assert_eq!(tenant.delete(&format!("/directoryRoles/{role}/members/{ADELE}/$ref")).status, 204);
    assert_eq!(assigned(&tenant, GLOBAL_READER).len(), 0);

    // Who is deleted has no roles any more, also when he comes back.
    assert_eq!(tenant.post(ASSIGNMENTS, &body).status, 201);
    assert_eq!(tenant.delete(&format!("/users/{ADELE}")).status, 204);
    assert_eq!(tenant.call("POST", &format!("/directory/deletedItems/{ADELE}/restore"), &[], &Value::Null).status, 200);
    assert_eq!(assigned(&tenant, GLOBAL_READER).len(), 0);
    judge(&tenant);
}

#[test]
fn assignments_are_made_where_they_can_be() {
    let tenant = Box::with(&PERMISSIONS);
    let unit = tenant.id_of("/directory/administrativeUnits", "Brazil");
    let finance = tenant.id_of("/groups", "Finance");
    let helpdesk = tenant.id_of("/groups", "Helpdesk administrators");
    let disabled = tenant.id_of(DEFINITIONS, "Sign-in Investigator");
    let scoped = json!({"principalId": ADELE, "roleDefinitionId": GLOBAL_READER, "directoryScopeId": format!("/administrativeUnits/{unit}")});
    let with = |name: &str, value: Value| {
        let mut body = scoped.clone();
        body[name] = value;
        body
    };
    let cases = [
        (scoped.clone(), 201),
        (scoped.clone(), 400),
        (with("principalId", json!(helpdesk)), 201),
        (with("principalId", json!(finance)), 400),
        (with("principalId", json!(unit)), 400),
        (with("principalId", json!(GLOBAL_READER)), 404),
        (with("roleDefinitionId", json!(ADELE)), 404),
        (with("roleDefinitionId", json!(disabled)), 400),
        (with("directoryScopeId", json!("/administrativeUnits/none")), 404),
        (with("directoryScopeId", json!("none")), 400),
        (with("directoryScopeId", Value::Null), 400),
        (with("appScopeId", json!("/")), 400),
        (with("shoeSize", json!(1)), 400),
        (with("principalId", json!(7)), 400),
        (with("principalId", Value::Null), 400),
    ];
    for (body, status) in &cases {
        assert_eq!(tenant.post(ASSIGNMENTS, body).status, *status, "{body}");
    }
    let made = tenant
        .get(&format!("{ASSIGNMENTS}?$filter=principalId eq '{ADELE}'&$expand=principal($select=id,displayName)"));
    assert_eq!(made.items()[0]["principal"]["displayName"], "Adele Vance");
    let made = tenant.get(&format!("{ASSIGNMENTS}?$filter=principalId eq '{ADELE}'&$expand=roleDefinition"));
    assert_eq!(made.items()[0]["roleDefinition"]["displayName"], "Global Reader");
    let made = tenant.get(&format!(
        "{ASSIGNMENTS}?$filter=directoryScopeId eq '/administrativeUnits/{unit}'&$expand=directoryScope"
    ));
    assert!(made.items().iter().all(|one| one["directoryScope"]["displayName"] == "Brazil"));
    let one = format!("{ASSIGNMENTS}/{}", made.items()[0]["id"].as_str().unwrap());
    assert_eq!(tenant.patch(&one, &json!({"principalId": ADELE})).status, 405);
    assert_eq!((tenant.delete(&one).status, tenant.get(&one).status), (204, 404));
    assert_eq!(tenant.get(&format!("{ASSIGNMENTS}?$orderby=principalId")).status, 400);
    assert_eq!(tenant.get(&format!("{ASSIGNMENTS}?$filter=startswith(principalId,'8')")).status, 400);
    let role = tenant.id_of("/directoryRoles", "Global Administrator");
    let members = tenant.get(&format!("/directoryRoles/{role}/members"));
    let statuses: Vec<u16> = members
        .items()
        .iter()
        .map(|member| {
            tenant.delete(&format!("/directoryRoles/{role}/members/{}/$ref", member["id"].as_str().unwrap())).status
        })
        .collect();
    assert_eq!(statuses, [204, 400], "the last one stays");
}

#[test]
fn custom_roles_are_written_and_built_in_ones_not() {
    let tenant = Box::with(&PERMISSIONS);
    let permissions = json!([{"allowedResourceActions": ["microsoft.directory/applications/create"]}]);
    let body =
        json!({"displayName": "Maker", "description": "Makes", "isEnabled": true, "rolePermissions": permissions});
    let made = tenant.post(DEFINITIONS, &body);
    assert_eq!(
        (made.status, &made.body["isBuiltIn"], &made.body["templateId"]),
        (201, &json!(false), &made.body["id"])
    );
    let own = format!("{DEFINITIONS}/{}", made.body["id"].as_str().unwrap());
    let built_in = format!("{DEFINITIONS}/{GLOBAL_READER}");
    let cases = [
        ("POST", DEFINITIONS, body.clone(), 400),
        ("POST", DEFINITIONS, json!({"displayName": "Other", "isEnabled": true}), 400),
        (
            "POST",
            DEFINITIONS,
            json!({"displayName": "Other", "isEnabled": true, "rolePermissions": [], "isBuiltIn": true}),
            400,
        ),
        (
            "POST",
            DEFINITIONS,
            json!({"displayName": "Other", "isEnabled": true, "rolePermissions": [{"allowedResourceActions": ["all"]}]}),
            400,
        ),
        ("PATCH", &own, json!({"displayName": "Maker of things", "version": "2"}), 204),
        ("PATCH", &own, json!({"displayName": "Global Reader"}), 400),
        ("PATCH", &own, json!({"isBuiltIn": true}), 400),
        ("PATCH", &built_in, json!({"description": "x"}), 400),
        ("DELETE", &built_in, Value::Null, 400),
    ];
    for (method, path, body, status) in cases {
        assert_eq!(tenant.call(method, path, &[], &body).status, status, "{method} {path} {body}");
    }
    assert_eq!(tenant.get(&own).body["displayName"], "Maker of things");
    let assignment = json!({"principalId": ADELE, "roleDefinitionId": made.body["id"], "directoryScopeId": "/"});
    let assigned = tenant.post(ASSIGNMENTS, &assignment);
    assert_eq!((assigned.status, tenant.delete(&own).status), (201, 400), "it is assigned");
    assert_eq!(tenant.delete(&format!("{ASSIGNMENTS}/{}", assigned.body["id"].as_str().unwrap())).status, 204);
    assert_eq!((tenant.delete(&own).status, tenant.get(&own).status), (204, 404));
    let reads = [
        (format!("{DEFINITIONS}?$filter=isBuiltIn eq false"), 3),
        (format!("{DEFINITIONS}?$filter=displayName eq 'Global Reader'&$select=id,displayName"), 1),
        (format!("{DEFINITIONS}?$top=7"), 7),
        ("/roleManagement/directory/roleEligibilitySchedules".to_owned(), 3),
        ("/roleManagement/directory/roleEligibilitySchedules?$filter=directoryScopeId eq '/'".to_owned(), 2),
        ("/roleManagement/directory/roleAssignmentSchedules".to_owned(), 5),
    ];
    for (path, expected) in &reads {
        assert_eq!(tenant.get(path).items().len(), *expected, "{path}");
    }
    assert_eq!(tenant.follow(&format!("{DEFINITIONS}?$top=20"), &[]).0.len(), 85);
    assert_eq!(tenant.call("GET", &format!("{DEFINITIONS}/$count"), &[EVENTUAL], &Value::Null).body, 85);
}

#[test]
fn what_is_told_of_roles_is_as_published() {
    let tenant = Box::with(&PERMISSIONS);
    let role = tenant.id_of("/directoryRoles", "User Administrator");
    let unit = tenant.id_of("/directory/administrativeUnits", "Brazil");
    let paths = [
        DEFINITIONS.to_owned(),
        format!("{DEFINITIONS}/{GLOBAL_READER}"),
        ASSIGNMENTS.to_owned(),
        format!("{ASSIGNMENTS}?$expand=principal"),
        "/roleManagement/directory/roleEligibilitySchedules?$expand=roleDefinition".to_owned(),
        "/roleManagement/directory/roleAssignmentSchedules".to_owned(),
        format!("/directoryRoles/{role}"),
        format!("/directoryRoles/{role}/members"),
        format!("/directoryRoles/{role}/scopedMembers"),
        format!("/directory/administrativeUnits/{unit}/scopedRoleMembers"),
    ];
    for path in &paths {
        assert_eq!(tenant.get(path).status, 200, "{path}");
    }
    judge(&tenant);
}
