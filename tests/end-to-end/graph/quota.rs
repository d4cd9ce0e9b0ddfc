//! A tenant that throttles: the inventory and a caller who writes share its quota, and both finish.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{at, connected};
use crate::harness::{Server, State, Tenant, finish};

/// The quotas of a small tenant, a tenth of the documented length: as fast a refill, a smaller store.
const LIMITS: (u32, u32) = (350, 300);

/// Users that are not mastered on premises, and so can be changed here.
fn own(server: &Server) -> Vec<String> {
    let entra = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User";
    let list = server.get(&format!("/scim/v2/Users?count=100&attributes={entra}:onPremisesSyncEnabled")).expect(200);
    let users = list["Resources"].as_array().unwrap().iter();
    let own = users.filter(|user| user[entra]["onPremisesSyncEnabled"] != true);
    own.map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_inventory_and_a_writer_share_the_quota() {
    let tenant = Tenant::start(20_000);
    let server = connected(&tenant);
    let ids = own(&server);
    tenant.set(&json!({ "throttle": { "units": LIMITS.0, "unitSeconds": 1, "writes": LIMITS.1, "writeSeconds": 15 } }));
    let (state, done) = (State::new(), AtomicBool::new(false));
    let times = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut times: Vec<Duration> = Vec::new();
            // Until the inventory is through, and well past what the store of writes allows.
            while !done.load(Ordering::Relaxed) || times.len() < 500 {
                let id = &ids[times.len() % ids.len()];
                let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "replace", "path": "title", "value": format!("Title {}", times.len()) }] });
                let started = Instant::now();
                server.patch(&at(id), &patch).expect(200);
                times.push(started.elapsed());
            }
            times
        });
        let output = finish(state.command(&["run", "inventory-users"], &tenant.variables()));
        done.store(true, Ordering::Relaxed);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        writer.join().unwrap()
    });
    assert_eq!(state.accounts(), 20_000);
    let mut sorted = times.clone();
    sorted.sort();
    let p99 = sorted[sorted.len() * 99 / 100];
    assert!(p99 < Duration::from_secs(2), "p99 {p99:?} of {} writes", times.len());
    let used = tenant.throttle();
    let both =
        |count: &str| ["single", "inBatch"].map(|origin| used[count][origin].as_u64().unwrap()).iter().sum::<u64>();
    let (requests, refused) = (both("requests"), both("throttled"));
    assert!(refused * 100 < requests, "{used}");
    println!("{} writes, p99 {p99:?}, {used}", times.len());
}
