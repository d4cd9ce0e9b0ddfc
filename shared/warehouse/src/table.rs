/// The current state of one kind of object: a row an object, a column an attribute.
///
/// Beside the columns of the mapping each row has: the tenant and the object's id (its key), `raw` (the object as Graph
/// gave it), `first_seen_run` and `last_seen_run`, `changed_at`, and `deleted_at` with `deleted_reason`.
#[derive(Clone, Debug)]
pub struct Table {
    /// The table's name: `account`.
    pub name: &'static str,
    /// What the change log calls the object: `users`.
    pub resource: &'static str,
    /// The columns of the mapping, in order.
    pub columns: Vec<Column>,
}

/// A column of a [`Table`] that holds an attribute of the object.
#[derive(Clone, Debug)]
pub struct Column {
    /// The column's name, in snake case: `first_name`.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Where the value stands in the object.
    pub source: Source,
    /// One sentence for who reads the schema.
    pub description: String,
}

/// What a [`Column`] holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ColumnKind {
    /// Text, a moment as RFC 3339 included.
    Text,
    /// 0 or 1.
    Boolean,
}

/// Where the value of a [`Column`] stands in the JSON object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// At a path of SQLite's JSON functions: `$.employeeOrgData.costCenter`.
    Path(String),
    /// In the changes of a navigation property that leads to at most one object, by its name: `manager`.
    ///
    /// Graph's delta gives them as an array, `manager@delta`, whose items are ids that came or, with `@removed`, went.
    Reference(String),
    /// Nowhere: no read of this table gives it, and the column stays empty.
    Nowhere,
}

impl Table {
    /// The statement that makes the table, its documentation included.
    pub(crate) fn create(&self) -> String {
        let name = self.name;
        let mut statement = format!("CREATE TABLE {name} (\n");
        for (column, kind, description) in FIXED {
            statement.push_str(&format!("  {column} {kind}, -- {description}\n"));
        }
        for column in &self.columns {
            statement.push_str(&format!("  {}, -- {}\n", column.definition(), one_line(&column.description)));
        }
        statement.push_str("  PRIMARY KEY (tenant_id, id)\n)");
        statement
    }

    /// The statements that make the indexes: of the objects that are there, by the run that last proved it, and of
    /// those that are gone.
    pub(crate) fn create_indexes(&self) -> [String; 2] {
        let name = self.name;
        [
            format!("CREATE INDEX {name}_present ON {name} (tenant_id, last_seen_run) WHERE deleted_at IS NULL"),
            format!("CREATE INDEX {name}_deleted ON {name} (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL"),
        ]
    }

    /// The statements that add what a table made by an older program lacks.
    pub(crate) fn add_missing(&self, present: &[String]) -> Vec<String> {
        self.columns
            .iter()
            .filter(|column| !present.contains(&column.name))
            .map(|column| format!("ALTER TABLE {} ADD COLUMN {}", self.name, column.definition()))
            .collect()
    }
}

impl Column {
    fn definition(&self) -> String {
        let kind = match self.kind {
            ColumnKind::Text => "TEXT",
            ColumnKind::Boolean => "INTEGER",
        };
        format!("{} {kind}", quote(&self.name))
    }
}

/// The columns that every table has: name, type, meaning.
const FIXED: &[(&str, &str, &str)] = &[
    ("tenant_id", "TEXT NOT NULL", "the tenant the object belongs to"),
    ("id", "TEXT NOT NULL", "the object's id in Graph"),
    ("first_seen_run", "INTEGER NOT NULL", "the run that added the row"),
    ("last_seen_run", "INTEGER NOT NULL", "the last run that changed the row, or met it in a full read"),
    ("changed_at", "TEXT NOT NULL", "when a run last saw an attribute change"),
    ("deleted_at", "TEXT", "when a run learnt that the object is gone; empty while it is there"),
    ("deleted_reason", "TEXT", "changed: can be restored; deleted: gone for good; absent: not in a complete read"),
    ("raw", "TEXT NOT NULL", "the object as Graph gave it, later changes laid over it"),
];

/// An identifier in SQL's quotes.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A text in SQL's quotes.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
