use chrono::TimeDelta;
use futures::executor::block_on;

use super::*;
use crate::testing::{Fault, Sqlite};

fn database() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("warehouse.db")).unwrap();
    (folder, database)
}

fn line(caller: &str, object: &str) -> AuditColumns {
    AuditColumns {
        caller: caller.to_owned(),
        object_id: object.to_owned(),
        operation: "update".to_owned(),
        outcome: "done".to_owned(),
        ..AuditColumns::default()
    }
}

fn add(database: &Sqlite, tenant: &str, lines: &[AuditColumns]) -> Result<(), Error> {
    let link = |previous: &str, sequence: u64, index: usize| AuditText {
        text: format!("{sequence} after {previous}: {}", lines[index].caller),
        hash: format!("h{sequence}"),
    };
    block_on(append(database, tenant, "start", lines, link))
}

fn sequences(database: &Sqlite, tenant: &str, filter: &AuditFilter) -> Vec<u64> {
    block_on(page(database, tenant, filter, 10)).unwrap().iter().map(|line| line.sequence).collect()
}

#[test]
fn lines_hang_together_and_tenants_apart() {
    let (_folder, database) = database();
    assert_eq!(sequences(&database, "t", &AuditFilter::default()), [0_u64; 0]);
    add(&database, "t", &[line("a", "X"), line("b", "Y")]).unwrap();
    add(&database, "other", &[line("a", "X")]).unwrap();
    add(&database, "t", &[line("a", "Y")]).unwrap();
    let all = block_on(page(&database, "t", &AuditFilter::default(), 10)).unwrap();
    let told: Vec<_> = all.iter().map(|line| (line.sequence, line.record.as_str(), line.previous.as_str())).collect();
    assert_eq!(told, [(3, "3 after h2: a", "h2"), (2, "2 after h1: b", "h1"), (1, "1 after start: a", "start")]);
    assert_eq!(sequences(&database, "other", &AuditFilter::default()), [1]);
}

#[test]
fn lines_are_found() {
    let (_folder, database) = database();
    add(&database, "t", &[line("a", "X"), line("b", "Y"), line("a", "Y")]).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let any = AuditFilter::default;
    for (filter, expected) in [
        (AuditFilter { caller: text("a"), ..any() }, vec![3, 1]),
        (AuditFilter { object_id: text("y"), ..any() }, vec![3, 2]),
        (AuditFilter { object_id: text("Y"), caller: text("b"), ..any() }, vec![2]),
        (AuditFilter { operation: text("delete"), ..any() }, vec![]),
        (AuditFilter { before: Some(3), ..any() }, vec![2, 1]),
        (AuditFilter { from: Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(1)), ..any() }, vec![]),
        (AuditFilter { to: Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(1)), ..any() }, vec![3, 2, 1]),
    ] {
        assert_eq!(sequences(&database, "t", &filter), expected, "{filter:?}");
    }
    let count = |most| block_on(count_since(&database, "t", "done", DateTime::UNIX_EPOCH, most)).unwrap();
    assert_eq!((count(10), count(2)), (3, 2));
}

#[test]
fn nothing_is_appended_by_halves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    add(&Sqlite::open(&path).unwrap(), "t", &[line("a", "X")]).unwrap();
    // The transaction begins, the head is read, and the second line fails.
    let broken = Sqlite::open(&path).unwrap().with_fault(Fault::Once(4));
    assert!(add(&broken, "t", &[line("b", "X"), line("c", "X")]).is_err());
    assert_eq!(sequences(&broken, "t", &AuditFilter::default()), [1]);
    add(&broken, "t", &[line("d", "X")]).unwrap();
    assert_eq!(sequences(&broken, "t", &AuditFilter::default()), [2, 1]);
}

#[test]
fn many_writers_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    add(&Sqlite::open(&path).unwrap(), "t", &[line("a", "X")]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let database = Sqlite::open(&path).unwrap();
                block_on(database.execute("PRAGMA busy_timeout = 10000", &[])).unwrap();
                for _ in 0..25 {
                    add(&database, "t", &[line("a", "X")]).unwrap();
                }
            });
        }
    });
    let database = Sqlite::open(&path).unwrap();
    let lines = block_on(page(&database, "t", &AuditFilter::default(), 1000)).unwrap();
    assert_eq!(lines.len(), 101);
    for pair in lines.windows(2) {
        assert_eq!((pair[0].sequence, pair[0].previous.as_str()), (pair[1].sequence + 1, pair[1].hash.as_str()));
    }
}

#[test]
fn deletions_are_counted_over_an_hour() {
    let (_folder, database) = database();
    let begin = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let take = |tenant: &str, caller: &str, minutes: i64| {
        block_on(take_deletion(&database, tenant, caller, 2, begin + TimeDelta::minutes(minutes))).unwrap()
    };
    assert_eq!([0, 0, 0, 30, 59].map(|minute| take("t", "a", minute)), [true, true, false, false, false]);
    assert!(take("t", "b", 0) && take("other", "a", 0), "others have their own");
    assert!(take("t", "a", 60), "an hour later the first ones are forgotten");
    assert!(block_on(take_deletion(&database, "t", "a", 0, begin)).is_ok_and(|may| !may));
}
