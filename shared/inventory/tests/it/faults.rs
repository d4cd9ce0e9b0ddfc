//! Kills and failures at every statement and every call: nothing lost, nothing twice.

use std::time::Duration;

use chrono::TimeDelta;
use futures::executor::block_on;
use inventory::{Decision, Options, SourceError, Status, tick};
use serde_json::json;
use warehouse::testing::{Fault, Sqlite};

use crate::world::{Trouble, World, job};

fn change_everything(world: &World) {
    let mut tenant = world.tenant.borrow_mut();
    tenant.set("user000", json!({"city": "Oslo", "manager@delta": [{"id": "user001"}]}));
    tenant.remove("user001", "changed");
    tenant.set("user002", json!({}));
    tenant.set("user002", json!({"city": "Rome"}));
    tenant.set("user008", json!({"city": "Bergen"}));
}

/// A world whose inventory is complete, and in which much has changed since.
fn changed_world() -> World {
    let world = World::new(5);
    assert_eq!(world.tick().status, Status::Complete);
    change_everything(&world);
    world
}

/// Every way in which the statements of a tick can fail, until the tick is through before the fault comes.
fn at_every_statement(make: impl Fn() -> World, fault: impl Fn(usize) -> Fault, check: impl Fn(&World, &str)) {
    for at in 1.. {
        let world = make();
        let through = world.tick_with_fault(fault(at));
        let situation = format!("statement {at}");
        let summary = world.recover();
        assert!(summary.total.is_some(), "{situation}");
        world.check(&situation);
        check(&world, &situation);
        let running = world.query("SELECT count(*) FROM inventory_run WHERE status = 'running'");
        assert_eq!(running, ["0"], "{situation}");
        if through {
            assert!(at > 20, "the fault came");
            return;
        }
    }
}

fn each_created_once(world: &World, situation: &str) {
    let mut changes = world.changes();
    changes.sort();
    let expected: Vec<String> = (0..5).map(|number| format!("user{number:03}|created|-|-|-")).collect();
    assert_eq!(changes, expected, "{situation}");
}

fn each_change_once(world: &World, situation: &str) {
    let mut changes = world.changes().split_off(5);
    changes.sort();
    let mut expected = [
        "user000|updated|city|city 0|Oslo",
        "user000|updated|manager|-|user001",
        "user001|deleted|deleted_reason|-|changed",
        "user002|updated|city|city 2|Rome",
        "user008|created|-|-|-",
    ];
    expected.sort_unstable();
    assert_eq!(changes, expected, "{situation}");
}

#[test]
fn a_kill_before_any_statement_of_a_full_read() {
    at_every_statement(|| World::new(5), Fault::Crash, each_created_once);
}

#[test]
fn a_kill_before_any_statement_of_a_delta_round() {
    at_every_statement(changed_world, Fault::Crash, each_change_once);
}

#[test]
fn a_failure_of_any_statement_of_a_full_read() {
    at_every_statement(|| World::new(5), Fault::Once, each_created_once);
}

#[test]
fn a_failure_of_any_statement_of_a_delta_round() {
    at_every_statement(changed_world, Fault::Once, each_change_once);
}

#[test]
fn trouble_at_every_call() {
    let unavailable = |retry_after| SourceError::Unavailable { retry_after, detail: "429".to_owned() };
    let troubles = [
        ("a short wait", Trouble::Error(unavailable(Some(Duration::from_secs(7)))), Status::Complete),
        ("a long wait", Trouble::Error(unavailable(Some(Duration::from_secs(90)))), Status::Partial),
        ("no word", Trouble::Error(unavailable(None)), Status::Complete),
        ("reset", Trouble::Error(SourceError::Reset("syncStateNotFound".to_owned())), Status::Complete),
        ("refused", Trouble::Error(SourceError::Refused("403".to_owned())), Status::Failed),
        ("no page", Trouble::Body("<html>"), Status::Failed),
        ("half a page", Trouble::Body(r#"{"value":[{"id":"user000"}"#), Status::Failed),
        ("no link", Trouble::Body(r#"{"value":[]}"#), Status::Failed),
        (
            "no id",
            Trouble::Body(r#"{"value":[{"id":"user000","city":"x"},{}],"@odata.nextLink":"delta/0"}"#),
            Status::Failed,
        ),
        ("silence", Trouble::Hang, Status::Partial),
    ];
    for (name, trouble, status) in troubles {
        for call in 1..=3 {
            for make in [|| World::new(5), changed_world] {
                let world = make();
                let delta = !world.query("SELECT name FROM sqlite_master").is_empty();
                world.trouble(call, trouble.clone());
                let situation = format!("{name} at call {call}, delta {delta}");
                assert_eq!(world.tick().status, status, "{situation}");
                world.pass(TimeDelta::seconds(100));
                world.recover();
                world.check(&situation);
                if !delta {
                    each_created_once(&world, &situation);
                }
            }
        }
    }
}

#[test]
fn a_reset_reads_all_anew_in_a_run_of_its_own_and_logs_only_what_differs() {
    let world = World::new(5);
    world.tick();
    world.tenant.borrow_mut().set("user003", json!({"city": "Oslo"}));
    world.tenant.borrow_mut().remove("user004", "deleted");
    world.trouble(1, Trouble::Error(SourceError::Reset("resyncRequired".to_owned())));
    let summary = world.tick();
    assert_eq!((summary.status, summary.phase, summary.counts.graph_calls), (Status::Complete, Some("full"), 2));
    world.check("reset");
    assert_eq!(world.changes()[5..], ["user003|updated|city|city 3|Oslo", "user004|deleted|deleted_reason|-|absent"]);
    assert_eq!(
        world.query("SELECT phase, status, graph_calls FROM inventory_run"),
        ["full|complete|3", "delta|partial|1", "full|complete|2"]
    );
}

#[test]
fn who_vanishes_between_a_broken_off_read_and_its_repetition_is_not_taken_for_seen() {
    let world = World::new(5);
    world.trouble(3, Trouble::VanishAndReset("user000"));
    let summary = world.tick();
    assert_eq!((summary.status, summary.counts.removed, summary.total), (Status::Complete, 1, Some(4)));
    world.check("read twice");
}

#[test]
fn graph_is_left_alone_as_long_as_it_asked() {
    let world = World::new(5);
    let detail = "too many requests".to_owned();
    let trouble = SourceError::Unavailable { retry_after: Some(Duration::from_secs(300)), detail };
    world.trouble(2, Trouble::Error(trouble));
    let summary = world.tick();
    assert_eq!((summary.status, summary.counts.pages), (Status::Partial, 1));
    assert_eq!(summary.detail.as_deref(), Some("too many requests"));
    let calls = world.calls.get();
    world.pass(TimeDelta::seconds(60));
    assert_eq!(world.tick().status, Status::Partial);
    assert_eq!(world.calls.get(), calls, "not asked before the time");
    world.pass(TimeDelta::seconds(200));
    assert_eq!(world.tick().status, Status::Complete, "the rest of the wait fits into the budget");
}

#[test]
fn a_lease_keeps_a_second_run_out_and_a_slow_one_cannot_write() {
    let world = World::new(5);
    // The first run stops dead after its first page: nobody ends it, and its lease stays.
    let crashing = world.context(Sqlite::open(&world.path()).unwrap().with_fault(Fault::Crash(60)));
    let options = Options { budget: Duration::from_secs(60), decision: Decision::Ask };
    assert!(block_on(tick(&job(), &crashing, options)).is_err());
    drop(crashing);
    let busy = world.tick();
    assert_eq!((busy.status, busy.run, busy.counts.graph_calls), (Status::Busy, None, 0));
    assert!(busy.detail.unwrap().starts_with("another run is at work; its lease ends at 2026-11-23T10:00:20"));
    world.pass(TimeDelta::seconds(21));
    assert_eq!(world.tick().status, Status::Complete);
    world.check("after the lease");
    each_created_once(&world, "after the lease");
}

#[test]
fn a_run_that_waits_holds_its_lease_on() {
    let world = World::new(5);
    world.trouble(2, Trouble::Hang);
    let summary = world.tick();
    assert_eq!((summary.status, summary.counts.pages), (Status::Partial, 1), "it waited out its budget of 60 seconds");
    assert_eq!(world.query("SELECT lease_owner FROM watermark"), ["-"], "and still had the lease to give back");
}

#[test]
fn a_run_that_another_took_over_stores_nothing_more() {
    let world = World::new(5);
    world.trouble(2, Trouble::TakenOver);
    let summary = world.tick();
    assert_eq!((summary.status, summary.counts.pages), (Status::Partial, 1));
    assert_eq!(summary.detail.as_deref(), Some("another run of inventory-users took over while this one was slow"));
    assert_eq!(world.query("SELECT lease_owner, round_pages FROM watermark"), ["other|1"], "the other's lease stays");
    assert_eq!(world.query("SELECT count(*) FROM account"), ["2"]);
    world.recover();
    world.check("after the other run");
    each_created_once(&world, "after the other run");
}
