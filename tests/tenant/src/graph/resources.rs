//! What is no directory object: a table says of each collection what Graph does with it, and one interpreter does it.
//!
//! A collection is added by a row of a table in a file of `resources/`, by the name of that table in [`TABLES`], by its
//! operations in `data/operations.json`, by its type in `data/entities.json`, and by what the sample tenant has of it in
//! `data/sample-resources.json`.

use crate::answer::Answer;
use crate::directory::Object;
use crate::directory::replicas::Replicas;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::filter::Filterable;
use crate::resources::has;

mod applications;
mod assignments;
mod body;
mod expand;
mod grants;
mod list;
mod logs;
mod roles;
mod shown;
mod tenant;

/// All tables.
const TABLES: [&[Collection]; 6] =
    [applications::TABLE, assignments::TABLE, grants::TABLE, logs::TABLE, roles::TABLE, tenant::TABLE];

/// What Graph does with the objects of one collection.
pub(super) struct Collection {
    /// The path of the list, as `data/operations.json` has it.
    path: &'static str,
    /// Under which name the store has the objects.
    store: &'static str,
    /// The type of the objects, as `data/entities.json` names it.
    entity: &'static str,
    /// The query options that the list takes beside `$select`; others are refused.
    options: &'static [&'static str],
    /// What `$filter` takes.
    filter: &'static [Filterable],
    /// What `$orderby` takes.
    order_by: &'static [&'static str],
    /// How many objects are on a page without `$top`; all of them where the list is not paged.
    page: usize,
    /// What `$expand` takes.
    expand: &'static [(&'static str, expand::Reader)],
    /// Refuses who may not even ask.
    permit: fn(&Call<'_>) -> Result<()>,
    /// The objects that the path can mean, in the order of the list.
    read: fn(&Call<'_>, &Replicas, &Self) -> Result<Vec<Object>>,
    /// Makes an object of a body that was checked, and returns what is to be shown of it.
    create: fn(&Call<'_>, &mut Replicas, &Self, Object) -> Result<Object>,
    /// Makes changes, which were checked, to an object.
    update: fn(&Call<'_>, &mut Replicas, &Self, &Object, Object) -> Result<()>,
    /// Takes an object away.
    delete: fn(&Call<'_>, &mut Replicas, &Self, &Object) -> Result<()>,
}

/// A collection of nothing, of which the rows of the tables say where they differ.
const PLAIN: Collection = Collection {
    path: "",
    store: "",
    entity: "",
    options: &[],
    filter: &[],
    order_by: &[],
    page: usize::MAX,
    expand: &[],
    permit: |_| Ok(()),
    read: |_, replicas, collection| Ok(replicas.resources.all(collection.store).to_vec()),
    create: add,
    update: |_, replicas, collection, object, changes| {
        replicas.resources.change(collection.store, crate::resources::text(object, "id"), changes);
        Ok(())
    },
    delete: |_, replicas, collection, object| {
        replicas.resources.remove(collection.store, crate::resources::text(object, "id"));
        Ok(())
    },
};

/// What a path asks of a collection.
enum Target {
    List,
    Count,
    One,
}

/// The answer to a call of a collection of the tables; none where it is of none.
pub(super) fn answer(call: &Call<'_>) -> Option<Result<Answer>> {
    let (collection, target) = TABLES.iter().copied().flatten().find_map(|collection| {
        let target = match call.operation.path.strip_prefix(collection.path)? {
            "" => Target::List,
            "/$count" => Target::Count,
            "/{id}" => Target::One,
            _ => return None,
        };
        Some((collection, target))
    })?;
    Some((collection.permit)(call).and_then(|()| act(call, collection, &target)))
}

fn act(call: &Call<'_>, collection: &Collection, target: &Target) -> Result<Answer> {
    match (call.operation.method.as_str(), target) {
        ("GET", Target::List) => list::page(call, collection),
        ("GET", Target::Count) => list::count(call, collection),
        ("GET", Target::One) => {
            let replicas = call.tenant.replicas();
            let object = find(call, &replicas, collection)?;
            shown::one(call, &replicas, collection, &object, 200)
        }
        ("POST", _) => {
            let object = body::create(collection, &call.body()?)?;
            let mut replicas = call.tenant.replicas_mut();
            let object = (collection.create)(call, &mut replicas, collection, object)?;
            shown::one(call, &replicas, collection, &object, 201)
        }
        ("PATCH", _) => {
            let changes = body::update(collection, &call.body()?)?;
            let mut replicas = call.tenant.replicas_mut();
            let object = find(call, &replicas, collection)?;
            (collection.update)(call, &mut replicas, collection, &object, changes)?;
            Ok(Answer::empty(204))
        }
        _ => {
            let mut replicas = call.tenant.replicas_mut();
            let object = find(call, &replicas, collection)?;
            (collection.delete)(call, &mut replicas, collection, &object)?;
            Ok(Answer::empty(204))
        }
    }
}

/// The object that the path names by its id, or by another key such as `name='x'`.
fn find(call: &Call<'_>, replicas: &Replicas, collection: &Collection) -> Result<Object> {
    let key = call.last_key();
    let (property, value) = key.split_once('=').unwrap_or(("id", key));
    let objects = (collection.read)(call, replicas, collection)?;
    // An id may end in the sign that parts the name of another key from its value.
    let found = objects.into_iter().find(|object| has(object, property, value) || has(object, "id", key));
    found.ok_or_else(|| Error::not_found(key))
}

/// Adds an object under a new id.
fn add(_: &Call<'_>, replicas: &mut Replicas, collection: &Collection, mut object: Object) -> Result<Object> {
    object.insert("id".to_owned(), crate::graph::error::new_id().into());
    replicas.resources.add(collection.store, object.clone());
    Ok(object)
}
