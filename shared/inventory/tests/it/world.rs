//! A tenant, a clock and a warehouse for the tests of a tick.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::{Future, pending, ready},
    path::PathBuf,
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, executor::block_on, future::Either};
use inventory::{Context, Decision, DeltaSource, Job, Link, Options, Settings, SourceError, Status, Summary, tick};
use runtime::{Clock, Database, Random, Value};
use serde_json::{Value as Json, json};
use warehouse::{
    Ceiling, Column, ColumnKind, Source, Table,
    testing::{Fault, Sqlite},
};

/// A tenant that answers delta queries, page by page, from a list of changes.
#[derive(Default)]
pub(crate) struct Tenant {
    pub(crate) users: BTreeMap<String, Json>,
    pub(crate) log: Vec<(String, Option<&'static str>)>,
}

impl Tenant {
    pub(crate) fn set(&mut self, id: &str, user: Json) {
        self.users.insert(id.to_owned(), user);
        self.log.push((id.to_owned(), None));
    }

    pub(crate) fn remove(&mut self, id: &str, reason: &'static str) {
        self.users.remove(id);
        self.log.push((id.to_owned(), Some(reason)));
    }

    fn object(&self, id: &str, removed: Option<&str>) -> Json {
        match (self.users.get(id), removed) {
            (Some(user), _) => {
                let mut user = user.clone();
                user["id"] = json!(id);
                user
            }
            (None, reason) => json!({"id": id, "@removed": {"reason": reason.unwrap_or("deleted")}}),
        }
    }

    /// The page at `full/OFFSET/SINCE` or `delta/FROM/TO`, two objects long.
    fn page(&self, link: &str) -> Bytes {
        let parts: Vec<&str> = link.split('/').collect();
        let number = |index: usize| parts[index].parse::<usize>().unwrap();
        let (objects, next): (Vec<Json>, String) = if parts[0] == "full" {
            let ids: Vec<&String> = self.users.keys().skip(number(1)).take(2).collect();
            let end = number(1) + ids.len();
            let next = if end < self.users.len() { format!("full/{end}/{}", parts[2]) } else { String::new() };
            (ids.into_iter().map(|id| self.object(id, None)).collect(), next)
        } else {
            let end = (number(1) + 2).min(self.log.len());
            let objects = self.log[number(1)..end].iter().map(|(id, removed)| self.object(id, *removed)).collect();
            let next = if end < self.log.len() { format!("delta/{end}") } else { String::new() };
            (objects, next)
        };
        let since = if parts[0] == "full" { number(2) } else { self.log.len() };
        let body = match next.as_str() {
            "" => json!({"value": objects, "@odata.deltaLink": format!("delta/{since}")}),
            next => json!({"value": objects, "@odata.nextLink": next}),
        };
        Bytes::from(body.to_string())
    }
}

/// What happens to a call instead of an answer.
#[derive(Clone)]
pub(crate) enum Trouble {
    Error(SourceError),
    Body(&'static str),
    Hang,
    /// The user is gone from the tenant, and Graph can no longer go on.
    VanishAndReset(&'static str),
    /// Another run takes the job over before the page comes.
    TakenOver,
}

/// Everything a tick needs, and what the tests do to it.
pub(crate) struct World {
    pub(crate) tenant: RefCell<Tenant>,
    pub(crate) now: Cell<DateTime<Utc>>,
    pub(crate) calls: Cell<u64>,
    /// Trouble by the number of the call.
    pub(crate) trouble: RefCell<BTreeMap<u64, Trouble>>,
    /// How long a call takes.
    pub(crate) latency: Cell<TimeDelta>,
    pub(crate) folder: tempfile::TempDir,
    names: Cell<u8>,
}

impl World {
    pub(crate) fn new(users: usize) -> Self {
        let now = DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap().to_utc();
        let world = Self {
            tenant: RefCell::default(),
            now: Cell::new(now),
            calls: Cell::default(),
            trouble: RefCell::default(),
            latency: Cell::new(TimeDelta::milliseconds(10)),
            folder: tempfile::tempdir().unwrap(),
            names: Cell::default(),
        };
        for number in 0..users {
            world.tenant.borrow_mut().set(&format!("user{number:03}"), json!({"city": format!("city {number}")}));
        }
        world
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("warehouse.db")
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.now.set(self.now.get() + time);
    }

    pub(crate) fn trouble(&self, call: u64, trouble: Trouble) {
        self.trouble.borrow_mut().insert(self.calls.get() + call, trouble);
    }

    pub(crate) fn context<D>(&self, database: D) -> Context<&Self, D, &Self, &Self> {
        let settings =
            Settings { tenant: "contoso".to_owned(), budget: Duration::from_secs(60), ceiling: Ceiling::default() };
        Context { source: self, database, clock: self, random: self, settings }
    }

    pub(crate) fn tick(&self) -> Summary {
        self.tick_with(&job(), 60, Decision::Ask)
    }

    pub(crate) fn tick_with(&self, job: &Job, budget: u64, decision: Decision) -> Summary {
        let context = self.context(Sqlite::open(&self.path()).unwrap());
        block_on(tick(job, &context, Options { budget: Duration::from_secs(budget), decision })).unwrap()
    }

    /// A tick in which a statement fails; gives whether it came to its end all the same.
    pub(crate) fn tick_with_fault(&self, fault: Fault) -> bool {
        let context = self.context(Sqlite::open(&self.path()).unwrap().with_fault(fault));
        let options = Options { budget: Duration::from_secs(60), decision: Decision::Ask };
        let summary = block_on(tick(&job(), &context, options));
        matches!(summary, Ok(Summary { status: Status::Complete, .. }))
    }

    /// Ticks until the inventory is complete, after whatever lease a dead run left has ended.
    pub(crate) fn recover(&self) -> Summary {
        self.trouble.borrow_mut().clear();
        for _ in 0..3 {
            self.pass(TimeDelta::seconds(60));
            let summary = self.tick();
            if summary.status == Status::Complete {
                return summary;
            }
        }
        panic!("the inventory does not recover: {:?}", self.tick());
    }

    pub(crate) fn query(&self, statement: &str) -> Vec<String> {
        let rows = block_on(Sqlite::open(&self.path()).unwrap().execute(statement, &[])).unwrap();
        let show = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::Integer(integer) => integer.to_string(),
            Value::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        rows.rows.iter().map(|row| row.iter().map(show).collect::<Vec<_>>().join("|")).collect()
    }

    pub(crate) fn changes(&self) -> Vec<String> {
        self.query("SELECT object_id, change, attribute, old, new FROM change_log ORDER BY sequence")
    }

    /// The rows are the tenant's users: none missing, none twice, none wrong.
    pub(crate) fn check(&self, situation: &str) {
        let rows = self.query("SELECT id, city, manager FROM account WHERE deleted_at IS NULL ORDER BY id");
        let tenant = self.tenant.borrow();
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        let users: Vec<String> = tenant
            .users
            .iter()
            .map(|(id, user)| format!("{id}|{}|{}", text(&user["city"]), text(&user["manager@delta"][0]["id"])))
            .collect();
        assert_eq!(rows, users, "{situation}");
    }
}

impl DeltaSource for &World {
    fn page(&self, link: Link<'_>) -> impl Future<Output = Result<Bytes, SourceError>> {
        self.calls.set(self.calls.get() + 1);
        self.pass(self.latency.get());
        let trouble = self.trouble.borrow().get(&self.calls.get()).cloned();
        if let Some(Trouble::VanishAndReset(id)) = trouble {
            self.tenant.borrow_mut().remove(id, "deleted");
        }
        if let Some(Trouble::TakenOver) = trouble {
            let other = Sqlite::open(&self.path()).unwrap();
            let taken = "UPDATE watermark SET lease_owner = 'other', fence = fence + 1";
            other.execute(taken, &[]).now_or_never().unwrap().unwrap();
        }
        let tenant = self.tenant.borrow();
        let answer = match (trouble, link) {
            (Some(Trouble::VanishAndReset(id)), _) => Err(SourceError::Reset(format!("{id} is gone"))),
            (Some(Trouble::Error(error)), _) => Err(error),
            (Some(Trouble::Body(body)), _) => Ok(Bytes::from_static(body.as_bytes())),
            (Some(Trouble::Hang), _) => return Either::Right(pending()),
            (_, Link::Start(request)) => {
                assert!(request.starts_with("/users/delta?$select="), "{request}");
                Ok(tenant.page(&format!("full/0/{}", tenant.log.len())))
            }
            (_, Link::Follow(link)) => Ok(tenant.page(link)),
        };
        Either::Left(ready(answer))
    }

    fn calls(&self) -> u64 {
        self.calls.get()
    }
}

impl Clock for &World {
    fn now(&self) -> DateTime<Utc> {
        self.now.get()
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(TimeDelta::from_std(duration).unwrap());
    }
}

impl Random for &World {
    fn fill(&self, buffer: &mut [u8]) {
        self.names.set(self.names.get() + 1);
        buffer.fill(self.names.get());
    }
}

pub(crate) fn job() -> Job {
    let column = |name: &str, source| Column {
        name: name.to_owned(),
        kind: ColumnKind::Text,
        source,
        description: format!("{name} of the user"),
    };
    let columns = vec![
        column("city", Source::Path("$.city".to_owned())),
        column("manager", Source::Reference("manager".to_owned())),
    ];
    Job {
        name: "inventory-users",
        resource: "users",
        delta_path: "/users/delta",
        select: vec!["id", "city", "manager"],
        table: Table { name: "account", resource: "users", columns },
    }
}
