//! How many files the process may have open: each connection is one, whichever side began it.

/// So many are asked for: enough for all connections, and as many again for Graph, databases and instances.
const WANTED: u64 = 16 << 10;

/// Raises the limit as far as is wanted and the system allows, and gives it.
#[cfg(unix)]
pub(super) fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = WANTED.min(limit.maximum.unwrap_or(WANTED));
    match limit.current {
        None => WANTED,
        Some(current) if current >= raised => current,
        // Many systems give a process a low limit that it may raise itself.
        Some(current) => match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }) {
            Ok(()) => raised,
            Err(_) => current,
        },
    }
}

/// This system has no such limit.
#[cfg(not(unix))]
pub(super) fn raise_limit() -> u64 {
    WANTED
}
