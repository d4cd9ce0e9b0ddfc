//! `cargo run -p contract --example check -- FILE`: judges a file that `entra-scim --traffic FILE` has written.
//!
//! One finding a line, then the totals. It exits with 1 when there is a violation, and with 2 when there is no file.

use std::process::ExitCode;

use contract::{Contract, Severity, read_traffic};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("which file? cargo run -p contract --example check -- FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("cannot read {path}: {error}");
            return ExitCode::from(2);
        }
    };
    let (mut exchanges, mut violations) = (0_usize, 0_usize);
    for line in read_traffic(&text) {
        exchanges += 1;
        match line {
            Ok((number, exchange)) => {
                for finding in Contract::load().check(&exchange) {
                    violations += usize::from(finding.severity == Severity::Violation);
                    println!("{number}: {finding}");
                }
            }
            Err(broken) => {
                violations += 1;
                println!("{broken}");
            }
        }
    }
    println!("{exchanges} exchanges, {violations} violations");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
