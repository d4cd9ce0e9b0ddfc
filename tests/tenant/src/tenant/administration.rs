//! What an administrator, or directory synchronisation, does in the directory behind Graph's back.

use serde_json::Value;

use crate::contract::ObjectType;
use crate::directory::Directory;
use crate::directory::relations::Relation;
use crate::graph::{groups, write};
use crate::tenant::{Refused, Tenant};

impl Tenant {
    /// The ids of all users in the directory, in the order of the list.
    pub fn ids(&self) -> Vec<String> {
        let directory = &self.replicas().primary;
        (0..directory.rows()).filter_map(|row| directory.user(row)).map(|user| user.id()).collect()
    }

    /// Everything the directory holds of a user, by id or principal name, `manager` as an id.
    pub fn user(&self, id: &str) -> Option<Value> {
        let directory = &self.replicas().primary;
        let row = directory.find(id)?;
        let mut user = directory.user(row)?.to_object();
        if let Some(manager) = directory.manager(row).and_then(|row| directory.user(row)) {
            user.insert("manager".to_owned(), manager.id().into());
        }
        Some(Value::Object(user))
    }

    /// Everything the directory holds of a group, `members` and `owners` as ids.
    pub fn group(&self, id: &str) -> Option<Value> {
        let directory = &self.replicas().primary;
        let row = directory.find_of(ObjectType::Group, id)?;
        let mut group = directory.item(row)?.to_object();
        for relation in [Relation::Members, Relation::Owners] {
            let rows = directory.related(row, relation).filter_map(|row| directory.item(row));
            group.insert(relation.name().to_owned(), rows.map(|item| item.id()).collect());
        }
        Some(Value::Object(group))
    }

    /// The ids of all groups in the directory, in the order of the list.
    pub fn group_ids(&self) -> Vec<String> {
        let directory = &self.replicas().primary;
        let rows = directory.rows_of_type(ObjectType::Group, 0);
        rows.filter_map(|row| directory.item(row)).map(|item| item.id()).collect()
    }

    /// Creates a user from the same body that `POST /users` takes, and returns its id.
    ///
    /// # Errors
    ///
    /// When Graph would refuse the body.
    pub fn create(&self, user: Value) -> Result<String, Refused> {
        write::create(&mut self.replicas_mut(), &user).map_err(|error| Refused(error.message))
    }

    /// Creates a group from the same body that `POST /groups` takes, and returns its id.
    ///
    /// # Errors
    ///
    /// When Graph would refuse the body.
    pub fn create_group(&self, group: Value) -> Result<String, Refused> {
        groups::create(&mut self.replicas_mut(), &group).map_err(|error| Refused(error.message))
    }

    /// Makes an object a member of a group, of whatever kind, by their ids.
    ///
    /// # Errors
    ///
    /// When there is no such group or object.
    pub fn add_member(&self, group: &str, member: &str) -> Result<(), Refused> {
        self.link(group, member, |directory, group, member| directory.link(group, Relation::Members, &[member]))
    }

    /// Puts an end to an object being a member of a group.
    ///
    /// # Errors
    ///
    /// When there is no such group or object.
    pub fn remove_member(&self, group: &str, member: &str) -> Result<(), Refused> {
        self.link(group, member, |directory, group, member| directory.unlink(group, Relation::Members, member))
    }

    /// Sets properties of a user or group, also those that only the directory itself may write; null clears one.
    ///
    /// # Errors
    ///
    /// When there is no such object, or a property is unknown or of the wrong type.
    pub fn update(&self, id: &str, changes: Value) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = found(directory, id)?;
        write::overwrite(directory, row, &changes).map_err(|error| Refused(error.message))
    }

    /// Moves a user or group to the deleted items.
    ///
    /// # Errors
    ///
    /// When there is no such object.
    pub fn delete(&self, id: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = found(directory, id)?;
        directory.delete(row);
        Ok(())
    }

    /// Takes a user or group out of the deleted items for good.
    ///
    /// # Errors
    ///
    /// When no such object is in the deleted items.
    pub fn purge(&self, id: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = directory.row_of_id(id).filter(|row| directory.deleted_rows().any(|deleted| deleted == *row));
        directory.purge(row.ok_or_else(|| Refused(format!("no object {id} is in the deleted items")))?);
        Ok(())
    }

    /// Makes one user the manager of another.
    ///
    /// # Errors
    ///
    /// When there is no such user, or both are the same.
    pub fn set_manager(&self, id: &str, manager: &str) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let find = |id: &str| directory.find(id).ok_or_else(|| Refused(format!("there is no user {id}")));
        let (row, manager) = (find(id)?, find(manager)?);
        if row == manager {
            return Err(Refused(format!("{id} cannot be the manager of itself")));
        }
        directory.set_manager(row, Some(manager));
        Ok(())
    }

    fn link(&self, group: &str, other: &str, change: fn(&mut Directory, u32, u32)) -> Result<(), Refused> {
        let directory = &mut self.replicas_mut().primary;
        let row = directory.find_of(ObjectType::Group, group);
        let row = row.ok_or_else(|| Refused(format!("there is no group {group}")))?;
        let other = found(directory, other)?;
        change(directory, row, other);
        Ok(())
    }
}

/// The row of a user, by id or principal name, or of a group, by id.
fn found(directory: &Directory, id: &str) -> Result<u32, Refused> {
    directory.find_any(id).ok_or_else(|| Refused(format!("there is no object {id}")))
}
