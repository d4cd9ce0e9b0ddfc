use super::{
    Change::{self, Created, Deleted, Met, Raw, Reason, Restored, Updated},
    PageStatement, list,
};
use crate::table::{Table, literal, quote};

/// What brings the table and the change log up to date with the staged rows, and for which changes it is needed.
pub(super) fn statements(table: &Table) -> Vec<(&'static [Change], PageStatement)> {
    let statements: [(&'static [Change], String); 7] = [
        (&[Created, Restored, Deleted, Reason], log_events(table)),
        (&[Restored, Updated], log_attributes(table)),
        (&[Created], insert(table)),
        (
            &[Restored, Updated],
            update(table, "'restored', 'updated'", ", changed_at = ?3, deleted_at = NULL, deleted_reason = NULL"),
        ),
        (&[Raw], update(table, "'raw'", "")),
        (&[Met], meet(table)),
        (&[Deleted, Reason], remove(table)),
    ];
    statements.into_iter().map(|(changes, text)| (changes, PageStatement::new(text))).collect()
}

fn log_events(table: &Table) -> String {
    format!(
        "INSERT INTO change_log (tenant_id, resource, object_id, change, attribute, old, new, seen_at, run)
SELECT ?1, {resource}, s.id, CASE s.change WHEN 'reason' THEN 'updated' ELSE s.change END,
  CASE s.change WHEN 'created' THEN NULL ELSE 'deleted_reason' END, a.deleted_reason, s.removed, ?3, ?2
FROM staged_{name} AS s LEFT JOIN {name} AS a ON a.rowid = s.known
WHERE s.change IN ('created', 'restored', 'deleted', 'reason') ORDER BY s.position",
        name = table.name,
        resource = literal(table.resource),
    )
}

fn log_attributes(table: &Table) -> String {
    let name = table.name;
    let differences: Vec<_> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let (attribute, known) = (literal(&column.name), quote(&column.name));
            format!(
                "  SELECT s.position AS position, {index} AS ordinal, s.id AS id, {attribute} AS attribute, a.{known} AS old, s.c{index} AS new
  FROM staged_{name} AS s JOIN {name} AS a ON a.rowid = s.known
  WHERE s.change IN ('restored', 'updated') AND s.c{index} IS NOT a.{known}"
            )
        })
        .collect();
    format!(
        "INSERT INTO change_log (tenant_id, resource, object_id, change, attribute, old, new, seen_at, run)
SELECT ?1, {}, id, 'updated', attribute, old, new, ?3, ?2 FROM (
{}
) ORDER BY position, ordinal",
        literal(table.resource),
        differences.join("\n  UNION ALL\n")
    )
}

fn insert(table: &Table) -> String {
    format!(
        "INSERT INTO {name} (tenant_id, id, first_seen_run, last_seen_run, changed_at, raw, {columns})
SELECT ?1, id, ?2, ?2, ?3, raw, {values} FROM staged_{name} WHERE change = 'created'",
        name = table.name,
        columns = list(table, |_, column| quote(&column.name)),
        values = list(table, |index, _| format!("c{index}")),
    )
}

fn update(table: &Table, changes: &str, more: &str) -> String {
    format!(
        "UPDATE {name} SET last_seen_run = ?2, raw = s.raw, {assignments}{more}
FROM staged_{name} AS s WHERE {name}.rowid = s.known AND s.change IN ({changes})",
        name = table.name,
        assignments = list(table, |index, column| format!("{} = s.c{index}", quote(&column.name))),
    )
}

fn meet(table: &Table) -> String {
    let name = table.name;
    format!(
        "UPDATE {name} SET last_seen_run = ?2 FROM staged_{name} AS s
WHERE {name}.rowid = s.known AND s.change = 'met'"
    )
}

fn remove(table: &Table) -> String {
    let name = table.name;
    format!(
        "UPDATE {name} SET deleted_at = coalesce({name}.deleted_at, ?3), deleted_reason = s.removed, last_seen_run = ?2
FROM staged_{name} AS s
WHERE {name}.rowid = s.known AND s.change IN ('deleted', 'reason')"
    )
}
