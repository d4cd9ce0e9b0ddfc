//! What a start says: where it serves, which tenant, which components, which jobs.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::startup::Prepared;

/// Writes the banner to standard output.
pub(crate) fn show(prepared: &Prepared, address: SocketAddr, took: Duration) {
    let text = text(prepared, address, took, io::stdout().is_terminal());
    // Standard output may be closed; the log is elsewhere.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn text(prepared: &Prepared, address: SocketAddr, took: Duration, is_terminal: bool) -> String {
    let scheme = if prepared.is_tls { "https" } else { "http" };
    let mut rows = vec![("address".to_owned(), format!("{scheme}://{address}"))];
    let tenant = prepared.simulator.as_ref().map_or_else(|| prepared.tenant.clone(), ToString::to_string);
    rows.push(("tenant".to_owned(), tenant));
    for (id, route) in &prepared.routes {
        rows.push((id.clone(), format!("{scheme}://{address}{route}")));
    }
    for timer in &prepared.timers {
        rows.push((format!("{} job", timer.id), format!("POST {}, schedule {}", timer.path, timer.text())));
    }
    rows.push(("state".to_owned(), prepared.state.display().to_string()));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let (bold, plain) = if is_terminal { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let mut text = format!("{bold}{}{plain}\n", prepared.name);
    for (name, value) in rows {
        text.push_str(&format!("  {bold}{name:<width$}{plain}  {value}\n"));
    }
    text.push_str(&format!("ready in {} ms\n", took.as_millis()));
    text
}
