//! How many rows a second a file database takes in pages of 100: `cargo run --release -p warehouse --example store_rate`.
//!
//! Three rounds over the same made-up people: all new, all read again unchanged, a tenth changed.

use std::time::Instant;

use anyhow::{Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use serde_json::{Map, Value, json};
use warehouse::{
    Acquired, Ceiling, Column, ColumnKind, Completion, JobKey, Lease, Links, Page, PageOutcome, Phase, RunStart,
    Source, Table, Warehouse, testing::Sqlite,
};

const PAGE: usize = 100;
const PROPERTIES: [&str; 16] = [
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "department",
    "displayName",
    "employeeId",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "postalCode",
    "streetAddress",
    "surname",
    "userPrincipalName",
];

fn main() -> Result<()> {
    let people: usize = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("warehouse.db");
    let warehouse = block_on(Warehouse::open(Sqlite::open(&path)?, &table()))?;
    let key = JobKey { tenant: "72f988bf-86f1-41af-91ab-2d7cd011db47".to_owned(), job: "inventory-users".to_owned() };
    let Acquired::Held(lease, _) = block_on(warehouse.acquire(&key, "bench", TimeDelta::hours(1), moment()))? else {
        bail!("the lease of a new database is taken");
    };
    for (name, phase, changed_every) in [
        ("all new", Phase::Full, usize::MAX),
        ("read again", Phase::Full, usize::MAX),
        ("a tenth changed", Phase::Delta, 10),
    ] {
        let pages: Vec<String> = (0..people / PAGE).map(|page| objects(page, changed_every)).collect();
        let bytes: usize = pages.iter().map(String::len).sum();
        let started = Instant::now();
        round(&warehouse, &lease, phase, &pages)?;
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{name}: {people} rows ({} MB of JSON) in {seconds:.2} s, {:.0} rows/s",
            bytes >> 20,
            people as f64 / seconds
        );
    }
    println!("the file has {} MB", path.metadata()?.len() >> 20);
    Ok(())
}

fn round(warehouse: &Warehouse<Sqlite>, lease: &Lease, phase: Phase, pages: &[String]) -> Result<()> {
    let start = RunStart { round: None, phase, request: "/users/delta", deletes_accepted: false };
    let (run, mut round) = block_on(warehouse.begin_run(lease, &start, moment()))?;
    for (number, objects) in pages.iter().enumerate() {
        let link = format!("https://graph.example/users/delta?$skiptoken={number}");
        let last = number + 1 == pages.len();
        let links = if last { Links::Delta(&link) } else { Links::Next(&link) };
        let page = Page { run, objects, links, graph_calls: 1 };
        let outcome = block_on(warehouse.store_page(lease, &round, &page, Ceiling::default(), moment()))?;
        let PageOutcome::Stored(counts) = outcome else { bail!("a page was held") };
        round.counts += counts;
        round.next_link = (!last).then_some(link);
    }
    match block_on(warehouse.complete_round(lease, run, &round, Ceiling::default(), moment()))? {
        Completion::Complete { .. } => Ok(()),
        Completion::Held { .. } => bail!("the round was held"),
    }
}

fn objects(page: usize, changed_every: usize) -> String {
    let people = (page * PAGE..(page + 1) * PAGE).map(|number| person(number, changed_every));
    Value::Array(people.map(Value::Object).collect()).to_string()
}

fn person(number: usize, changed_every: usize) -> Map<String, Value> {
    let scattered = number.wrapping_mul(2_654_435_761) & 0xffff_ffff;
    let text = |property: &str| (property.to_owned(), json!(format!("{property} of {number}")));
    let mut person =
        Map::from_iter([("id".to_owned(), json!(format!("{scattered:08x}-0000-4000-8000-{number:012x}")))]);
    person.extend(PROPERTIES.into_iter().map(text));
    let extensions: Map<_, _> = (1..=15).map(|index| (format!("extensionAttribute{index}"), Value::Null)).collect();
    let manager = format!("{:08x}-0000-4000-8000-000000000000", number / 10);
    let rest = [
        ("accountEnabled", json!(!number.is_multiple_of(7))),
        ("businessPhones", json!([format!("+47 22 {number:06}")])),
        ("employeeOrgData", json!({"costCenter": format!("C{}", number % 97), "division": "Research"})),
        ("onPremisesExtensionAttributes", Value::Object(extensions)),
        ("manager@delta", json!([{"@odata.type": "#microsoft.graph.user", "id": manager}])),
    ];
    person.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    if number % changed_every == 1 {
        person.insert("jobTitle".to_owned(), json!("promoted"));
    }
    person
}

fn table() -> Table {
    let mut columns: Vec<Column> =
        PROPERTIES.iter().map(|name| column(name, Source::Path(format!("$.{name}")))).collect();
    columns.push(column("businessPhone", Source::Path("$.businessPhones[0]".to_owned())));
    columns.push(column("costCenter", Source::Path("$.employeeOrgData.costCenter".to_owned())));
    columns.push(column("division", Source::Path("$.employeeOrgData.division".to_owned())));
    columns.push(column("manager", Source::Reference("manager".to_owned())));
    for index in 1..=15 {
        let path = format!("$.onPremisesExtensionAttributes.extensionAttribute{index}");
        columns.push(column(&format!("extension{index}"), Source::Path(path)));
    }
    (0..20).for_each(|index| columns.push(column(&format!("empty{index}"), Source::Nowhere)));
    Table { name: "account", resource: "users", columns }
}

fn column(name: &str, source: Source) -> Column {
    Column { name: name.to_owned(), kind: ColumnKind::Text, source, description: format!("{name} of the person") }
}

fn moment() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}
