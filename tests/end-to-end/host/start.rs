//! `entra-scim up`: the first start, and the next.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use crate::harness::{Server, State, wait_for};

/// The compiled components, and when they were written.
fn compiled(state: &State) -> BTreeMap<String, SystemTime> {
    let files = fs::read_dir(state.path().join("cache")).unwrap().map(Result::unwrap);
    let compiled =
        files.map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().modified().unwrap()));
    compiled.filter(|(name, _)| name.ends_with(".cwasm")).collect()
}

#[test]
fn a_start_says_what_is_where() {
    let server = Server::sample();
    let address = server.address;
    for expected in [
        "entra-scim\n".to_owned(),
        format!("http://{address}\n"),
        ": 25 users of contoso.onmicrosoft.com, caller token contoso-demo\n".to_owned(),
        format!("http://{address}/scim/v2/Users/...\n"),
        "POST /inventory/users/run, schedule off\n".to_owned(),
    ] {
        assert!(server.banner.contains(&expected), "{expected}: {}", server.banner);
    }
}

/// All components take minutes to compile.
const OPTIONS: [&str; 3] = ["--simulate", "--components", "scim-users,inventory-users"];

#[test]
fn a_second_start_compiles_nothing_and_keeps_the_warehouse() {
    let server = Server::start(State::empty(), &OPTIONS, &[]);
    let first = compiled(&server.state);
    assert!(!first.is_empty());
    wait_for("the first inventory", || (server.state.accounts() == 25).then_some(()));
    server.terminate();
    let (_, state) = server.ended();

    let server = Server::start(state, &OPTIONS, &[("inventory_users_schedule", "off")]);
    assert_eq!(compiled(&server.state), first);
    assert_eq!(server.state.accounts(), 25);
    server.get("/scim/v2/Users?count=1").expect(200);
}
