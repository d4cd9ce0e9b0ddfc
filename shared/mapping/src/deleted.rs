//! What the types of deleted objects have in common: Graph keeps them for thirty days in one place, tells them apart by a cast,
//! and restores them by an action. SCIM sees an attribute `deleted` that is set to false.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/directory>.

use scim::schema::{Attribute, ResourceType};
use serde_json::{Map, Value};

use crate::{
    keyed::Call,
    mapping::{Deed, Mapping, Refused},
    table::{Row, Shape, keep, read, row, unfiltered},
};

/// The attribute whose end is the restoration.
pub(crate) const DELETED: Attribute =
    Attribute::boolean("deleted").lasting().describe("True; false restores the object, with its id");

/// When it was deleted.
pub(crate) const DELETED_AT: Attribute = Attribute::date_time("deletedDateTime")
    .read_only()
    .describe("When the object was deleted; it can be restored for thirty days");

/// The row of [`DELETED`].
pub(crate) const DELETED_ROW: Row = row("deleted", keep(unfiltered("deletedDateTime")).shape(Shape::Present));
/// The row of [`DELETED_AT`].
pub(crate) const DELETED_AT_ROW: Row = row("deletedDateTime", read(unfiltered("deletedDateTime")));

/// That none is made.
pub(crate) const MADE_BY_DELETING: Refused = Refused {
    deed: Deed::Create,
    status: 501,
    reason: "deleted objects come of deleting: send DELETE to the object itself",
};

/// Deleted objects of a type.
pub(crate) const fn deleted(
    resource_type: &'static ResourceType,
    graph_type: &'static str,
    collection: &'static str,
    rows: &'static [Row],
) -> Mapping {
    Mapping {
        objects: Some("/directory/deletedItems"),
        refused: &[MADE_BY_DELETING],
        actions: restore,
        ..Mapping::new(resource_type, graph_type, collection, rows)
    }
}

/// `POST /directory/deletedItems/{id}/restore` for what is to be deleted no longer.
fn restore(path: &str, body: &mut Map<String, Value>) -> Vec<Call> {
    match body.remove("deletedDateTime") {
        Some(Value::Null) => vec![Call::post(format!("{path}/restore"), Value::Null)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_longer_to_be_deleted_is_restored() {
        let calls = |mut body: Value| {
            let calls = restore("/directory/deletedItems/1", body.as_object_mut().unwrap());
            assert_eq!(body, json!({}));
            calls
        };
        let expected = Call::post("/directory/deletedItems/1/restore", Value::Null);
        assert_eq!(calls(json!({ "deletedDateTime": null })), [expected]);
        assert_eq!(calls(json!({})), []);
    }
}
