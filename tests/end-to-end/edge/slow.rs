//! Callers who take their time, so that others have none.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use crate::harness::{Answer, Server, TOKEN};
use crate::host::probe::Probe;

/// Sends something at once and then a piece of it a second, until the other side has had enough; gives the answer and
/// how long that took.
fn drip(address: SocketAddr, first: &[u8], piece: &[u8]) -> (Answer, Duration) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    stream.write_all(first).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                assert!(started.elapsed() < PATIENCE, "nobody has had enough");
                // Nobody may listen any more.
                let _ = stream.write_all(piece);
            }
            Err(_) => break,
        }
    }
    (Answer::read(&answer), started.elapsed())
}

#[test]
fn slow_callers_are_cut_and_disturb_nobody() {
    let server = Server::sample();
    let head = format!("POST /scim/v2/Users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n");
    let address = server.address;
    let cases = [
        (head.clone(), "x-a: b\r\n"),
        ("G".to_owned(), "E"),
        (format!("{head}content-type: application/json\r\ncontent-length: 100000\r\n\r\n"), "{"),
        (format!("{head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"), "1\r\n{\r\n"),
    ];
    thread::scope(|scope| {
        let slow = cases.map(|(first, piece)| scope.spawn(move || drip(address, first.as_bytes(), piece.as_bytes())));
        for _ in 0..5 {
            server.get("/scim/v2/Users?count=1").expect(200);
        }
        for slow in slow {
            let (answer, duration) = slow.join().unwrap();
            answer.expect_error(408, None);
            assert!(duration < Duration::from_secs(30), "it took {duration:?}");
        }
    });
    assert_eq!(server.state.exchanges().len(), 5, "Graph was asked for what nobody finished");
}

#[test]
fn an_address_has_a_share_of_the_connections() {
    let probe = Probe::start(&[], &[], &[]);
    // More than one address may have; each but the last few may wait for its first request.
    let mut open = (0..1100).map_while(|_| TcpStream::connect(probe.address).ok()).collect::<Vec<_>>();
    let mut last = open.pop().unwrap();
    last.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = last.write_all(b"GET /probe/headers HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let _ = last.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    drop(open);
    crate::harness::wait_for("the others to be gone", || {
        let mut stream = TcpStream::connect(probe.address).ok()?;
        stream.write_all(b"GET /probe/wait?1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok().filter(|_| answer.starts_with(b"HTTP/1.1 200"))
    });
}
