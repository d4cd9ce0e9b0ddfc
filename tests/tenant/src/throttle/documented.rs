//! The numbers Graph documents, from `data/throttling.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::contract::Operation;
use crate::graph::query::Query;
use crate::throttle::{Cost, Limits};

/// The documented numbers, from `data/throttling.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Documented {
    unit_seconds: u32,
    sizes: Vec<Size>,
    writes: u32,
    write_seconds: u32,
    adjustments: Adjustments,
    costs: Vec<Row>,
}

/// The units of a tenant with fewer users than this; the last size has no end.
#[derive(Deserialize)]
struct Size {
    below: Option<u32>,
    units: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Adjustments {
    select: i32,
    expand: i32,
    top_below_20: i32,
    least: i32,
}

#[derive(Deserialize)]
struct Row {
    method: String,
    path: String,
    units: i32,
    writes: u32,
}

#[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
static DOCUMENTED: LazyLock<Documented> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/throttling.json")).expect("data/throttling.json"));

/// The limits of a tenant of so many users.
pub(super) fn limits(users: u32) -> Limits {
    let size = DOCUMENTED.sizes.iter().find(|size| size.below.is_none_or(|below| users < below));
    Limits {
        units: size.map_or(0, |size| size.units),
        unit_seconds: DOCUMENTED.unit_seconds,
        writes: DOCUMENTED.writes,
        write_seconds: DOCUMENTED.write_seconds,
    }
}

/// What a request of an operation costs; `None` for a batch, in which each request has its own cost.
pub(crate) fn cost(operation: &Operation, query: &Query) -> Option<Cost> {
    let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
    // What is cast costs what it costs without the cast.
    let path = operation.path.split("/microsoft.graph.").next().unwrap_or_default();
    let row = DOCUMENTED
        .costs
        .iter()
        .find(|row| fits(&row.method, &operation.method) && fits(&row.path, path))
        .filter(|row| row.units > 0)?;
    let adjustments = &DOCUMENTED.adjustments;
    let adjusted = [
        (query.select.is_some(), adjustments.select),
        (query.expand.is_some(), adjustments.expand),
        (query.top.is_some_and(|top| top < 20), adjustments.top_below_20),
    ];
    let units = adjusted.iter().filter(|(applies, _)| *applies).fold(row.units, |units, (_, change)| units + change);
    Some(Cost { units: units.max(adjustments.least).unsigned_abs(), writes: row.writes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::CONTRACT;

    const READ: Cost = Cost { units: 2, writes: 0 };
    const WRITE: Cost = Cost { units: 1, writes: 1 };

    #[test]
    fn the_documented_limits_grow_with_the_tenant() {
        for (users, units) in [(0, 3_500), (49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000), (1_000_000, 8_000)] {
            let expected = Limits { units, unit_seconds: 10, writes: 3_000, write_seconds: 150 };
            assert_eq!(limits(users), expected);
        }
    }

    #[test]
    fn costs() {
        let of = |method: &str, path: &str, query: Query| {
            let mut operations = CONTRACT.operations.iter();
            let operation = operations.find(|known| known.method == method && known.path == path).unwrap();
            cost(operation, &query)
        };
        let select = || Query { select: Some("id".to_owned()), ..Query::default() };
        let cases = [
            ("GET", "/users", Query::default(), Some(READ)),
            ("GET", "/users", select(), Some(Cost { units: 1, writes: 0 })),
            ("GET", "/users", Query { top: Some(19), ..select() }, Some(Cost { units: 1, writes: 0 })),
            ("GET", "/users", Query { expand: Some("manager".to_owned()), ..select() }, Some(READ)),
            ("GET", "/users/{id}", Query::default(), Some(Cost { units: 1, writes: 0 })),
            ("POST", "/users", Query::default(), Some(WRITE)),
            ("PATCH", "/users/{id}", Query::default(), Some(WRITE)),
            ("PUT", "/users/{id}/manager/$ref", Query::default(), Some(WRITE)),
            ("DELETE", "/users/{id}", Query::default(), Some(WRITE)),
            ("POST", "/$batch", Query::default(), None),
        ];
        for (method, path, query, expected) in cases {
            assert_eq!(of(method, path, query), expected, "{method} {path}");
        }
    }
}
