//! How much one caller, one tenant and strangers may ask.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::PATIENCE;
use super::document::of_two;
use crate::harness::{Answer, Request};
use crate::host::probe::Probe;

/// Asks for something so many times, and gives the answers.
fn ask(address: SocketAddr, path: &str, token: &str, times: usize) -> Vec<Answer> {
    let ask = |_| Request::new("GET", path).header("authorization", format!("Bearer {token}")).send(address);
    (0..times).map(ask).collect()
}

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

fn start(limits: &serde_json::Value) -> Probe {
    let tenant = json!({ "limits": limits });
    let document = of_two(&json!({ "tenants": { "contoso": tenant, "fabrikam": tenant } })).to_string();
    Probe::start(&[], &[("tenants", &document)], &[])
}

#[test]
fn callers_and_tenants_have_limits_of_their_own() {
    let probe = start(&json!({
        "requests_per_second": 1, "burst": 30, "caller_requests_per_second": 1, "caller_burst": 20,
    }));
    let one = ask(probe.address, "/contoso/probe/wait?0", "one", 40);
    assert!((20..40).contains(&statuses(&one, 200)), "{}", statuses(&one, 200));
    let refused = one.iter().find(|answer| answer.status == 429).unwrap();
    refused.expect_error(429, None);
    assert_eq!(refused.headers["retry-after"], "1");
    assert!(refused.headers.contains_key("x-request-id"));
    // The tenant has 30: another caller of it gets what is left, and the other tenant has all of its own.
    let two = ask(probe.address, "/contoso/probe/wait?0", "two", 40);
    assert!((5..20).contains(&statuses(&two, 200)), "{}", statuses(&two, 200));
    let other = ask(probe.address, "/fabrikam/probe/wait?0", "one", 15);
    assert_eq!(statuses(&other, 200), 15);
}

#[test]
fn wrong_credentials_take_nothing_from_right_ones() {
    let probe = start(&json!({ "requests_per_second": 1, "burst": 20, "caller_requests_per_second": 0 }));
    assert_eq!(statuses(&ask(probe.address, "/contoso/probe/wait?0", "right", 2), 200), 2);
    let wrong = (0..8).flat_map(|guess| ask(probe.address, "/contoso/probe/unauthorized", &format!("{guess}"), 150));
    let wrong = wrong.collect::<Vec<_>>();
    let (unauthorized, too_many) = (statuses(&wrong, 401), statuses(&wrong, 429));
    assert!(unauthorized >= 1000 && too_many > 0 && unauthorized + too_many == 1200, "{unauthorized} {too_many}");
    assert_eq!(statuses(&ask(probe.address, "/contoso/probe/wait?0", "right", 10), 200), 10);
    // What is not there is limited as what is.
    assert_eq!(statuses(&ask(probe.address, "/nobody/probe/wait?0", "right", 400), 429) > 200, true);
}

#[test]
fn who_goes_on_after_a_429_waits() {
    let probe = start(&json!({ "requests_per_second": 1, "burst": 1, "caller_requests_per_second": 0 }));
    ask(probe.address, "/contoso/probe/wait?0", "one", 3);
    let mut stream = TcpStream::connect(probe.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = "GET /contoso/probe/wait?0 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer one\r\n";
    let started = Instant::now();
    for _ in 0..4 {
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    }
    stream.write_all(format!("{request}connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.matches("HTTP/1.1 429").count() >= 3, "{text}");
    assert!(started.elapsed() >= Duration::from_millis(500), "{:?}", started.elapsed());
}

#[test]
fn a_tenant_at_its_limit_leaves_turns_to_others() {
    let probe = start(&json!({ "concurrent": 2, "requests_per_second": 0, "caller_requests_per_second": 0 }));
    thread::scope(|scope| {
        let busy = (0..12).map(|_| scope.spawn(|| ask(probe.address, "/contoso/probe/wait?500", "one", 1)));
        let busy = busy.collect::<Vec<_>>();
        thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        assert_eq!(statuses(&ask(probe.address, "/fabrikam/probe/wait?1", "two", 5), 200), 5);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        // Two at a time: the last one comes after six times half a second.
        let answers = busy.into_iter().flat_map(|busy| busy.join().unwrap()).collect::<Vec<_>>();
        assert_eq!(statuses(&answers, 200), 12);
        assert!(started.elapsed() > Duration::from_secs(2), "{:?}", started.elapsed());
    });
}
