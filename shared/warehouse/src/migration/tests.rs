use futures::executor::block_on;

use super::{MIGRATIONS, columns, migrate, version};
use crate::{
    Column, ColumnKind, Source, Table,
    error::Kind,
    testing::{Fault, Sqlite},
};
use runtime::Database;

fn table(names: &[&str]) -> Table {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        kind: ColumnKind::Text,
        source: Source::Nowhere,
        description: "a column of the\n test".to_owned(),
    };
    Table { name: "account", resource: "users", columns: names.iter().map(column).collect() }
}

fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    (folder, path)
}

#[test]
fn an_empty_database_gets_the_schema_and_a_second_start_writes_nothing() {
    let (_folder, path) = file();
    let database = Sqlite::open(&path).unwrap();
    block_on(migrate(&database, &table(&["city"]))).unwrap();
    assert_eq!(block_on(version(&database)).unwrap(), MIGRATIONS.len());
    for name in ["tenant", "inventory_run", "watermark", "change_log", "account"] {
        assert!(!block_on(columns(&database, name)).unwrap().is_empty(), "{name}");
    }
    let before = database.executed();
    block_on(migrate(&database, &table(&["city"]))).unwrap();
    assert_eq!(database.executed() - before, 3, "three questions, no transaction");
}

#[test]
fn a_mapping_that_gained_a_column_adds_it_to_a_table_with_rows() {
    let (_folder, path) = file();
    let database = Sqlite::open(&path).unwrap();
    block_on(migrate(&database, &table(&["city"]))).unwrap();
    let insert = "INSERT INTO account (tenant_id, id, first_seen_run, last_seen_run, changed_at, raw, city)
        VALUES ('t', 'u', 1, 1, '', '{}', 'Oslo')";
    block_on(database.execute(insert, &[])).unwrap();
    block_on(migrate(&database, &table(&["city", "order"]))).unwrap();
    let rows = block_on(database.execute("SELECT city, \"order\" FROM account", &[])).unwrap();
    assert_eq!(rows.rows, [[runtime::Value::from("Oslo"), runtime::Value::Null]]);
}

#[test]
fn a_schema_of_a_newer_program_is_refused() {
    let (_folder, path) = file();
    let database = Sqlite::open(&path).unwrap();
    block_on(migrate(&database, &table(&["city"]))).unwrap();
    block_on(database.execute("INSERT INTO schema_version VALUES (99, '')", &[])).unwrap();
    let error = block_on(migrate(&database, &table(&["city"]))).unwrap_err();
    assert_eq!(error.kind(), Kind::Schema);
    assert!(error.to_string().contains("run the newer program"), "{error}");
}

#[test]
fn a_crash_between_any_two_statements_leaves_all_or_nothing() {
    for at in 1.. {
        let (_folder, path) = file();
        let crashing = Sqlite::open(&path).unwrap().with_fault(Fault::Crash(at));
        let result = block_on(migrate(&crashing, &table(&["city"])));
        let statements = crashing.executed();
        drop(crashing);
        let database = Sqlite::open(&path).unwrap();
        block_on(migrate(&database, &table(&["city"]))).unwrap();
        assert_eq!(block_on(version(&database)).unwrap(), MIGRATIONS.len());
        if result.is_ok() {
            assert!(statements < at && at > 10);
            return;
        }
    }
}
