//! Holds all that a test has exchanged with Graph against what Microsoft publishes.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ::contract::{Contract, Finding, Severity, read_traffic};

/// How many violations a message has.
const SHOWN: usize = 20;

/// Tenants that were told to send what Graph would not send. Their answers are not judged; requests to them are.
static BROKEN: Mutex<BTreeSet<SocketAddr>> = Mutex::new(BTreeSet::new());

/// From now on the answers of this tenant are broken on purpose.
pub(super) fn distrust(tenant: SocketAddr) {
    BROKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
}

/// A tenant that is gone; another may get its port.
pub(super) fn forget(tenant: SocketAddr) {
    BROKEN.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
}

/// Fails the test when a traffic file has a violation; there may be no file.
pub(super) fn check(traffic: &Path) {
    let text = fs::read_to_string(traffic).unwrap_or_default();
    let broken: Vec<_> = BROKEN.lock().unwrap_or_else(PoisonError::into_inner).iter().map(base_of).collect();
    let (mut count, mut shown) = (0_usize, String::new());
    for line in read_traffic(&text) {
        let (_, exchange) = line.unwrap();
        let is_broken = broken.iter().flatten().any(|base| exchange.url.starts_with(base));
        let is_of_answer = |one: &Finding| one.place.starts_with("/response") || one.place == "/status";
        for finding in Contract::load().check(&exchange) {
            if finding.severity == Severity::Violation && !(is_broken && is_of_answer(&finding)) {
                count += 1;
                if count <= SHOWN {
                    shown.push_str(&format!("\n{} {}\n  {finding}", exchange.method, exchange.url));
                }
            }
        }
    }
    assert!(count == 0, "{count} violations of Graph's contract:{shown}");
}

/// Cuts off the half line that a process leaves which is killed while it writes.
pub(super) fn cut_half_line(traffic: &Path) {
    let Ok(bytes) = fs::read(traffic) else { return };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        fs::OpenOptions::new().write(true).open(traffic).unwrap().set_len(whole as u64).unwrap();
    }
}

/// How the URLs at a tenant begin.
fn base_of(tenant: &SocketAddr) -> [String; 2] {
    [format!("http://{tenant}/"), format!("https://{tenant}/")]
}
