//! What relationships lead to: `/groups/{id}/members`, `/groups/{id}/owners`, `/users/{id}/memberOf` and others, with
//! casts, counts and references.

use serde_json::json;

use crate::answer::Answer;
use crate::contract::{NAMESPACE, ObjectType};
use crate::directory::Directory;
use crate::directory::relations::Relation;
use crate::graph::error::{Error, Result};
use crate::graph::groups::{self, rules};
use crate::graph::list::{self, Rows, Scope};
use crate::graph::related::Relationship;
use crate::graph::{Call, linked, reference};

/// How many owners a group can have.
const MAX_OWNERS: usize = 100;

/// What follows a relationship in a path.
#[derive(Default)]
struct Tail<'a> {
    cast: Option<&'a str>,
    is_count: bool,
    is_reference: bool,
}

/// Answers what the path asks of a relationship of an object of this type.
pub(super) fn answer(
    call: &Call<'_>,
    object_type: ObjectType,
    relationship: Relationship,
    segments: &'static str,
) -> Result<Answer> {
    let mut tail = Tail::default();
    for segment in segments.split('/') {
        match segment {
            "$count" => tail.is_count = true,
            "$ref" => tail.is_reference = true,
            segment if segment.starts_with(NAMESPACE) => tail.cast = Some(segment),
            _ => {}
        }
    }
    let relation = match relationship {
        Relationship::Owners => Relation::Owners,
        _ => Relation::Members,
    };
    match call.operation.method.as_str() {
        "POST" if object_type == ObjectType::Group => add(call, relation),
        "DELETE" if object_type == ObjectType::Group => remove(call, relation),
        "POST" => linked::add(call, object_type, relation),
        "DELETE" => linked::remove(call, object_type, relation),
        _ => read(call, object_type, relationship, &tail),
    }
}

fn read(call: &Call<'_>, object_type: ObjectType, relationship: Relationship, tail: &Tail<'_>) -> Result<Answer> {
    let query = &call.query;
    if !tail.is_count && !query.is_advanced() {
        refuse_plain(call, tail)?;
    }
    if query.expand.is_some() {
        return Err(Error::unsupported_query("$expand is not supported on relationships of directory objects."));
    }
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let row = call.row_of(directory, object_type)?;
    let types = match tail.cast.map(ObjectType::of_cast) {
        None => ObjectType::ALL.to_vec(),
        Some(Some(object_type)) => vec![object_type],
        Some(None) => return Ok(nothing(call, tail)),
    };
    let rows = Rows::Of(relationship.rows(directory, row));
    let scope = Scope { types, rows, references: tail.is_reference, whole: false };
    if tail.is_count { list::count(call, directory, &scope) } else { list::page(call, directory, &scope) }
}

/// Refuses what only an advanced query can ask of a relationship.
fn refuse_plain(call: &Call<'_>, tail: &Tail<'_>) -> Result<()> {
    let text = if tail.cast.is_some() {
        "An OData cast needs the header 'ConsistencyLevel: eventual' and '$count=true'."
    } else if call.query.filter.is_some() {
        "The specified filter to the reference property query is currently not supported."
    } else if call.query.order_by.is_some() {
        "Sorting not supported for current query."
    } else {
        return Ok(());
    };
    Err(Error::unsupported_query(text))
}

/// The answer for a type of which the directory has no objects, such as devices.
fn nothing(call: &Call<'_>, tail: &Tail<'_>) -> Answer {
    if tail.is_count {
        return Answer::of(200, "text/plain", b"0".to_vec());
    }
    let name = tail.cast.and_then(|cast| cast.strip_prefix(NAMESPACE)).unwrap_or_default();
    let body = json!({"@odata.context": call.context(&format!("{name}s")), "@odata.count": 0, "value": []});
    Answer::odata(200, body.to_string().into_bytes())
}

/// `POST /groups/{id}/members/$ref`.
fn add(call: &Call<'_>, relation: Relation) -> Result<Answer> {
    let body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let group = call.row_to_write(&replicas, ObjectType::Group)?;
    groups::check_access(call, &replicas.primary, group)?;
    let row = reference::row(replicas.seen(), reference::of_body(&body)?, rules::types_of(relation))?;
    let directory = &mut replicas.primary;
    rules::check_links(directory, rules::of(directory, group), relation, &[row])?;
    groups::refuse_present(directory, group, relation, &[row])?;
    if relation == Relation::Owners && directory.related(group, relation).count() >= MAX_OWNERS {
        return Err(Error::request(format!("A group can have at most {MAX_OWNERS} owners.")));
    }
    directory.link(group, relation, &[row]);
    Ok(Answer::empty(204))
}

/// `DELETE /groups/{id}/members/{id}/$ref`.
fn remove(call: &Call<'_>, relation: Relation) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let group = call.row_to_write(&replicas, ObjectType::Group)?;
    groups::check_access(call, &replicas.primary, group)?;
    let missing = || Error::not_found(&call.inner_key);
    let row = replicas.seen().find_any(&call.inner_key).ok_or_else(missing)?;
    let directory = &mut replicas.primary;
    rules::check_manual(rules::of(directory, group), relation)?;
    if !directory.is_related(group, relation, row) {
        return Err(missing());
    }
    if relation == Relation::Owners && is_last_owner(directory, group, row) {
        return Err(Error::request("The group must have at least one owner, hence this owner cannot be removed."));
    }
    directory.unlink(group, relation, row);
    Ok(Answer::empty(204))
}

/// Whether no other user owns the group. Source: Graph's page "Remove group owner".
fn is_last_owner(directory: &Directory, group: u32, row: u32) -> bool {
    let mut others = directory.related(group, Relation::Owners).filter(|owner| *owner != row);
    directory.user(row).is_some() && !others.any(|owner| directory.user(owner).is_some())
}
