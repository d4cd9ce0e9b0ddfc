use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use runtime::Database;
use trust::audit::{Broken, Verified, verify};
use warehouse::{audit::page, testing::Sqlite};

use super::*;

const TENANT: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// What is verified of a trail of five records after a statement was run on it by another hand.
fn verified_after(statement: &str) -> Result<Verified, Broken> {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("warehouse.db")).unwrap();
    for number in 0..5_u16 {
        let record = Record { caller: "hr".to_owned(), status: number, ..Record::default() };
        now(append_to(&database, TENANT, &[record])).unwrap();
    }
    if !statement.is_empty() {
        now(database.execute(statement, &[])).unwrap();
    }
    let mut lines = now(page(&database, TENANT, &warehouse::audit::AuditFilter::default(), 100)).unwrap();
    lines.reverse();
    let links: Vec<Link> = lines
        .into_iter()
        .map(|line| Link {
            sequence: line.sequence,
            previous: line.previous.parse().unwrap(),
            text: line.record,
            hash: line.hash.parse().unwrap(),
        })
        .collect();
    verify(TENANT, &links, None)
}

#[test]
fn a_trail_that_nobody_touched_holds() {
    assert_eq!(verified_after("").map(|verified| verified.count), Ok(5));
}

#[test]
fn what_was_removed_changed_or_reordered_shows() {
    assert_eq!(verified_after("DELETE FROM audit WHERE sequence = 3"), Err(Broken::Missing { expected: 3, found: 4 }));
    let changed = "UPDATE audit SET record = replace(record, 'hr', 'ceo') WHERE sequence = 2";
    assert_eq!(verified_after(changed), Err(Broken::Changed(2)));
    let reordered = "UPDATE audit SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN (2, 3)";
    assert!(verified_after(reordered).is_err());
    let swapped =
        "UPDATE audit SET record = (SELECT record FROM audit AS other WHERE other.sequence = 5 - audit.sequence)
        WHERE sequence IN (2, 3)";
    assert_eq!(verified_after(swapped), Err(Broken::Changed(2)));
}
