//! Secrets and certificates that change while callers are at work.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::tenant;
use crate::harness::{Request, Server, State, Tenant, wait_for};

const USERS: &str = "/scim/v2/Users?count=1";

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a caller shows: a secret, or its certificate by way of the front end.
fn ask(server: &Server, proof: &(&'static str, String)) -> u16 {
    Request::new("GET", USERS).header(proof.0, proof.1.clone()).send(server.address).status
}

fn secret(secret: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {secret}"))
}

fn certificate(der: &[u8]) -> (&'static str, String) {
    ("x-arr-clientcert", STANDARD.encode(der))
}

#[test]
fn a_rotation_under_load_loses_no_request() {
    let box_ = Tenant::start(3);
    let made = || rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap().cert.der().to_vec();
    let (old, new) = (made(), made());
    let document = |generations: &[usize]| {
        let chosen = |all: [Value; 2]| generations.iter().map(|index| all[*index].clone()).collect::<Vec<_>>();
        let secrets = chosen([
            json!({ "name": "old", "sha256": hash(b"old secret") }),
            json!({ "name": "new", "sha256": hash(b"new secret") }),
        ]);
        let certificates = chosen([json!({ "sha256": hash(&old) }), json!({ "sha256": hash(&new) })]);
        let mut contoso = tenant(0, &box_, &[]);
        contoso["limits"] = json!({ "requests_per_second": 0, "caller_requests_per_second": 0 });
        contoso["callers"] = json!({
            "midpoint": { "secrets": secrets, "rights": ["Scim.Read"] },
            "sailpoint": { "certificates": certificates, "rights": ["Scim.Read"] },
        });
        let front_end = json!({ "kind": "app-service", "networks": ["127.0.0.0/8"] });
        json!({ "default": "contoso", "front_end": front_end, "tenants": { "contoso": contoso } }).to_string()
    };
    let state = State::new();
    let file = state.path().join("tenants.json");
    // A reader never sees half of it.
    let write = |generations: &[usize]| {
        let fresh = file.with_extension("new");
        fs::write(&fresh, document(generations)).unwrap();
        fs::rename(&fresh, &file).unwrap();
    };
    write(&[0]);
    let variables = [("tenants_file", file.to_str().unwrap()), ("tenant_id", ""), ("inventory_users_schedule", "off")];
    let server = Server::start(state, &[], &variables);
    let (is_over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    let proofs = Mutex::new([secret("old secret"), certificate(&old)]);
    let (is_over, served, proofs, server) = (&is_over, &served, &proofs, &server);
    thread::scope(|scope| {
        for index in 0..2 {
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let proof = proofs.lock().unwrap()[index].clone();
                    assert_eq!(ask(server, &proof), 200, "{index}");
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        write(&[0, 1]);
        // Each instance reads the file for itself; a few in a row were all of them.
        for proof in [secret("new secret"), certificate(&new)] {
            wait_for("the new one", || (0..8).all(|_| ask(server, &proof) == 200).then_some(()));
        }
        thread::sleep(std::time::Duration::from_secs(11));
        *proofs.lock().unwrap() = [secret("new secret"), certificate(&new)];
        write(&[1]);
        for proof in [secret("old secret"), certificate(&old)] {
            wait_for("the end of the old one", || (0..8).all(|_| ask(server, &proof) == 401).then_some(()));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(served.load(Ordering::Relaxed) > 100, "{served:?}");
}
