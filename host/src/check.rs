//! `entra-scim check`: what the application may do in its tenant, and what to grant it.

mod report;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use bytes::Bytes;
use http::{Method, StatusCode};

use self::report::Report;
use crate::cli::Options;
use crate::http::answer;
use crate::http::server::Cores;
use crate::manifest::Manifest;
use crate::startup;

/// Asks the component that knows, and prints what it says; a failure when something cannot work.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let prepared = startup::prepare(options, checking)?;
    if let Some(simulator) = &prepared.simulator {
        eprintln!("tenant {simulator}");
    }
    let call = async |cores: &Cores| {
        let mut answers = Vec::new();
        for (tenant, path) in &prepared.checks {
            answers.push((tenant, cores.call(Method::GET, path, &prepared.timer_token).await?));
        }
        Ok(answers)
    };
    let mut can_all_work = true;
    for (tenant, (status, body)) in startup::aside(&prepared, call)? {
        if let Some(tenant) = tenant {
            println!("tenant {tenant}");
        }
        let report = read(status, &body)?;
        print!("{report}");
        can_all_work &= report.all_can_work();
    }
    Ok(if can_all_work { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The component whose tool table has the check.
fn checking(manifest: &Manifest) -> Result<BTreeSet<usize>> {
    match manifest.components.iter().position(|component| component.tool.check.is_some()) {
        Some(place) => Ok(BTreeSet::from([place])),
        None => bail!(
            "nothing here can be checked: no component has a path under `check` in its table \
             [component.X.tool.entra-scim]"
        ),
    }
}

fn read(status: StatusCode, body: &Bytes) -> Result<Report> {
    let reason = if status.is_success() {
        match serde_json::from_slice(body) {
            Ok(report) => return Ok(report),
            Err(error) => format!("its answer is not a report of capabilities: {error}"),
        }
    } else {
        answer::detail(body).unwrap_or_else(|| "no reason given".to_owned())
    };
    bail!("the check failed: status {}: {reason}", status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_no_report() {
        let cases = [
            (401, r#"{"status":"401","detail":"no token"}"#, "status 401: no token"),
            (504, "", "status 504: no reason given"),
            (200, "{}", "status 200: its answer is not a report of capabilities: missing field `functions`"),
            (200, r#"{"functions":[{"name":"a","status":"perhaps"}]}"#, "unknown variant `perhaps`"),
        ];
        for (status, body, expected) in cases {
            let error = read(StatusCode::from_u16(status).unwrap(), &Bytes::from_static(body.as_bytes())).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with("the check failed: ") && error.contains(expected), "{error}");
        }
    }
}
