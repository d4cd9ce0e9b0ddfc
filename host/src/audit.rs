//! `entra-scim audit verify`: whether the audit trail in the warehouse is as it was written.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use rusqlite::{Connection, OpenFlags, Row};
use trust::audit::{Hash, Link, Verified, Verifier};

use crate::cli::VerifyOptions;

/// Follows the chain of each tenant, and prints its length and its last hash. It ends with 1 when one does not hold.
pub(crate) fn verify(options: &VerifyOptions) -> Result<ExitCode> {
    let head = options.head.as_deref().map(str::parse::<Hash>).transpose();
    let head = head.map_err(|reason| anyhow!("--head: {reason}"))?;
    let warehouse = open(&options.state_dir.join("warehouse.db"))?;
    let tenants = tenants(&warehouse, options.tenant.as_deref())?;
    if head.is_some() && tenants.len() > 1 {
        bail!("--head belongs to one tenant, and there are {}: name one by --tenant ID", tenants.len());
    }
    let mut holds = true;
    for tenant in &tenants {
        match chain(&warehouse, tenant, head.as_ref()) {
            Ok(Verified { count, head }) => {
                println!("tenant {tenant}: {count} records, whole and in order, head {head}")
            }
            Err(error) => {
                holds = false;
                println!("tenant {tenant}: BROKEN: {error:#}");
            }
        }
    }
    if tenants.is_empty() {
        println!("there are no records");
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Read-only: what is looked at is not touched.
fn open(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(file, flags)
        .with_context(|| format!("cannot read {}: name its directory by --state-dir", file.display()))
}

fn tenants(warehouse: &Connection, one: Option<&str>) -> Result<Vec<String>> {
    if let Some(one) = one {
        return Ok(vec![one.to_owned()]);
    }
    let statement = warehouse.prepare("SELECT DISTINCT tenant_id FROM audit ORDER BY tenant_id");
    let mut statement = statement.context("the warehouse has no audit trail yet")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn chain(warehouse: &Connection, tenant: &str, head: Option<&Hash>) -> Result<Verified> {
    let statement = "SELECT sequence, previous, record, hash FROM audit WHERE tenant_id = ?1 ORDER BY sequence";
    let mut statement = warehouse.prepare(statement).context("the warehouse has no audit trail yet")?;
    let mut rows = statement.query([tenant])?;
    let mut verifier = Verifier::new(tenant, head);
    while let Some(row) = rows.next()? {
        verifier.take(&link(row)?)?;
    }
    Ok(verifier.finish()?)
}

fn link(row: &Row<'_>) -> Result<Link> {
    let sequence: u64 = row.get::<_, i64>(0)?.try_into().context("a record has a negative number")?;
    let hash = |column: usize| -> Result<Hash> {
        let text: String = row.get(column).with_context(|| format!("record {sequence} was changed"))?;
        text.parse().map_err(|reason: &str| anyhow!("record {sequence} was changed: {reason}"))
    };
    Ok(Link { sequence, previous: hash(1)?, text: row.get(2)?, hash: hash(3)? })
}

#[cfg(test)]
mod tests {
    use trust::audit::{Record, chain as next};

    use super::*;

    const TENANT: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";

    /// A warehouse with five records.
    fn warehouse() -> Connection {
        let warehouse = Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE audit (tenant_id TEXT, sequence INTEGER, previous TEXT, record TEXT, hash TEXT)";
        warehouse.execute(table, []).unwrap();
        let mut head = Hash::start(TENANT);
        for sequence in 1..=5 {
            let link = next(&head, sequence, &Record { object: sequence.to_string(), ..Record::default() });
            let row = (TENANT, sequence as i64, link.previous.to_string(), &link.text, link.hash.to_string());
            warehouse.execute("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5)", row).unwrap();
            head = link.hash;
        }
        warehouse
    }

    #[test]
    fn what_was_done_to_a_chain_shows() {
        let whole = chain(&warehouse(), TENANT, None).unwrap();
        assert_eq!(whole.count, 5);
        assert_eq!(tenants(&warehouse(), None).unwrap(), [TENANT]);
        for (statement, expected) in [
            ("DELETE FROM audit WHERE sequence = 3", "record 3 is missing"),
            ("DELETE FROM audit WHERE sequence = 1", "record 1 is missing"),
            ("DELETE FROM audit WHERE sequence = 5", "records at its end were removed"),
            ("UPDATE audit SET record = replace(record, '2', '9') WHERE sequence = 2", "record 2 was changed"),
            ("UPDATE audit SET hash = 'x' WHERE sequence = 2", "record 2 was changed"),
            ("UPDATE audit SET previous = hash WHERE sequence = 2", "record 2 does not follow"),
            ("UPDATE audit SET sequence = 7 - sequence WHERE sequence IN (3, 4)", "record 3 does not follow"),
            ("UPDATE audit SET sequence = -sequence", "a record has a negative number"),
        ] {
            let warehouse = warehouse();
            assert!(warehouse.execute(statement, []).unwrap() > 0);
            let error = format!("{:#}", chain(&warehouse, TENANT, Some(&whole.head)).unwrap_err());
            assert!(error.contains(expected), "{statement}: {error}");
        }
    }
}
