//! What storing a page makes of the tables.

use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use runtime::{Database, Value};
use serde_json::{Value as Json, json};
use warehouse::{
    Acquired, Ceiling, Column, ColumnKind, Completion, JobKey, Kind, Lease, Links, Page, PageOutcome, Phase, Round,
    RunEnd, RunStart, RunStatus, Source, Table, Warehouse, testing::Sqlite,
};

fn table() -> Table {
    let column = |(name, kind, source): (&str, ColumnKind, Source)| Column {
        name: name.to_owned(),
        kind,
        source,
        description: format!("{name} of the user"),
    };
    let path = |path: &str| Source::Path(path.to_owned());
    let columns = [
        ("active", ColumnKind::Boolean, path("$.accountEnabled")),
        ("business_phone", ColumnKind::Text, path("$.businessPhones[0]")),
        ("city", ColumnKind::Text, path("$.city")),
        ("cost_center", ColumnKind::Text, path("$.employeeOrgData.costCenter")),
        ("description", ColumnKind::Text, Source::Nowhere),
        ("manager_person_id", ColumnKind::Text, Source::Reference("manager".to_owned())),
    ];
    Table { name: "account", resource: "users", columns: columns.into_iter().map(column).collect() }
}

struct Bench {
    warehouse: Warehouse<Sqlite>,
    observer: Sqlite,
    lease: Lease,
    run: i64,
    round: Round,
    _folder: tempfile::TempDir,
}

fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z").unwrap().to_utc()
}

fn key() -> JobKey {
    JobKey { tenant: "contoso".to_owned(), job: "inventory-users".to_owned() }
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warehouse.db");
        let warehouse = block_on(Warehouse::open(Sqlite::open(&path).unwrap(), &table())).unwrap();
        let observer = Sqlite::open(&path).unwrap();
        let acquired = block_on(warehouse.acquire(&key(), "owner", TimeDelta::seconds(20), start())).unwrap();
        let Acquired::Held(lease, _) = acquired else { panic!("the lease is free") };
        let (run, round) = begin(&warehouse, &lease, Phase::Full);
        Self { warehouse, observer, lease, run, round, _folder: folder }
    }

    fn try_store(&mut self, objects: &Json, links: Links<'_>) -> Result<PageOutcome, warehouse::Error> {
        let text = objects.to_string();
        let page = Page { run: self.run, objects: &text, links, graph_calls: 1 };
        let outcome =
            block_on(self.warehouse.store_page(&self.lease, &self.round, &page, Ceiling::default(), start()))?;
        if let PageOutcome::Stored(counts) = outcome {
            self.round.counts += counts;
            self.round.next_link = match links {
                Links::Next(link) => Some(link.to_owned()),
                Links::Delta(_) => None,
            };
        }
        Ok(outcome)
    }

    fn store(&mut self, objects: &Json, links: Links<'_>) -> [u64; 4] {
        let PageOutcome::Stored(counts) = self.try_store(objects, links).unwrap() else { panic!("held") };
        [counts.seen, counts.added, counts.updated, counts.removed]
    }

    fn complete(&mut self) -> Completion {
        block_on(self.warehouse.complete_round(&self.lease, self.run, &self.round, Ceiling::default(), start()))
            .unwrap()
    }

    /// A round with one page.
    fn round(&mut self, phase: Phase, objects: &Json) -> [u64; 4] {
        (self.run, self.round) = begin(&self.warehouse, &self.lease, phase);
        let counts = self.store(objects, Links::Delta("delta"));
        let Completion::Complete { removed, .. } = self.complete() else { panic!("held") };
        [counts[0], counts[1], counts[2], counts[3] + removed]
    }

    fn query(&self, statement: &str) -> String {
        let rows = block_on(self.observer.execute(statement, &[])).unwrap();
        let show = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::Integer(integer) => integer.to_string(),
            Value::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        let line = |row: &Vec<Value>| row.iter().map(show).collect::<Vec<_>>().join(" ");
        rows.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn accounts(&self) -> String {
        self.query("SELECT id, active, city, business_phone, cost_center, manager_person_id, deleted_reason FROM account ORDER BY id")
    }

    fn changes_of(&self, run: i64) -> String {
        self.query(&format!(
            "SELECT object_id, change, attribute, old, new FROM change_log WHERE run = {run} ORDER BY sequence"
        ))
    }
}

fn begin(warehouse: &Warehouse<Sqlite>, lease: &Lease, phase: Phase) -> (i64, Round) {
    let start_of = RunStart { round: None, phase, request: "/users/delta", deletes_accepted: false };
    block_on(warehouse.begin_run(lease, &start_of, start())).unwrap()
}

fn ann() -> Json {
    json!({"id": "ann", "accountEnabled": true, "city": "Oslo", "businessPhones": ["1", "2"],
        "employeeOrgData": {"costCenter": "c1", "division": "d"}, "manager@delta": [{"id": "bob"}]})
}

#[test]
fn a_full_read_makes_a_row_and_one_change_an_object() {
    let mut bench = Bench::new();
    let objects = json!([ann(), {"id": "bob"}, {"id": "zoe", "@removed": {"reason": "deleted"}}]);
    assert_eq!(bench.store(&objects, Links::Delta("d")), [3, 2, 0, 0], "who was never known is not removed");
    assert_eq!(bench.complete(), Completion::Complete { removed: 0, total: 2 });
    assert_eq!(bench.accounts(), "ann 1 Oslo 1 c1 bob -\nbob - - - - - -");
    assert_eq!(bench.changes_of(bench.run), "ann created - - -\nbob created - - -");
    let raw: Json = serde_json::from_str(&bench.query("SELECT raw FROM account WHERE id = 'ann'")).unwrap();
    assert_eq!(raw, ann(), "as Graph gave it");
}

#[test]
fn a_delta_changes_what_it_says_and_nothing_else() {
    let cases = [
        ("an id alone", json!({"id": "ann"}), "ann 1 Oslo 1 c1 bob -", ""),
        ("a value", json!({"id": "ann", "city": "Ås"}), "ann 1 Ås 1 c1 bob -", "ann updated city Oslo Ås"),
        ("a null", json!({"id": "ann", "city": null}), "ann 1 - 1 c1 bob -", "ann updated city Oslo -"),
        ("a boolean", json!({"id": "ann", "accountEnabled": false}), "ann 0 Oslo 1 c1 bob -", "ann updated active 1 0"),
        (
            "no phone",
            json!({"id": "ann", "businessPhones": []}),
            "ann 1 Oslo - c1 bob -",
            "ann updated business_phone 1 -",
        ),
        (
            "a structure without a member",
            json!({"id": "ann", "employeeOrgData": {"division": "e"}}),
            "ann 1 Oslo 1 - bob -",
            "ann updated cost_center c1 -",
        ),
        (
            "no structure",
            json!({"id": "ann", "employeeOrgData": null}),
            "ann 1 Oslo 1 - bob -",
            "ann updated cost_center c1 -",
        ),
        (
            "another manager",
            json!({"id": "ann", "manager@delta": [{"id": "bob", "@removed": {"reason": "deleted"}}, {"id": "eve"}]}),
            "ann 1 Oslo 1 c1 eve -",
            "ann updated manager_person_id bob eve",
        ),
        (
            "no manager",
            json!({"id": "ann", "manager@delta": [{"id": "bob", "@removed": {"reason": "deleted"}}]}),
            "ann 1 Oslo 1 c1 - -",
            "ann updated manager_person_id bob -",
        ),
        (
            "an old removal said again",
            json!({"id": "ann", "manager@delta": [{"id": "kim", "@removed": {"reason": "deleted"}}]}),
            "ann 1 Oslo 1 c1 bob -",
            "",
        ),
        (
            "a soft delete",
            json!({"id": "ann", "@removed": {"reason": "changed"}}),
            "ann 1 Oslo 1 c1 bob changed",
            "ann deleted deleted_reason - changed",
        ),
    ];
    for (name, object, account, changes) in cases {
        let mut bench = Bench::new();
        bench.round(Phase::Full, &json!([ann()]));
        bench.round(Phase::Delta, &json!([object]));
        assert_eq!(bench.accounts(), account, "{name}");
        assert_eq!(bench.changes_of(bench.run), changes, "{name}");
        let run = bench.run;
        let again = bench.round(Phase::Delta, &json!([object]));
        assert_eq!(again, [1, 0, 0, 0], "{name}: said twice it changes nothing");
        assert_eq!(bench.changes_of(bench.run), "", "{name}");
        assert_eq!(bench.query("SELECT max(last_seen_run) FROM account"), run_or_full(changes, &object, run), "{name}");
    }
}

/// A row that a delta leaves as it is keeps the run that wrote it; laying an object over another may rewrite `raw` alone.
fn run_or_full(changes: &str, object: &Json, run: i64) -> String {
    let rewritten = !changes.is_empty() || object.get("manager@delta").is_some();
    (if rewritten { run } else { run - 1 }).to_string()
}

#[test]
fn a_deleted_object_can_be_purged_and_restored() {
    let mut bench = Bench::new();
    bench.round(Phase::Full, &json!([ann()]));
    assert_eq!(bench.round(Phase::Delta, &json!([{"id": "ann", "@removed": {"reason": "changed"}}])), [1, 0, 0, 1]);
    assert_eq!(bench.round(Phase::Delta, &json!([{"id": "ann", "@removed": {"reason": "deleted"}}])), [1, 0, 1, 0]);
    assert_eq!(bench.changes_of(bench.run), "ann updated deleted_reason changed deleted");
    assert_eq!(bench.round(Phase::Delta, &json!([{"id": "ann", "city": "Bergen"}])), [1, 1, 0, 0]);
    assert_eq!(bench.changes_of(bench.run), "ann restored deleted_reason deleted -\nann updated city Oslo Bergen");
    assert_eq!(bench.accounts(), "ann 1 Bergen 1 c1 bob -");
}

#[test]
fn an_object_that_occurs_twice_in_a_page_is_stored_in_turn() {
    let mut bench = Bench::new();
    let page = json!([ann(), {"id": "bob"}, {"id": "ann", "city": "Bergen"}, {"id": "ann", "accountEnabled": false}]);
    assert_eq!(bench.store(&page, Links::Delta("d")), [4, 2, 2, 0]);
    assert_eq!(bench.accounts(), "ann 0 Bergen 1 c1 bob -\nbob - - - - - -");
    let page = json!([{"id": "bob", "city": "Rome"}, {"id": "bob", "@removed": {"reason": "deleted"}}]);
    bench.round(Phase::Delta, &page);
    assert_eq!(bench.accounts(), "ann 0 Bergen 1 c1 bob -\nbob - Rome - - - deleted");
}

#[test]
fn a_second_full_read_logs_only_what_differs_and_removes_who_is_absent() {
    let mut bench = Bench::new();
    bench.round(Phase::Full, &json!([ann(), {"id": "bob"}, {"id": "eve", "city": "Rome"}]));
    let changed = json!([ann(), {"id": "eve"}]);
    assert_eq!(bench.round(Phase::Full, &changed), [2, 0, 1, 1]);
    assert_eq!(
        bench.changes_of(bench.run),
        "eve updated city Rome -\nbob deleted deleted_reason - absent",
        "a full read is the whole: what it leaves out is empty"
    );
    assert_eq!(bench.query("SELECT last_seen_run FROM account WHERE id = 'ann'"), bench.run.to_string());
}

#[test]
fn more_removals_than_the_ceiling_hold_until_a_person_agrees() {
    let mut bench = Bench::new();
    let all: Vec<Json> = (0..60).map(|number| json!({"id": format!("u{number:02}")})).collect();
    bench.round(Phase::Full, &Json::Array(all.clone()));
    for (phase, page) in [
        (Phase::Full, Json::Array(all[..9].to_vec())),
        (
            Phase::Delta,
            all[9..].iter().map(|user| json!({"id": user["id"], "@removed": {"reason": "changed"}})).collect(),
        ),
    ] {
        (bench.run, bench.round) = begin(&bench.warehouse, &bench.lease, phase);
        let stored = bench.try_store(&page, Links::Delta("d")).unwrap();
        match phase {
            Phase::Full => assert_eq!(bench.complete(), Completion::Held { removals: 51, allowed: 50 }),
            Phase::Delta => assert_eq!(stored, PageOutcome::Held { removals: 51, allowed: 50 }),
        }
        assert_eq!(bench.query("SELECT count(*) FROM account WHERE deleted_at IS NULL"), "60");
    }
    let accepted = RunStart { round: Some(&bench.round), phase: Phase::Delta, request: "", deletes_accepted: true };
    (bench.run, bench.round) = block_on(bench.warehouse.begin_run(&bench.lease, &accepted, start())).unwrap();
    let removed = all[9..].iter().map(|user| json!({"id": user["id"], "@removed": {"reason": "changed"}})).collect();
    assert_eq!(bench.store(&removed, Links::Delta("d")), [51, 0, 0, 51]);
    assert_eq!(bench.complete(), Completion::Complete { removed: 0, total: 9 });
}

#[test]
fn a_page_with_a_nameless_object_is_refused_whole() {
    for nameless in [json!({"displayName": "x"}), json!(5), json!("text"), json!(null), json!([])] {
        let mut bench = Bench::new();
        let error = bench.try_store(&json!([ann(), nameless]), Links::Next("n")).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidPage, "{error}");
        assert_eq!(bench.accounts(), "");
        assert_eq!(bench.query("SELECT round_pages, round_next_link FROM watermark"), "0 -");
    }
}

#[test]
fn a_lease_is_exclusive_until_it_ends_and_its_stale_owner_cannot_write() {
    let mut bench = Bench::new();
    let duration = TimeDelta::seconds(20);
    let other =
        |after| block_on(bench.warehouse.acquire(&key(), "other", duration, start() + TimeDelta::seconds(after)));
    let Acquired::Busy { until } = other(19).unwrap() else { panic!("the lease holds") };
    assert_eq!(until, start() + duration);
    let Acquired::Held(lease, watermark) = other(20).unwrap() else { panic!("the lease has ended") };
    assert_eq!(watermark.round.as_ref().map(|round| round.run), Some(bench.run), "the round goes on");
    assert_eq!(bench.query("SELECT status FROM inventory_run"), "partial", "the dead run is closed");
    let error = bench.try_store(&json!([ann()]), Links::Next("n")).unwrap_err();
    assert_eq!(error.kind(), Kind::LeaseLost);
    assert_eq!(block_on(bench.warehouse.renew(&bench.lease, start())).unwrap_err().kind(), Kind::LeaseLost);
    assert_eq!(bench.accounts(), "");
    bench.lease = lease;
    assert_eq!(bench.store(&json!([ann()]), Links::Next("n")), [1, 1, 0, 0]);
}

#[test]
fn a_page_is_stored_only_where_the_round_stands() {
    let mut bench = Bench::new();
    bench.store(&json!([ann()]), Links::Next("second"));
    bench.round.next_link = Some("elsewhere".to_owned());
    let error = bench.try_store(&json!([{"id": "bob"}]), Links::Next("third")).unwrap_err();
    assert_eq!(error.kind(), Kind::LeaseLost);
}

#[test]
fn runs_and_population_are_told() {
    let mut bench = Bench::new();
    bench.store(&json!([ann(), {"id": "bob"}]), Links::Delta("d"));
    bench.complete();
    let end = RunEnd { run: bench.run, status: RunStatus::Complete, detail: None, graph_calls: 1, retry_at: None };
    block_on(bench.warehouse.end_run(&bench.lease, &end, start())).unwrap();
    bench.round(Phase::Delta, &json!([{"id": "bob", "@removed": {"reason": "changed"}}]));
    let runs = block_on(bench.warehouse.recent_runs(&key(), 20)).unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((runs[1].status.as_str(), runs[1].counts.seen, runs[1].counts.graph_calls), ("complete", 2, 1));
    let population = block_on(bench.warehouse.population("contoso")).unwrap();
    assert_eq!((population.active, population.deleted), (1, 1));
    assert_eq!(block_on(bench.warehouse.population("fabrikam")).unwrap().active, 0, "tenants are kept apart");
    let watermark = block_on(bench.warehouse.watermark(&key())).unwrap();
    assert_eq!((watermark.delta_link.as_deref(), watermark.total), (Some("delta"), Some(1)));
    assert_eq!(watermark.round, None);
}
