mod apply;

use crate::table::{Column, Source, Table, literal, quote};

/// The statements that keep one table current, written once from its description.
///
/// Those that store a page take a prefix of the same parameters: `?1` tenant, `?2` run, `?3` now, `?4` the run that
/// began the round, `?5` whether the round reads everything, `?6` which occurrence of each object is stored.
#[derive(Debug)]
pub(crate) struct Statements {
    /// Make the two temporary tables of the connection.
    pub create_staging: [String; 2],
    /// Empties the staged objects.
    pub clear_objects: String,
    /// Stages a page, whose JSON array is `?1`.
    pub stage_objects: String,
    /// How many objects are staged, how many of them have no id, and how many different ids they have.
    pub inspect_objects: String,
    /// Numbers the occurrences of each object.
    pub number_occurrences: String,
    /// How often at most an object occurs.
    pub count_occurrences: String,
    /// Empties the staged rows.
    pub clear_rows: String,
    /// Turns one occurrence of each staged object into the row it makes, beside what that changes.
    pub stage_rows: PageStatement,
    /// How many staged rows change in which way.
    pub count_changes: String,
    /// What to run for the ways in which staged rows change, in order.
    pub apply: Vec<(&'static [Change], PageStatement)>,
    /// How many objects are there.
    pub count_present: String,
    /// How many objects are marked deleted.
    pub count_deleted: String,
    /// How many objects that are there the round (`?2`) did not meet.
    pub count_absent: String,
    /// Logs that they are gone.
    pub log_absent: String,
    /// Marks them deleted.
    pub remove_absent: String,
}

/// A statement that takes the first so many parameters of a page.
#[derive(Debug)]
pub(crate) struct PageStatement {
    pub text: String,
    pub parameters: usize,
}

/// How a staged row differs from the table's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    /// There is no such row.
    Created,
    /// The row is marked deleted, and the object is back.
    Restored,
    /// An attribute differs.
    Updated,
    /// Only what no column holds differs.
    Raw,
    /// Nothing differs, and a full read meets the row for the first time.
    Met,
    /// The object is gone.
    Deleted,
    /// The object was gone, now for another reason: the recycle bin was emptied.
    Reason,
    /// Nothing differs.
    Nothing,
}

impl Change {
    /// Every change, with its word in the staged rows.
    const WORDS: [(Self, &'static str); 8] = [
        (Self::Created, "created"),
        (Self::Restored, "restored"),
        (Self::Updated, "updated"),
        (Self::Raw, "raw"),
        (Self::Met, "met"),
        (Self::Deleted, "deleted"),
        (Self::Reason, "reason"),
        (Self::Nothing, "nothing"),
    ];

    pub(crate) fn parse(word: &str) -> Self {
        Self::WORDS.iter().find(|(_, known)| *known == word).map_or(Self::Nothing, |(change, _)| *change)
    }
}

impl PageStatement {
    fn new(text: String) -> Self {
        let parameters = (1..=6).rev().find(|number| text.contains(&format!("?{number}"))).unwrap_or_default();
        Self { text, parameters }
    }
}

impl Statements {
    pub(crate) fn new(table: &Table) -> Self {
        let name = table.name;
        let absent = "tenant_id = ?1 AND deleted_at IS NULL AND last_seen_run < ?2";
        Self {
            create_staging: create_staging(table),
            clear_objects: format!("DELETE FROM staged_{name}_object"),
            stage_objects: stage_objects(table),
            inspect_objects: format!("SELECT count(*), sum(id IS NULL), count(DISTINCT id) FROM staged_{name}_object"),
            number_occurrences: number_occurrences(table),
            count_occurrences: format!("SELECT max(occurrence) FROM staged_{name}_object"),
            clear_rows: format!("DELETE FROM staged_{name}"),
            stage_rows: PageStatement::new(stage_rows(table)),
            count_changes: format!("SELECT change, count(*) FROM staged_{name} GROUP BY change"),
            apply: apply::statements(table),
            count_present: format!("SELECT count(*) FROM {name} WHERE tenant_id = ?1 AND deleted_at IS NULL"),
            count_deleted: format!("SELECT count(*) FROM {name} WHERE tenant_id = ?1 AND deleted_at IS NOT NULL"),
            count_absent: format!("SELECT count(*) FROM {name} WHERE {absent}"),
            log_absent: format!(
                "INSERT INTO change_log (tenant_id, resource, object_id, change, attribute, old, new, seen_at, run)
SELECT tenant_id, {}, id, 'deleted', 'deleted_reason', NULL, 'absent', ?3, ?4 FROM {name} WHERE {absent}",
                literal(table.resource)
            ),
            remove_absent: format!("UPDATE {name} SET deleted_at = ?3, deleted_reason = 'absent' WHERE {absent}"),
        }
    }
}

fn create_staging(table: &Table) -> [String; 2] {
    let (name, values) = (table.name, list(table, |index, _| format!("c{index}")));
    [
        format!("CREATE TEMP TABLE IF NOT EXISTS staged_{name}_object (position, occurrence, id, removed, raw)"),
        format!("CREATE TEMP TABLE IF NOT EXISTS staged_{name} (position, id, known, removed, change, raw, {values})"),
    ]
}

/// Takes the array apart. Each value is made a text once, because every mention of it would make it again.
fn stage_objects(table: &Table) -> String {
    format!(
        r#"INSERT INTO staged_{name}_object (position, occurrence, id, removed, raw)
WITH item AS MATERIALIZED (
  SELECT key AS position, CASE type WHEN 'object' THEN value ELSE '{{}}' END AS object FROM json_each(?1)
)
SELECT position, 1, json_extract(object, '$.id'), CASE WHEN json_type(object, '$."@removed"') IS NOT NULL
  THEN coalesce(json_extract(object, '$."@removed".reason'), 'deleted') END, object
FROM item"#,
        name = table.name
    )
}

/// Numbers the occurrences of each object through, so that each is stored in turn: a later one may hold only what
/// changed since the earlier.
fn number_occurrences(table: &Table) -> String {
    let name = table.name;
    format!(
        "UPDATE staged_{name}_object AS later SET occurrence = (SELECT count(*) FROM staged_{name}_object AS o
  WHERE o.id = later.id AND o.position <= later.position)"
    )
}

/// The row that each object makes. An object that is new, or that a full read meets for the first time, stands for
/// itself; any other is laid over what is known of it, because Graph may leave out what did not change. A structured
/// property is always given whole, so the known one is taken away before.
fn stage_rows(table: &Table) -> String {
    format!(
        "INSERT INTO staged_{name} (position, id, known, removed, change, raw, {values})
WITH merged AS MATERIALIZED (
  SELECT o.position, o.id, o.removed, a.rowid AS known, {references}
    CASE WHEN a.id IS NULL THEN o.raw
      WHEN o.removed IS NOT NULL THEN a.raw
      WHEN {whole} OR a.raw = o.raw THEN o.raw
      ELSE json_patch({base}, o.raw) END AS raw
  FROM staged_{name}_object AS o LEFT JOIN {name} AS a ON a.tenant_id = ?1 AND a.id = o.id
  WHERE o.occurrence = ?6 AND (o.removed IS NULL OR a.id IS NOT NULL)
)
SELECT m.position, m.id, m.known, m.removed, CASE
    WHEN m.known IS NULL THEN 'created'
    WHEN m.removed IS NOT NULL AND a.deleted_at IS NULL THEN 'deleted'
    WHEN m.removed IS NOT NULL AND a.deleted_reason IS NOT m.removed THEN 'reason'
    WHEN m.removed IS NOT NULL THEN 'nothing'
    WHEN a.deleted_at IS NOT NULL THEN 'restored'
    WHEN {differs} THEN 'updated'
    WHEN a.raw IS NOT m.raw THEN 'raw'
    WHEN {whole} THEN 'met'
    ELSE 'nothing' END,
  m.raw, {extracted}
FROM merged AS m LEFT JOIN {name} AS a ON a.rowid = m.known",
        name = table.name,
        values = list(table, |index, _| format!("c{index}")),
        whole = FRESH,
        references = references(table),
        base = known_without_structures(table),
        extracted = list(table, value),
        differs = any_differs(table),
    )
}

/// Whether a full read meets the row for the first time.
const FRESH: &str = "(?5 = 1 AND a.last_seen_run < ?4)";

fn any_differs(table: &Table) -> String {
    let differs =
        |column: (usize, &Column)| format!("{} IS NOT a.{}", value(column.0, column.1), quote(&column.1.name));
    let terms: Vec<_> = table.columns.iter().enumerate().map(differs).collect();
    format!("({})", terms.join(" OR "))
}

/// The value of a column, of the merged object `m`.
fn value(index: usize, column: &Column) -> String {
    match &column.source {
        Source::Path(path) => format!("json_extract(m.raw, {})", literal(path)),
        Source::Reference(_) => format!("m.r{index}"),
        Source::Nowhere => "NULL".to_owned(),
    }
}

/// What each reference becomes: the last one that came; else nothing, if the known one went; else what it was.
fn references(table: &Table) -> String {
    let reference = |(index, column): (usize, &Column)| {
        let Source::Reference(property) = &column.source else { return None };
        let path = literal(&format!("$.\"{property}@delta\""));
        let known = format!("a.{}", quote(&column.name));
        Some(format!(
            r#"CASE WHEN o.removed IS NOT NULL THEN {known} ELSE coalesce(
      (SELECT json_extract(d.value, '$.id') FROM json_each(o.raw, {path}) AS d
        WHERE json_type(d.value, '$."@removed"') IS NULL ORDER BY d.key DESC LIMIT 1),
      CASE WHEN NOT {fresh} AND {known} NOT IN (SELECT json_extract(d.value, '$.id') FROM json_each(o.raw, {path}) AS d
        WHERE json_extract(d.value, '$.id') IS NOT NULL) THEN {known} END) END AS r{index},
    "#,
            fresh = FRESH,
        ))
    };
    table.columns.iter().enumerate().filter_map(reference).collect()
}

/// The known object without the structured properties that the new one brings.
fn known_without_structures(table: &Table) -> String {
    let mut roots: Vec<&str> = Vec::new();
    for column in &table.columns {
        let Source::Path(path) = &column.source else { continue };
        let root = path.trim_start_matches("$.").split_once('.').map(|(root, _)| root);
        roots.extend(root.filter(|root| !roots.contains(root)));
    }
    let removed = roots.iter().map(|root| {
        let path = literal(&format!("$.{root}"));
        format!(", CASE WHEN json_type(o.raw, {path}) IS NULL THEN '$.none' ELSE {path} END")
    });
    match roots.is_empty() {
        true => "a.raw".to_owned(),
        false => format!("json_remove(a.raw{})", removed.collect::<String>()),
    }
}

fn list(table: &Table, item: impl Fn(usize, &Column) -> String) -> String {
    let items: Vec<_> = table.columns.iter().enumerate().map(|(index, column)| item(index, column)).collect();
    items.join(", ")
}
