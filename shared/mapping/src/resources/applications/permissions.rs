//! Permissions that an application asks for: Graph groups them by API, SCIM sees them one by one.

use serde_json::{Value, json};

use crate::{
    keyed::{only, text},
    table::Conversion,
};

pub(super) static REQUIRED_RESOURCE_ACCESS: Conversion = Conversion { read, write };

fn read(resources: Value) -> Value {
    let resources = resources.as_array().cloned().unwrap_or_default();
    let permissions = |resource: Value| {
        let wanted = resource.get("resourceAccess").and_then(Value::as_array).cloned().unwrap_or_default();
        let id = resource.get("resourceAppId").cloned().unwrap_or_default();
        wanted.into_iter().map(move |mut one| {
            if let Some(members) = one.as_object_mut() {
                members.insert("resourceAppId".to_owned(), id.clone());
            }
            one
        })
    };
    resources.into_iter().flat_map(permissions).collect()
}

/// Graph wants each API once, in whatever order the permissions come.
fn write(permissions: Value) -> Value {
    let mut resources: Vec<(String, Vec<Value>)> = Vec::new();
    for permission in permissions.as_array().into_iter().flatten() {
        let id = text(permission, "resourceAppId");
        let wanted = Value::Object(only(permission, &["id", "type"]));
        match resources.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(id)) {
            Some((_, known)) if known.contains(&wanted) => {}
            Some((_, known)) => known.push(wanted),
            None => resources.push((id.to_owned(), vec![wanted])),
        }
    }
    let resource = |(id, wanted): (String, Vec<Value>)| json!({ "resourceAppId": id, "resourceAccess": wanted });
    resources.into_iter().map(resource).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_one_by_one() {
        let graph = json!([
            { "resourceAppId": "a", "resourceAccess": [{ "id": "1", "type": "Scope" }, { "id": "2", "type": "Role" }] },
            { "resourceAppId": "b", "resourceAccess": [{ "id": "3", "type": "Role" }] },
        ]);
        let scim = json!([
            { "resourceAppId": "a", "id": "1", "type": "Scope" },
            { "resourceAppId": "a", "id": "2", "type": "Role" },
            { "resourceAppId": "b", "id": "3", "type": "Role" },
        ]);
        assert_eq!(read(graph.clone()), scim);
        assert_eq!(write(scim), graph);
        let mixed = json!([
            { "resourceAppId": "a", "id": "1", "type": "Scope" },
            { "resourceAppId": "b", "id": "3", "type": "Role" },
            { "resourceAppId": "A", "id": "2", "type": "Role" },
            { "resourceAppId": "a", "id": "1", "type": "Scope" },
        ]);
        assert_eq!(write(mixed), graph);
        assert_eq!((read(Value::Null), write(json!([]))), (json!([]), json!([])));
    }
}
