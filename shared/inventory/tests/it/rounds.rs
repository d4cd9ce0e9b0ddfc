//! What a tick does when nothing goes wrong.

use chrono::TimeDelta;
use inventory::{Decision, Status};
use serde_json::json;

use crate::world::{World, job};

#[test]
fn a_full_read_then_only_what_changed_with_one_call_when_nothing_did() {
    let world = World::new(5);
    let summary = world.tick();
    assert_eq!((summary.status, summary.phase, summary.total), (Status::Complete, Some("full"), Some(5)));
    assert_eq!((summary.counts.pages, summary.counts.added, summary.counts.graph_calls), (3, 5, 3));
    world.check("after the full read");
    world.pass(TimeDelta::minutes(10));
    let summary = world.tick();
    assert_eq!((summary.status, summary.phase), (Status::Complete, Some("delta")));
    assert_eq!((summary.counts.seen, summary.counts.graph_calls), (0, 1));
    assert_eq!(
        summary.watermark,
        Some(world.now.get() - TimeDelta::milliseconds(10)),
        "what changes while a round is read may come in the next"
    );
    assert_eq!(world.changes().len(), 5);
}

#[test]
fn a_delta_round_follows_every_kind_of_change() {
    let world = World::new(4);
    world.tick();
    {
        let mut tenant = world.tenant.borrow_mut();
        tenant.set("user000", json!({"city": "Oslo", "manager@delta": [{"id": "user001"}]}));
        tenant.remove("user002", "changed");
        tenant.set("user009", json!({"city": "Rome"}));
    }
    let summary = world.tick();
    assert_eq!((summary.counts.added, summary.counts.updated, summary.counts.removed), (1, 1, 1));
    assert_eq!(summary.total, Some(4));
    world.check("changed");
    world.tenant.borrow_mut().set("user002", json!({"city": "city 2"}));
    assert_eq!(world.tick().counts.added, 1);
    world.check("restored");
    assert_eq!(
        world.changes()[4..],
        [
            "user002|deleted|deleted_reason|-|changed",
            "user000|updated|city|city 0|Oslo",
            "user000|updated|manager|-|user001",
            "user009|created|-|-|-",
            "user002|restored|deleted_reason|changed|-",
        ]
    );
}

#[test]
fn a_tick_stops_at_its_budget_and_the_next_goes_on() {
    let world = World::new(10);
    world.latency.set(TimeDelta::seconds(4));
    let summary = world.tick_with(&job(), 8, Decision::Ask);
    assert_eq!((summary.status, summary.counts.pages, summary.total), (Status::Partial, 2, None));
    assert_eq!(summary.detail.as_deref(), Some("the time budget is spent; the next run goes on"));
    let summary = world.tick_with(&job(), 4, Decision::Ask);
    assert_eq!((summary.counts.pages, summary.round.map(|round| round.pages)), (1, Some(3)));
    let summary = world.tick();
    assert_eq!(
        (summary.status, summary.counts.pages, summary.round.map(|round| round.seen)),
        (Status::Complete, 2, Some(10))
    );
    world.check("in slices");
    assert_eq!(world.calls.get(), 5, "no page was read twice");
    assert_eq!(world.query("SELECT round, status FROM inventory_run"), ["1|partial", "1|partial", "1|complete"]);
}

#[test]
fn another_selection_reads_all_anew_and_logs_only_what_differs() {
    let world = World::new(3);
    world.tick();
    world.tenant.borrow_mut().set("user001", json!({"city": "Rome"}));
    let mut job = job();
    job.select.push("department");
    let summary = world.tick_with(&job, 60, Decision::Ask);
    assert_eq!((summary.phase, summary.counts.seen, summary.counts.updated), (Some("full"), 3, 1));
    assert_eq!(world.changes()[3..], ["user001|updated|city|city 1|Rome"]);
    world.check("another selection");
}

#[test]
fn many_deletes_hold_the_round_until_a_person_decides() {
    for (decision, phase, seen) in [(Decision::Accept, "delta", 60), (Decision::Refuse, "full", 0)] {
        let world = World::new(60);
        world.tick();
        (0..60).for_each(|number| world.tenant.borrow_mut().remove(&format!("user{number:03}"), "changed"));
        for _ in 0..2 {
            let summary = world.tick();
            assert_eq!((summary.status, summary.total), (Status::Held, Some(60)));
            let detail = summary.detail.unwrap();
            assert!(
                detail.starts_with("52 objects would be marked deleted, and a round may do that to 50"),
                "{detail}"
            );
        }
        let kept = world.query("SELECT count(*) FROM account WHERE deleted_at IS NULL");
        assert_eq!(kept, ["10"], "what the ceiling allows was stored page by page");
        let summary = world.tick_with(&job(), 60, decision);
        assert_eq!((summary.phase, summary.round.map(|round| round.seen)), (Some(phase), Some(seen)));
        if decision == Decision::Accept {
            assert_eq!((summary.status, summary.total), (Status::Complete, Some(0)));
            world.check("accepted");
        }
    }
}

#[test]
fn absence_counts_only_when_the_whole_was_read() {
    let world = World::new(6);
    world.tick();
    world.tenant.borrow_mut().remove("user004", "deleted");
    let mut job = job();
    job.select.push("department");
    world.latency.set(TimeDelta::seconds(4));
    assert_eq!(world.tick_with(&job, 8, Decision::Ask).status, Status::Partial);
    assert_eq!(
        world.query("SELECT count(*) FROM account WHERE deleted_at IS NULL"),
        ["6"],
        "half a read proves nothing"
    );
    let summary = world.tick_with(&job, 60, Decision::Ask);
    assert_eq!((summary.status, summary.counts.removed), (Status::Complete, 1));
    world.check("absent");
    assert_eq!(world.changes()[6..], ["user004|deleted|deleted_reason|-|absent"]);
}
