//! `POST /directory/administrativeUnits`, `PATCH` and `DELETE /directory/administrativeUnits/{id}`.

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::graph::Call;
use crate::graph::directory_roles::ASSIGNMENTS;
use crate::graph::error::Result;
use crate::graph::validate::{self, Writer};
use crate::graph::write::require;
use crate::resources::has;

/// Makes, changes or deletes an administrative unit; a deleted one is gone, with the roles that were assigned in it.
pub(super) fn write(call: &Call<'_>) -> Result<Answer> {
    let unit = ObjectType::AdministrativeUnit;
    match call.operation.method.as_str() {
        "POST" => {
            let body = call.body()?;
            call.check_extensions(&body, unit)?;
            let object = validate::object(&body, unit, Writer::Create)?;
            require(unit, &object)?;
            let mut replicas = call.tenant.replicas_mut();
            let row = replicas.primary.create(unit, object, None);
            let id = replicas.primary.item(row).map(|item| item.id()).unwrap_or_default();
            call.created(&replicas.primary, &id)
        }
        "PATCH" => {
            let body = call.body()?;
            call.check_extensions(&body, unit)?;
            let mut replicas = call.tenant.replicas_mut();
            let row = call.row_to_write(&replicas, unit)?;
            let changes = validate::object(&body, unit, Writer::Update)?;
            replicas.primary.update(row, changes);
            Ok(Answer::empty(204))
        }
        _ => {
            let mut replicas = call.tenant.replicas_mut();
            let row = call.row_to_write(&replicas, unit)?;
            replicas.primary.purge(row);
            let scope = format!("/administrativeUnits/{}", call.key);
            replicas.resources.retain(ASSIGNMENTS, |assignment| !has(assignment, "directoryScopeId", &scope));
            Ok(Answer::empty(204))
        }
    }
}
