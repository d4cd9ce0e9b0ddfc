//! `POST /groups`, `PATCH` and `DELETE /groups/{id}`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::relations::Relation;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object, identifier};
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;
use crate::graph::validate::{self, Writer};
use crate::graph::write::{refuse_conflicts, require};
use crate::graph::{Call, get, reference};
use crate::{DOMAIN, clock};

pub(crate) mod rules;

use rules::Traits;

/// The permission to have to do with groups that roles can be assigned to.
const ROLE_PERMISSION: &str = "RoleManagement.ReadWrite.Directory";
/// How many objects one request can refer to.
const MAX_REFERENCES: usize = 20;

/// What a body ties to a group.
type Bound = Vec<(Relation, Vec<u32>)>;

/// `POST /groups`.
pub(super) fn post(call: &Call<'_>) -> Result<Answer> {
    let body = call.body()?;
    if body.get("isAssignableToRole") == Some(&json!(true)) {
        require_role_permission(call)?;
    }
    call.check_extensions(&body, ObjectType::Group)?;
    let mut replicas = call.tenant.replicas_mut();
    let id = create(&mut replicas, &body)?;
    call.created(&replicas.primary, &id)
}

/// `PATCH /groups/{id}`: properties, and up to twenty members to add; all of it or nothing.
pub(super) fn patch(call: &Call<'_>) -> Result<Answer> {
    let mut body = call.body()?;
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::Group)?;
    check_access(call, &replicas.primary, row)?;
    call.check_extensions(&body, ObjectType::Group)?;
    let bound = take_bound(&mut body, &[Relation::Members], replicas.seen())?;
    let directory = &mut replicas.primary;
    let changes = validate::object(&body, ObjectType::Group, Writer::Update)?;
    let traits = rules::of(directory, row);
    rules::check_update(traits, &changes)?;
    refuse_taken_nickname(directory, traits.merged(&changes), &changes, Some(row))?;
    for (relation, rows) in &bound {
        rules::check_links(directory, traits, *relation, rows)?;
        refuse_present(directory, row, *relation, rows)?;
    }
    let outside = !changes.is_empty() && changes.keys().all(|name| validate::is_outside(ObjectType::Group, name));
    if !changes.is_empty() {
        directory.update(row, changes);
    }
    bound.iter().for_each(|(relation, rows)| directory.link(row, *relation, rows));
    match directory.item(row).filter(|_| outside) {
        // Source: Graph's page "Update group", which says so of what lives outside the directory.
        Some(item) => {
            let selection = Selection::of(ObjectType::Group, None)?;
            Ok(Answer::odata(200, get::entity(&call.context("groups/$entity"), &item, directory, &selection)))
        }
        None => Ok(Answer::empty(204)),
    }
}

/// `DELETE /groups/{id}`.
pub(super) fn delete(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::Group)?;
    check_access(call, &replicas.primary, row)?;
    if rules::of(&replicas.primary, row).is_synchronised {
        return Err(Error::mastered());
    }
    replicas.primary.delete(row);
    Ok(Answer::empty(204))
}

/// Creates a group and returns its id.
pub(crate) fn create(replicas: &mut Replicas, body: &Value) -> Result<String> {
    let mut body = body.clone();
    let bound = take_bound(&mut body, &[Relation::Members, Relation::Owners], replicas.seen())?;
    let directory = &mut replicas.primary;
    let mut group = validate::object(&body, ObjectType::Group, Writer::Create)?;
    require(ObjectType::Group, &group)?;
    let traits = Traits::default().merged(&group);
    rules::check_create(traits, &group)?;
    for (relation, rows) in &bound {
        rules::check_links(directory, traits, *relation, rows)?;
    }
    refuse_taken_nickname(directory, traits, &group, None)?;
    let id = String::from_utf8_lossy(&identifier::of_row(directory.rows())).into_owned();
    complete(&mut group, traits, &id);
    refuse_conflicts(directory, &group, None)?;
    let row = directory.create(ObjectType::Group, group, None);
    bound.iter().for_each(|(relation, rows)| directory.link(row, *relation, rows));
    Ok(id)
}

/// Adds what the directory itself says of a new group.
fn complete(group: &mut Object, traits: Traits, id: &str) {
    let now = json!(clock::now_text());
    group.insert("createdDateTime".to_owned(), now.clone());
    group.insert("renewedDateTime".to_owned(), now);
    group.insert("securityIdentifier".to_owned(), json!(security_identifier(id)));
    if traits.is_unified {
        let nickname = group.get("mailNickname").and_then(Value::as_str).unwrap_or_default();
        let mail = format!("{nickname}@{DOMAIN}");
        group.insert("proxyAddresses".to_owned(), json!([format!("SMTP:{mail}")]));
        group.insert("mail".to_owned(), json!(mail));
    }
    if traits.is_dynamic {
        group.entry("membershipRuleProcessingState").or_insert(json!("On"));
    }
    let visibility = match traits {
        Traits { is_for_roles: true, .. } => "Private",
        Traits { is_unified: true, .. } => "Public",
        _ => return,
    };
    group.entry("visibility").or_insert(json!(visibility));
}

/// The security identifier made of an object's id: its four groups of 32 bits, as Windows lays a GUID out.
fn security_identifier(id: &str) -> String {
    let number = u128::from_str_radix(&id.replace('-', ""), 16).unwrap_or_default();
    let part = |shift: u32| (number >> shift) as u32;
    let parts = [part(96), part(64).rotate_left(16), part(32).swap_bytes(), part(0).swap_bytes()];
    let parts = parts.map(|part| part.to_string());
    format!("S-1-12-1-{}", parts.join("-"))
}

/// Refuses what a token without the permission for it wants of a group that roles can be assigned to, and to write to
/// groups that only Exchange writes to.
pub(super) fn check_access(call: &Call<'_>, directory: &Directory, row: u32) -> Result<()> {
    let traits = rules::of(directory, row);
    if traits.is_for_roles {
        require_role_permission(call)?;
    }
    if traits.is_mail_enabled && !traits.is_unified { Err(rules::exchange_only()) } else { Ok(()) }
}

fn require_role_permission(call: &Call<'_>) -> Result<()> {
    if call.has_role(&[ROLE_PERMISSION]) { Ok(()) } else { Err(Error::denied()) }
}

/// Takes the references out of a body: `members@odata.bind`, and where they may be there, `owners@odata.bind`.
fn take_bound(body: &mut Value, relations: &[Relation], seen: &Directory) -> Result<Bound> {
    let Some(members) = body.as_object_mut() else { return Ok(Bound::new()) };
    let mut bound = Bound::new();
    for relation in [Relation::Members, Relation::Owners] {
        let name = format!("{}@odata.bind", relation.name());
        let Some(value) = members.remove(&name) else { continue };
        let references = value.as_array().filter(|_| relations.contains(&relation));
        let references = references
            .ok_or_else(|| Error::request(format!("The annotation '{name}' is not valid in this request.")))?;
        if bound.iter().map(|(_, rows)| rows.len()).sum::<usize>() + references.len() > MAX_REFERENCES {
            return Err(Error::request(format!(
                "The request refers to more than {MAX_REFERENCES} objects with '@odata.bind'."
            )));
        }
        let mut rows = Vec::new();
        for reference in references {
            let row = reference::row(seen, reference, rules::types_of(relation))?;
            if rows.contains(&row) {
                return Err(Error::request(format!(
                    "Object '{}' can only be present once as an add/remove change.",
                    reference.as_str().unwrap_or_default()
                )));
            }
            rows.push(row);
        }
        bound.push((relation, rows));
    }
    Ok(bound)
}

/// Refuses to add who is there already.
pub(super) fn refuse_present(directory: &Directory, group: u32, relation: Relation, rows: &[u32]) -> Result<()> {
    if rows.iter().any(|row| directory.is_related(group, relation, *row)) {
        let name = relation.name();
        return Err(Error::request(format!(
            "One or more added object references already exist for the following modified properties: '{name}'."
        )));
    }
    Ok(())
}

/// The alias is of one group with mail only.
fn refuse_taken_nickname(directory: &Directory, traits: Traits, changes: &Object, row: Option<u32>) -> Result<()> {
    let Some(nickname) = changes.get("mailNickname").and_then(Value::as_str).filter(|_| traits.is_mail_enabled) else {
        return Ok(());
    };
    let mut others = directory.rows_of_type(ObjectType::Group, 0).filter(|other| Some(*other) != row);
    let taken = others.any(|other| {
        directory.item(other).is_some_and(|item| {
            Traits::of(&item).is_mail_enabled
                && item.value("mailNickname").as_str().is_some_and(|known| known.eq_ignore_ascii_case(nickname))
        })
    });
    if taken { Err(Error::conflict("mailNickname")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_identifiers_are_as_in_the_published_example() {
        let expected = "S-1-12-1-567301463-1099937718-295959174-3827004813";
        assert_eq!(security_identifier("21d05557-b7b6-418f-86fa-a3118d751be4"), expected);
    }
}
