//! A request on its way to an operation, and what operations ask of it.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clock;
use crate::contract::{ObjectType, Operation};
use crate::directory::item::Item;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, json as writer};
use crate::graph::error::{Error, Result};
use crate::graph::query::Query;
use crate::graph::related::Relationship;
use crate::graph::select::Selection;
use crate::graph::{filter, get};
use crate::login::tokens::Grant;
use crate::tenant::{Request, Tenant};

/// Everything an operation needs to answer.
pub(super) struct Call<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) request: &'a Request,
    pub(super) grant: &'a Grant,
    pub(super) operation: &'static Operation,
    /// The key in the path, such as a user's id; empty where the path has none.
    pub(super) key: String,
    /// The second key, such as the id of a group's member.
    pub(super) inner_key: String,
    pub(super) query: Query,
    /// Whether the page that is asked for is to come empty, with a link to itself.
    pub(super) empty_page: bool,
}

impl Call<'_> {
    /// The row of the object in the path.
    pub(super) fn row_of(&self, directory: &Directory, object_type: ObjectType) -> Result<u32> {
        directory.find_of(object_type, &self.key).ok_or_else(|| Error::not_found(&self.key))
    }

    /// The row of the object in the path, to write to: it has to be seen, and still be there.
    pub(super) fn row_to_write(&self, replicas: &Replicas, object_type: ObjectType) -> Result<u32> {
        let row = self.row_of(replicas.seen(), object_type)?;
        replicas.primary.item(row).map(|_| row).ok_or_else(|| Error::not_found(&self.key))
    }

    /// A selection, cut to what the token may see.
    pub(super) fn shown(&self, mut selection: Selection) -> Result<Selection> {
        selection.permit(self)?;
        selection.require_extensions(&self.tenant.extensions())?;
        selection.hide_unreadable(self.grant);
        Ok(selection)
    }

    /// Refuses directory extension properties in a body that are not defined, or cannot hold their values.
    pub(super) fn check_extensions(&self, body: &Value, object_type: ObjectType) -> Result<()> {
        let extensions = self.tenant.extensions();
        let members = body.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| filter::extension_name(name)) {
            let known = extensions.find(name, object_type).ok_or_else(|| Error::unknown_property(name))?;
            if !known.takes(value) {
                return Err(Error::value(object_type, name));
            }
        }
        Ok(())
    }

    /// The last key in the path: of what is to be read, changed or deleted.
    pub(super) fn last_key(&self) -> &str {
        if self.inner_key.is_empty() { &self.key } else { &self.inner_key }
    }

    /// Whether the token has one of these permissions.
    pub(super) fn has_role(&self, names: &[&str]) -> bool {
        self.grant.roles.iter().any(|role| names.contains(&role.as_str()))
    }

    /// 201, with what was made.
    pub(super) fn created(&self, directory: &Directory, id: &str) -> Result<Answer> {
        let item = directory.row_of_id(id).and_then(|row| directory.item(row));
        let item = item.ok_or_else(|| Error::not_found(id))?;
        let selection = Selection::of(item.object_type, None)?;
        let context = self.context(&format!("{}/$entity", item.object_type.collection()));
        let location = format!(
            "{}/v2/{}/directoryObjects/{id}/Microsoft.DirectoryServices.{}",
            self.tenant.origin(),
            crate::TENANT_ID,
            item.object_type.resource()
        );
        Ok(Answer::odata(201, get::entity(&context, &item, directory, &selection)).with("location", location))
    }

    /// The URL by which others refer to an object.
    pub(super) fn reference_to(&self, id: &str) -> String {
        format!("{}/v1.0/directoryObjects/{id}", self.tenant.origin())
    }

    pub(super) fn write_reference(&self, id: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"@odata.id\":");
        writer::string(out, &self.reference_to(id));
        out.push(b'}');
    }

    /// Whether a link to a next page, made then (in milliseconds since 1970), can be used no more.
    pub(super) fn has_expired(&self, made: i64) -> bool {
        let lifetime = self.tenant.settings().page_token_lifetime;
        lifetime > 0 && clock::now_in_milliseconds().saturating_sub(made).unsigned_abs() >= lifetime
    }

    /// The `@odata.context` of something.
    pub(super) fn context(&self, of: &str) -> String {
        format!("{}/v1.0/$metadata#{of}", self.tenant.origin())
    }

    /// The JSON in the body.
    pub(super) fn body(&self) -> Result<Value> {
        let refuse = || {
            Error::syntax(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )
        };
        if !self
            .request
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with(crate::answer::JSON))
        {
            return Err(refuse());
        }
        serde_json::from_slice(&self.request.body).map_err(|_| refuse())
    }
}

/// An object as a filter sees it.
pub(super) struct Candidate<'a> {
    pub(super) item: &'a Item<'a>,
    pub(super) directory: &'a Directory,
}

impl filter::Subject for Candidate<'_> {
    fn value(&self, name: &str) -> Value {
        let navigation = self.item.object_type.schema().navigation(name);
        match Relationship::of(name).filter(|_| navigation.is_some()) {
            Some(relationship) => relationship.rows(self.directory, self.item.row).into(),
            None if navigation.is_some() && name == "manager" => {
                let manager = self.directory.manager(self.item.row).and_then(|row| self.directory.user(row));
                manager.map_or(Value::Null, |manager| json!({ "id": manager.id() }))
            }
            None => self.item.value(name),
        }
    }
}
