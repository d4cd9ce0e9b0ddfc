//! `entra-scim audit verify`: whether the audit trail in the warehouse is as it was written.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;
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
                println!("tenant {tenant}: {count} records, whole and in order, head {head}");
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
    let statement =
        "SELECT sequence, previous, record, hash, at, request_id, caller, operation, resource, object_id, outcome
        FROM audit WHERE tenant_id = ?1 ORDER BY sequence";
    let mut statement = warehouse.prepare(statement).context("the warehouse has no audit trail yet")?;
    let mut rows = statement.query([tenant])?;
    let mut verifier = Verifier::new(tenant, head);
    while let Some(row) = rows.next()? {
        let link = link(row)?;
        verifier.take(&link)?;
        compare(row, &link)?;
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

/// The columns behind the hash, from 4 on, and which part of the record each repeats: queries go by them.
const REPEATED: [(&str, &str); 7] = [
    ("at", "at"),
    ("request_id", "request_id"),
    ("caller", "caller"),
    ("operation", "operation"),
    ("resource", "resource"),
    ("object_id", "object"),
    ("outcome", "outcome"),
];

/// Whether the columns say what the record says, which alone is hashed.
fn compare(row: &Row<'_>, link: &Link) -> Result<()> {
    let record: Value = serde_json::from_str(&link.text).context("a record is no JSON")?;
    for (place, (column, part)) in (4..).zip(REPEATED) {
        let repeated: String = row.get(place)?;
        let said = record.get(part).and_then(Value::as_str).unwrap_or_default();
        if !repeated.eq_ignore_ascii_case(said) {
            bail!("the column {column} of record {} was changed: it is not what the record says", link.sequence);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use trust::audit::{Record, chain as next};

    use super::*;

    const TENANT: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";

    /// A warehouse with five records.
    fn warehouse() -> Connection {
        let warehouse = Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE audit (tenant_id TEXT, sequence INTEGER, previous TEXT, record TEXT, hash TEXT,
            at TEXT, request_id TEXT, caller TEXT, operation TEXT, resource TEXT, object_id TEXT, outcome TEXT)";
        warehouse.execute(table, []).unwrap();
        let mut head = Hash::start(TENANT);
        for sequence in 1..=5 {
            let object = format!("O{sequence}");
            let record = Record { object: object.clone(), caller: "hr".to_owned(), ..Record::default() };
            let link = next(&head, sequence, &record);
            let outcome = serde_json::to_value(record.outcome).unwrap();
            let (previous, hash) = (link.previous.to_string(), link.hash.to_string());
            let row = (TENANT, sequence as i64, previous, &link.text, hash, object.to_lowercase(), outcome.as_str());
            let insert = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, '', '', 'hr', '', '', ?6, ?7)";
            warehouse.execute(insert, row).unwrap();
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
            ("UPDATE audit SET caller = 'nobody' WHERE sequence = 4", "column caller of record 4 was changed"),
            ("UPDATE audit SET object_id = '' WHERE sequence = 1", "column object_id of record 1 was changed"),
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
