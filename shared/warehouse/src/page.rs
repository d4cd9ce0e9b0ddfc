use chrono::{DateTime, Utc};
use runtime::{Database, Value};

use crate::{
    Warehouse,
    error::{Error, Kind},
    job::{Counts, Lease, Phase, Round},
    record::{Record, count, moment},
    statement::{Change, PageStatement},
    transaction::{End, transaction},
};

/// A page of a round, as Graph gave it.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The run that stores it.
    pub run: i64,
    /// The objects: the text of a JSON array.
    pub objects: &'a str,
    /// What follows.
    pub links: Links<'a>,
    /// Requests made to Graph since the page before.
    pub graph_calls: u64,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Links<'a> {
    /// Another page, at this link.
    Next(&'a str),
    /// Nothing; this link begins the next round.
    Delta(&'a str),
}

/// How many objects a round may mark deleted before a person has to agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ceiling {
    /// A share of the objects that are there, in percent. Default 5.
    pub percent: u64,
    /// So many in any case. Default 50.
    pub at_least: u64,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self { percent: 5, at_least: 50 }
    }
}

/// What came of storing a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PageOutcome {
    /// It is stored, and the round has moved on.
    Stored(Counts),
    /// Nothing was written: more objects would go than may without a person's word.
    Held {
        /// How many would go in this round.
        removals: u64,
        /// How many may.
        allowed: u64,
    },
}

const CLAIM: &str = "UPDATE watermark SET lease_expires_at = ?4
WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3 AND round_run = ?5 AND round_pages = ?6 AND round_next_link IS ?7
RETURNING round_removed";

const ADVANCE: &str = "UPDATE watermark SET round_next_link = ?4, round_end_link = ?5, round_pages = round_pages + 1,
  round_seen = round_seen + ?6, round_added = round_added + ?7, round_updated = round_updated + ?8,
  round_removed = round_removed + ?9, round_graph_calls = round_graph_calls + ?10
WHERE tenant_id = ?1 AND job = ?2 AND fence = ?3";

const COUNT: &str = "UPDATE inventory_run SET pages = pages + 1, seen = seen + ?2, added = added + ?3,
  updated = updated + ?4, removed = removed + ?5, graph_calls = graph_calls + ?6 WHERE id = ?1";

impl<D: Database> Warehouse<D> {
    /// Stores a page and moves the round to what follows it, in one transaction.
    ///
    /// `round` says where the round stands, which is where the page was found.
    ///
    /// # Errors
    ///
    /// [`Kind::LeaseLost`] when another run has taken the job or moved the round, [`Kind::InvalidPage`] when an object
    /// has no id, [`Kind::Database`] when a statement fails. Nothing is stored then.
    pub async fn store_page(
        &self,
        lease: &Lease,
        round: &Round,
        page: &Page<'_>,
        ceiling: Ceiling,
        now: DateTime<Utc>,
    ) -> Result<PageOutcome, Error> {
        transaction(&self.database, async || {
            let removed_before = self.claim(lease, round, now).await?;
            let mut counts = Counts { pages: 1, graph_calls: page.graph_calls, ..Counts::default() };
            if !is_empty_array(page.objects) {
                self.store_objects(&lease.key.tenant, round, page, now, &mut counts).await?;
            }
            if counts.removed > 0 {
                let removals = removed_before + counts.removed;
                let allowed = removals_allowed(self, lease, removals, ceiling).await?;
                if removals > allowed {
                    return Ok(End::Rollback(PageOutcome::Held { removals, allowed }));
                }
            }
            self.advance(lease, page, &counts).await?;
            Ok(End::Commit(PageOutcome::Stored(counts)))
        })
        .await
    }

    /// Makes sure that the lease holds and that the round stands where the page was found; holds the lease on.
    async fn claim(&self, lease: &Lease, round: &Round, now: DateTime<Utc>) -> Result<u64, Error> {
        let [tenant, job] = lease.key.parameters();
        let position = Value::from(round.next_link.as_deref());
        let (run, pages) = (round.run.into(), count(round.counts.pages));
        let claimed = [tenant, job, lease.fence.into(), lease.end(now), run, pages, position];
        let mut record = Record::first(self.database.execute(CLAIM, &claimed).await?)
            .ok_or_else(|| Error::lease_lost(&lease.key.job))?;
        record.count()
    }

    async fn store_objects(
        &self,
        tenant: &str,
        round: &Round,
        page: &Page<'_>,
        now: DateTime<Utc>,
        counts: &mut Counts,
    ) -> Result<(), Error> {
        self.database.execute(&self.statements.clear_objects, &[]).await?;
        self.database.execute(&self.statements.stage_objects, &[page.objects.into()]).await?;
        let mut record = Record::only(self.database.execute(&self.statements.inspect_objects, &[]).await?)?;
        let (seen, nameless, different) = (record.count()?, record.count()?, record.count()?);
        if nameless > 0 {
            return Err(Error::new(
                Kind::InvalidPage,
                format!("{nameless} of the {seen} items of the page have no id"),
            ));
        }
        counts.seen = seen;
        let occurrences = if different == seen { 1 } else { self.number_occurrences().await? };
        let full = i64::from(round.phase == Phase::Full);
        for occurrence in 1..=occurrences {
            let parameters =
                [tenant.into(), page.run.into(), moment(now), round.run.into(), full.into(), count(occurrence)];
            self.store_occurrence(&parameters, counts).await?;
        }
        Ok(())
    }

    async fn number_occurrences(&self) -> Result<u64, Error> {
        self.database.execute(&self.statements.number_occurrences, &[]).await?;
        Record::only(self.database.execute(&self.statements.count_occurrences, &[]).await?)?.count()
    }

    async fn store_occurrence(&self, parameters: &[Value; 6], counts: &mut Counts) -> Result<(), Error> {
        self.database.execute(&self.statements.clear_rows, &[]).await?;
        self.run(&self.statements.stage_rows, parameters).await?;
        let mut changes = Vec::new();
        for mut record in Record::all(self.database.execute(&self.statements.count_changes, &[]).await?) {
            let (change, number) = (Change::parse(&record.text()?), record.count()?);
            match change {
                Change::Created | Change::Restored => counts.added += number,
                Change::Updated | Change::Reason => counts.updated += number,
                Change::Deleted => counts.removed += number,
                Change::Raw | Change::Met | Change::Nothing => {}
            }
            changes.push(change);
        }
        for (needed_for, statement) in &self.statements.apply {
            if needed_for.iter().any(|change| changes.contains(change)) {
                self.run(statement, parameters).await?;
            }
        }
        Ok(())
    }

    async fn run(&self, statement: &PageStatement, parameters: &[Value; 6]) -> Result<(), Error> {
        let taken = parameters.get(..statement.parameters).unwrap_or(parameters);
        self.database.execute(&statement.text, taken).await?;
        Ok(())
    }

    async fn advance(&self, lease: &Lease, page: &Page<'_>, counts: &Counts) -> Result<(), Error> {
        let [tenant, job] = lease.key.parameters();
        let (next, end) = match page.links {
            Links::Next(link) => (link.into(), Value::Null),
            Links::Delta(link) => (Value::Null, link.into()),
        };
        let sums = [counts.seen, counts.added, counts.updated, counts.removed, counts.graph_calls].map(count);
        let mut advanced = vec![tenant, job, lease.fence.into(), next, end];
        advanced.extend_from_slice(&sums);
        self.database.execute(ADVANCE, &advanced).await?;
        let mut counted = vec![page.run.into()];
        counted.extend_from_slice(&sums);
        self.database.execute(COUNT, &counted).await?;
        Ok(())
    }
}

/// Whether there is nothing between the brackets.
fn is_empty_array(text: &str) -> bool {
    let inner = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| inner.trim().is_empty())
}

/// How many objects the round may remove in all; any number once a person agreed.
pub(crate) async fn removals_allowed<D: Database>(
    warehouse: &Warehouse<D>,
    lease: &Lease,
    removed: u64,
    ceiling: Ceiling,
) -> Result<u64, Error> {
    let [tenant, job] = lease.key.parameters();
    let statement = "SELECT round_deletes_accepted FROM watermark WHERE tenant_id = ?1 AND job = ?2";
    let rows = warehouse.database.execute(statement, &[tenant.clone(), job]).await?;
    if Record::only(rows)?.integer()? == 1 {
        return Ok(u64::MAX);
    }
    let before = warehouse.count_present(&tenant).await? + removed;
    Ok(ceiling.at_least.max(before * ceiling.percent / 100))
}
