//! SIGTERM: requests at hand may finish, new ones find nobody.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Request, Server, State, wait_for};

#[test]
fn a_request_at_hand_may_finish() {
    // So many users are not read within two seconds: the request is there when the signal comes.
    let server = Server::start(State::new(), &["--simulate", "1000000"], &[("inventory_users_schedule", "off")]);
    let summary = thread::scope(|scope| {
        let request = scope.spawn(|| server.send(Request::new("POST", "/inventory/users/run?budget=2")));
        wait_for("the first page", || (server.state.accounts() > 0).then_some(()));
        server.terminate();
        request.join().unwrap().expect(200)
    });
    assert_eq!(summary["status"], "partial", "{summary}");
    let address = server.address;
    let (status, state) = server.ended();
    assert!(status.success(), "{status}");
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(summary["added"], state.accounts());
}

#[test]
fn an_idle_host_stops_at_once() {
    let server = Server::sample();
    // An open connection without a request keeps nobody from stopping.
    let _idle = TcpStream::connect(server.address).unwrap();
    server.get("/scim/v2/Users?count=1").expect(200);
    let told = Instant::now();
    server.terminate();
    let (status, _) = server.ended();
    assert!(status.success(), "{status}");
    // Half of what requests at hand would be given.
    assert!(told.elapsed() < Duration::from_secs(15), "it took {:?}", told.elapsed());
}
