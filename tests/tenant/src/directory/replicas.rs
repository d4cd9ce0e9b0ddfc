//! The directory that is written, and the copy that is read while changes take their time to arrive.

use std::time::{Duration, Instant};

use crate::contract::ObjectType;
use crate::directory::{Directory, Object};
use crate::resources::Resources;

/// One directory for reads and writes, or with a delay, one for each.
pub(crate) struct Replicas {
    /// The directory that is written.
    pub(crate) primary: Directory,
    /// What is beside the directory; its changes are seen at once.
    pub(crate) resources: Resources,
    copy: Option<Directory>,
    /// What is not in the directory before its time has come.
    coming: Vec<(Instant, Vec<(ObjectType, Object)>)>,
    delay: Duration,
}

impl Replicas {
    /// A directory whose changes are seen after this delay.
    pub(crate) fn new(primary: Directory, delay: Duration) -> Self {
        let mut replicas =
            Self { primary, resources: Resources::default(), copy: None, coming: Vec::new(), delay: Duration::ZERO };
        replicas.set_delay(delay);
        replicas
    }

    /// The same with these resources.
    pub(crate) fn beside(self, resources: Resources) -> Self {
        Self { resources, ..self }
    }

    /// Sets the delay, also of the changes that are still to be seen; without one they are seen at once.
    pub(crate) fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
        if delay.is_zero() {
            self.copy = None;
            self.primary.journal = None;
        } else if self.copy.is_none() {
            self.copy = Some(self.primary.clone());
            self.primary.journal = Some(Vec::new().into());
        }
    }

    /// The directory as reads see it.
    pub(crate) fn seen(&self) -> &Directory {
        self.copy.as_ref().unwrap_or(&self.primary)
    }

    /// Adds objects, which have ids, to the directory when the time has come.
    pub(crate) fn make(&mut self, objects: Vec<(ObjectType, Object)>, due: Instant) {
        self.coming.push((due, objects));
        self.catch_up(Instant::now());
    }

    /// Whether there are changes whose time has come.
    pub(crate) fn is_behind(&self, now: Instant) -> bool {
        let first = self.primary.journal.as_ref().and_then(|journal| journal.front());
        first.is_some_and(|change| change.made + self.delay <= now) || self.coming.iter().any(|(due, _)| *due <= now)
    }

    /// Makes the changes seen whose time has come.
    pub(crate) fn catch_up(&mut self, now: Instant) {
        for (_, objects) in self.coming.extract_if(.., |(due, _)| *due <= now) {
            for (object_type, object) in objects {
                self.primary.create(object_type, object, None);
            }
        }
        let (Some(journal), Some(copy)) = (self.primary.journal.as_mut(), self.copy.as_mut()) else { return };
        while let Some(change) = journal.pop_front_if(|change| change.made + self.delay <= now) {
            copy.take_over(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: &Value) -> Object {
        value.as_object().unwrap().clone()
    }

    fn title(directory: &Directory, row: u32) -> Option<Value> {
        directory.user(row).map(|user| user.value("jobTitle"))
    }

    #[test]
    fn each_change_is_seen_in_its_time() {
        let mut replicas = Replicas::new(Directory::generated(30), Duration::from_secs(60));
        let new = object(&json!({"userPrincipalName": "new@contoso.com", "jobTitle": "New"}));
        let row = replicas.primary.create(ObjectType::User, new, Some(3));
        replicas.primary.update(4, object(&json!({"jobTitle": "Changed", "userPrincipalName": "changed@contoso.com"})));
        replicas.primary.set_manager(5, Some(row));
        replicas.primary.delete(6);
        let (now, soon) = (Instant::now(), Instant::now() + Duration::from_secs(61));
        assert!(!replicas.is_behind(now) && replicas.is_behind(soon));
        replicas.catch_up(now);

        let seen = replicas.seen();
        assert_eq!((seen.rows(), seen.count(), seen.log.position()), (30, 30, 0));
        assert_eq!((seen.find("new@contoso.com"), seen.find("changed@contoso.com")), (None, None));
        assert_ne!(title(seen, 4), Some(json!("Changed")));
        assert_ne!(seen.manager(5), Some(row));
        assert!(seen.user(6).is_some() && seen.deleted_rows().next().is_none());

        replicas.catch_up(soon);
        let (seen, primary) = (replicas.seen(), &replicas.primary);
        assert_eq!((seen.rows(), seen.count(), seen.log.position()), (31, 30, 4));
        assert_eq!(seen.log.digest(4), primary.log.digest(4));
        assert_eq!((seen.find("new@contoso.com"), seen.find("changed@contoso.com")), (Some(row), Some(4)));
        assert_eq!((title(seen, 4), seen.manager(5), seen.manager(row)), (Some(json!("Changed")), Some(row), Some(3)));
        assert!(seen.user(6).is_none() && seen.deleted_rows().eq([6]));
        assert!(!replicas.is_behind(soon));
    }

    #[test]
    fn without_a_delay_all_is_seen_at_once() {
        let mut replicas = Replicas::new(Directory::generated(3), Duration::from_secs(60));
        replicas.primary.delete(1);
        assert!(replicas.seen().user(1).is_some());
        replicas.set_delay(Duration::ZERO);
        assert!(replicas.seen().user(1).is_none());
        replicas.primary.delete(2);
        assert!(replicas.seen().user(2).is_none());
        replicas.set_delay(Duration::from_secs(60));
        replicas.primary.delete(0);
        assert!(replicas.seen().user(0).is_some() && replicas.seen().user(2).is_none());
    }
}
