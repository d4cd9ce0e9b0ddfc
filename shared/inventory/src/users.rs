use mapping::{COLUMNS, ColumnSource, DELTA_SELECT};
use warehouse::{Column, ColumnKind, Source, Table};

use crate::job::Job;

/// The inventory of users, into the table `account`.
///
/// Users are read by delta: <https://learn.microsoft.com/graph/api/user-delta>.
#[must_use]
pub fn users() -> Job {
    Job {
        name: "inventory-users",
        resource: "users",
        delta_path: "/users/delta",
        select: DELTA_SELECT.to_vec(),
        table: Table { name: "account", resource: "users", columns: COLUMNS.iter().map(column).collect() },
    }
}

fn column(column: &mapping::Column) -> Column {
    let kind = match column.kind {
        mapping::ColumnKind::Boolean => ColumnKind::Boolean,
        mapping::ColumnKind::Text => ColumnKind::Text,
    };
    let source = match column.source {
        ColumnSource::Path(path) => Source::Path(path.to_owned()),
        ColumnSource::Manager => Source::Reference("manager".to_owned()),
        ColumnSource::Nowhere => Source::Nowhere,
    };
    Column { name: column.name.to_owned(), kind, source, description: column.description.to_owned() }
}

#[cfg(test)]
mod tests {
    use warehouse::Source;

    use super::users;

    #[test]
    fn ok_the_job_reads_what_its_columns_take() {
        let job = users();
        assert!(job.request().starts_with("/users/delta?$select=id,"), "{}", job.request());
        let manager: Vec<&str> = job
            .table
            .columns
            .iter()
            .filter(|column| column.source == Source::Reference("manager".to_owned()))
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(manager, ["manager_person_id"]);
        assert!(job.select.contains(&"manager"));
    }
}
