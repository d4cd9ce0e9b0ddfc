//! A tenant that floods, and its neighbour that is quiet.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{get, serving, tenant};
use crate::harness::{Server, Tenant};

/// How long one measurement takes.
const SECONDS: u64 = 3;

/// How often the two are compared: the machine may have something else to do meanwhile.
const ATTEMPTS: usize = 4;

/// The time within which 99 of 100 requests of the quiet tenant are answered.
fn p99(server: &Server) -> Duration {
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let mut times = Vec::new();
    while Instant::now() < end {
        let started = Instant::now();
        get(server, "quiet", "/quiet/scim/v2/Users?count=1").expect(200);
        times.push(started.elapsed());
        // What it asks in peace stays below its own limit.
        thread::sleep(Duration::from_millis(10));
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[test]
fn a_flood_of_one_tenant_is_not_felt_by_the_other() {
    let box_ = Tenant::start(3);
    let limited = |index, caller: &str| {
        let mut tenant = tenant(index, &box_, &[(caller, json!(["Scim.Read"]))]);
        tenant["limits"] = json!({ "requests_per_second": 100, "burst": 20,
            "caller_requests_per_second": 10, "caller_burst": 10 });
        tenant
    };
    let mut quiet = limited(1, "quiet");
    quiet["limits"] = json!({ "requests_per_second": 1000, "caller_requests_per_second": 1000 });
    let server = serving(&[("loud", limited(0, "loud")), ("quiet", quiet)]);
    // The instances are there.
    p99(&server);
    let measured = (0..ATTEMPTS).map(|_| {
        let before = p99(&server);
        let (is_over, served, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        let during = thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        let status = get(&server, "loud", "/loud/scim/v2/Users?count=1").status;
                        assert!([200, 429].contains(&status), "{status}");
                        if status == 200 { &served } else { &refused }.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let during = p99(&server);
            is_over.store(true, Ordering::Relaxed);
            during
        });
        assert!(refused.into_inner() > 50, "it was no flood");
        let ratio = during.as_secs_f64() / before.as_secs_f64();
        println!("quiet {before:?}, beside a flood {during:?}: {ratio:.2}; {} served", served.into_inner());
        ratio
    });
    let best = measured.fold(f64::MAX, f64::min);
    assert!(best < 2.0, "{best}");
}
