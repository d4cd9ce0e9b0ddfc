//! Certificates that change while callers are at work.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::tls::{Authority, client, connect, get};
use crate::harness::{State, wait_for};
use crate::host::probe::Probe;

const REQUEST: &str = "GET /probe/wait?1 HTTP/1.1\r\n";

#[test]
fn a_new_certificate_loses_no_request() {
    let (old, new) = (Authority::new(), Authority::new());
    let state = State::empty();
    let files = old.issue(|_| {}).write(state.path());
    let probe = Probe::start_in(state, &files.each_ref().map(String::as_str), &[], &[]);
    let both = client(&[&old, &new], None);
    let (is_over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        // One that stays, and others that come anew with each request.
        let stays = scope.spawn(|| {
            let mut stream = connect(probe.address, &both);
            while !is_over.load(Ordering::Relaxed) {
                stream.write_all(format!("{REQUEST}host: localhost\r\n\r\n").as_bytes()).unwrap();
                let mut answer = Vec::new();
                while !answer.windows(10).any(|window| window == b"1 ms later") {
                    let mut buffer = [0; 1024];
                    let length = stream.read(&mut buffer).unwrap();
                    assert!(length > 0, "the connection ended");
                    answer.extend_from_slice(&buffer[..length]);
                }
                served.fetch_add(1, Ordering::Relaxed);
            }
        });
        let come = (0..2).map(|_| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(get(probe.address, &both, REQUEST).unwrap().status, 200);
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let come = come.collect::<Vec<_>>();
        thread::sleep(Duration::from_millis(500));
        new.issue(|_| {}).write(probe.state.path());
        let new_only = client(&[&new], None);
        wait_for("the new certificate", || get(probe.address, &new_only, REQUEST).ok());
        get(probe.address, &client(&[&old], None), REQUEST).unwrap_err();
        // What cannot be read changes nothing.
        std::fs::write(probe.state.path().join("cert.pem"), "broken").unwrap();
        thread::sleep(Duration::from_millis(2500));
        get(probe.address, &new_only, REQUEST).unwrap();
        is_over.store(true, Ordering::Relaxed);
        stays.join().unwrap();
        come.into_iter().for_each(|come| come.join().unwrap());
    });
    assert!(served.load(Ordering::Relaxed) > 50);
}
