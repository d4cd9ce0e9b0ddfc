//! What was done for a request, on its way to the audit trail.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use runtime::{Database, spin::SpinDatabase};
use serde_json::json;
use trust::{
    Caller, Operation,
    audit::{Change, Hash, Link, Outcome, Record, chain},
};
use warehouse::audit::{AuditColumns, AuditText};

use crate::refusals::REFUSALS;

/// What was done for a request, or refused, in the order in which it ended.
#[derive(Debug, Default)]
pub struct Journal(RefCell<Vec<Entry>>);

impl Journal {
    /// Notes what was done.
    pub fn note(&self, entry: Entry) {
        self.0.borrow_mut().push(entry);
    }

    /// What was noted so far, which is forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Entry> {
        self.0.take()
    }
}

/// One thing that was done to an object, tried or refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What was asked for.
    pub operation: Operation,
    /// The resource type's endpoint: `Users`.
    pub resource: String,
    /// The object's id, or what the caller named it by; empty where it never came to be.
    pub object: String,
    /// The attributes that were to change.
    pub changes: Vec<Change>,
    /// What Graph calls the calls in its logs.
    pub requests: Vec<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not done; empty where it was.
    pub detail: String,
}

impl Entry {
    /// What a caller asked for and may not do.
    #[must_use]
    pub fn refused(operation: Operation, resource: &str, error: &scim::Error) -> Self {
        Self {
            operation,
            resource: resource.to_owned(),
            object: String::new(),
            changes: Vec::new(),
            requests: Vec::new(),
            status: error.status,
            outcome: Outcome::Refused,
            detail: error.detail.clone(),
        }
    }
}

/// Who did it, from where, and when.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    pub(crate) at: DateTime<Utc>,
    pub(crate) request_id: String,
    pub(crate) address: Option<IpAddr>,
    pub(crate) tenant: String,
    pub(crate) tenant_id: String,
    pub(crate) caller: String,
    pub(crate) proof: String,
}

impl Circumstances {
    /// Notes who is calling.
    pub(crate) fn is_of(&mut self, caller: &Caller) {
        self.tenant.clone_from(&caller.tenant.name);
        self.tenant_id.clone_from(&caller.tenant.tenant_id);
        self.caller.clone_from(&caller.name);
        self.proof = caller.proof.to_string();
    }

    /// The records of what was done; of refusals only some, once there are many.
    pub(crate) fn records(&self, entries: Vec<Entry>) -> Vec<Record> {
        let minute = self.at.timestamp().div_euclid(60);
        let told = entries.into_iter().filter_map(|mut entry| {
            if entry.outcome == Outcome::Refused {
                let number = REFUSALS.count(&self.tenant_id, &self.caller, minute)?;
                if number > 1 {
                    entry.detail = format!("{} (refusal {number} of this minute)", entry.detail);
                }
            }
            Some(self.record(entry))
        });
        told.collect()
    }

    fn record(&self, entry: Entry) -> Record {
        Record {
            at: self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            request_id: self.request_id.clone(),
            tenant: self.tenant.clone(),
            caller: self.caller.clone(),
            proof: self.proof.clone(),
            address: self.address.map(|address| address.to_string()).unwrap_or_default(),
            operation: entry.operation.name().to_owned(),
            resource: entry.resource,
            object: entry.object,
            changes: entry.changes,
            graph_request_ids: entry.requests,
            outcome: entry.outcome,
            status: entry.status,
            detail: entry.detail,
        }
    }
}

/// How many records wait for a warehouse that does not answer; more are only on standard output.
const MOST_WAITING: usize = 1000;

/// How many refusals of a tenant are stored within a minute, whatever instance they came to.
const MOST_REFUSED: u32 = 100;

/// Records that the warehouse did not take, with their tenants.
static WAITING: Mutex<Vec<(String, Record)>> = Mutex::new(Vec::new());

/// Whether the warehouse takes records again, of which some wait: until it does, nothing more is written.
///
/// A write that was made cannot be taken back when it cannot be recorded. So one may stand on standard output alone, and it
/// is the last one: what waits goes to the warehouse before anything else is written.
///
/// # Errors
///
/// A sentence when the warehouse still does not take them.
pub(crate) async fn catch_up() -> Result<(), String> {
    let waiting = std::mem::take(&mut *WAITING.lock().unwrap_or_else(PoisonError::into_inner));
    for (index, (tenant, record)) in waiting.iter().enumerate() {
        if let Err(error) = append(tenant, std::slice::from_ref(record)).await {
            let rest = waiting.get(index..).unwrap_or_default().iter().cloned();
            WAITING.lock().unwrap_or_else(PoisonError::into_inner).extend(rest);
            return Err(format!("what was done before cannot be recorded, so nothing is changed: {error}"));
        }
    }
    Ok(())
}

/// Appends records to the trail of a tenant, and writes each as a line of JSON to standard output. What cannot be appended
/// waits, and stands on standard output without its place in the trail.
pub(crate) async fn keep(tenant: &str, records: Vec<Record>) {
    if records.is_empty() {
        return;
    }
    let Err(error) = append(tenant, &records).await else { return };
    runtime::log(&format!("audit=unrecorded records={} reason=\"{error}\"", records.len()));
    for record in &records {
        runtime::line(&json!({ "audit": "unrecorded", "record": record }).to_string());
    }
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let room = MOST_WAITING.saturating_sub(waiting.len());
    waiting.extend(records.into_iter().take(room).map(|record| (tenant.to_owned(), record)));
}

async fn append(tenant: &str, records: &[Record]) -> Result<(), String> {
    let database = SpinDatabase::kept_or_open("default").await.map_err(|error| error.to_string())?;
    if records.iter().all(|record| record.outcome == Outcome::Refused) && is_flooded(&database, tenant, records).await {
        return Ok(());
    }
    // After a failure the connection may be in a transaction: it is closed, and what was begun is undone.
    let links = append_to(&database, tenant, records).await.map_err(|error| error.to_string())?;
    database.keep("default");
    links.iter().for_each(|link| runtime::line(&line(tenant, link)));
    Ok(())
}

/// Whether so many refusals of the last minute are stored that one more tells nothing new: where each request has an
/// instance of its own, none of them can count.
async fn is_flooded<D: Database>(database: &D, tenant: &str, records: &[Record]) -> bool {
    let at = records.first().map(columns).unwrap_or_default().at;
    let since = at - TimeDelta::minutes(1);
    let stored = warehouse::audit::count_since(database, tenant, "refused", since, MOST_REFUSED).await;
    stored.is_ok_and(|stored| stored >= u64::from(MOST_REFUSED))
}

/// A link as a line of the log: whoever keeps these elsewhere has the chain twice, and knows its last hash.
fn line(tenant: &str, link: &Link) -> String {
    let Link { sequence, previous, text, hash } = link;
    let tenant = json!(tenant);
    // The text is JSON itself, and stands as it was hashed.
    format!(
        r#"{{"audit":{{"tenant_id":{tenant},"sequence":{sequence},"previous":"{previous}","hash":"{hash}","record":{text}}}}}"#
    )
}

/// Appends records to the trail in `database`; the links that were made of them.
///
/// # Errors
///
/// As [`warehouse::audit::append`].
pub async fn append_to<D: Database>(
    database: &D,
    tenant: &str,
    records: &[Record],
) -> Result<Vec<Link>, warehouse::Error> {
    let lines: Vec<AuditColumns> = records.iter().map(columns).collect();
    let start = Hash::start(tenant);
    // A transaction that is tried again links anew.
    let links = RefCell::new(BTreeMap::new());
    warehouse::audit::append(database, tenant, &start.to_string(), &lines, |previous, sequence, index| {
        // A hash that is none was written by another hand: the chain begins anew there, and is seen to.
        let previous = previous.parse().unwrap_or(start);
        let empty = Record::default();
        let link = chain(&previous, sequence, records.get(index).unwrap_or(&empty));
        let text = AuditText { text: link.text.clone(), hash: link.hash.to_string() };
        links.borrow_mut().insert(index, link);
        text
    })
    .await?;
    Ok(links.into_inner().into_values().collect())
}

fn columns(record: &Record) -> AuditColumns {
    AuditColumns {
        at: DateTime::parse_from_rfc3339(&record.at).map(|at| at.to_utc()).unwrap_or_default(),
        request_id: record.request_id.clone(),
        caller: record.caller.clone(),
        operation: record.operation.clone(),
        resource: record.resource.clone(),
        object_id: record.object.clone(),
        outcome: serde_json::to_value(record.outcome)
            .ok()
            .and_then(|outcome| outcome.as_str().map(str::to_owned))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
