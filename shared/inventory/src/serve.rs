use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, Request, Response, StatusCode, header};
use runtime::{Clock, Database, Random};
use serde::Serialize;
use serde_json::{Value, json};
use warehouse::{JobKey, RunRecord, Warehouse, Watermark};

use crate::{
    context::Context,
    job::Job,
    source::DeltaSource,
    summary::{Figures, rfc3339},
    tick::{Decision, Options, tick},
};

/// How many runs `GET /inventory/{resource}` tells of.
const RUNS: u32 = 20;

/// The longest time budget that a caller may give, in seconds.
const LONGEST_BUDGET: u64 = 600;

/// Answers a request to a job's component, whose caller has been let in.
///
/// - `POST /inventory/{resource}/run` does a tick and answers with its [`Summary`](crate::Summary). `budget` is the time
///   it may take, 1 to 600 seconds; `accept-deletes` is a person's word on a round that is held, `true` or `false`.
/// - `GET /inventory/{resource}` tells the last runs, how many objects there are, and how far the inventory has come.
///
/// Errors have the shape of SCIM's, RFC 7644 section 3.12.
pub async fn serve<S: DeltaSource, D: Database, C: Clock, R: Random>(
    job: &Job,
    context: &Context<S, D, C, R>,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    match route(job, context, request).await {
        Ok(response) => response,
        Err(Failure { error, allow }) => {
            let mut response = refuse(&error);
            if let Some(allow) = allow {
                response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allow));
            }
            response
        }
    }
}

/// What goes wrong with a request.
struct Failure {
    error: scim::Error,
    allow: Option<&'static str>,
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self { error, allow: None }
    }
}

impl From<warehouse::Error> for Failure {
    fn from(error: warehouse::Error) -> Self {
        scim::Error::unavailable(error.to_string()).into()
    }
}

async fn route<S: DeltaSource, D: Database, C: Clock, R: Random>(
    job: &Job,
    context: &Context<S, D, C, R>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Failure> {
    let path: Vec<&str> = request.uri().path().split('/').filter(|segment| !segment.is_empty()).collect();
    match path.as_slice() {
        [.., "inventory", resource] if *resource == job.resource => {
            allow(request, &Method::GET, "GET")?;
            let state = state(job, context).await?;
            Ok(answer(200, "application/json", &state))
        }
        [.., "inventory", resource, "run"] if *resource == job.resource => {
            allow(request, &Method::POST, "POST")?;
            let options = options(request.uri().query().unwrap_or_default(), context.settings.budget)?;
            let summary = tick(job, context, options).await?;
            Ok(answer(200, "application/json", &summary))
        }
        _ => {
            let detail =
                format!("there is no such resource: the job has /inventory/{0} and /inventory/{0}/run", job.resource);
            Err(scim::Error::not_found(detail).into())
        }
    }
}

fn allow(request: &Request<Bytes>, method: &Method, allow: &'static str) -> Result<(), Failure> {
    if request.method() == method {
        return Ok(());
    }
    let error = scim::Error::method_not_allowed(format!("this resource takes {allow} only"));
    Err(Failure { error, allow: Some(allow) })
}

/// What the query of `POST …/run` asks for; names that mean nothing here are passed over, as a scheduler may add some.
fn options(query: &str, default_budget: Duration) -> Result<Options, scim::Error> {
    let mut options = Options { budget: default_budget, decision: Decision::Ask };
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "budget" => options.budget = budget(value)?,
            "accept-deletes" => options.decision = decision(value)?,
            _ => {}
        }
    }
    Ok(options)
}

fn budget(value: &str) -> Result<Duration, scim::Error> {
    match value.parse() {
        Ok(seconds @ 1..=LONGEST_BUDGET) => Ok(Duration::from_secs(seconds)),
        _ => Err(scim::Error::invalid_value(format!("budget is a number of seconds from 1 to {LONGEST_BUDGET}"))),
    }
}

fn decision(value: &str) -> Result<Decision, scim::Error> {
    match value {
        "true" => Ok(Decision::Accept),
        "false" => Ok(Decision::Refuse),
        _ => Err(scim::Error::invalid_value("accept-deletes is true or false")),
    }
}

async fn state<S, D: Database, C: Clock, R>(
    job: &Job,
    context: &Context<S, D, C, R>,
) -> Result<Value, warehouse::Error> {
    let warehouse = Warehouse::open(&context.database, &job.table).await?;
    let key = JobKey { tenant: context.settings.tenant.clone(), job: job.name.to_owned() };
    let runs = warehouse.recent_runs(&key, RUNS).await?;
    let population = warehouse.population(&key.tenant).await?;
    let watermark = warehouse.watermark(&key).await?;
    Ok(json!({
        "job": job.name,
        "runs": runs.iter().map(run).collect::<Vec<_>>(),
        "counts": { "active": population.active, "deleted": population.deleted },
        "watermark": watermark_state(&watermark, context.clock.now()),
    }))
}

fn run(record: &RunRecord) -> Value {
    let figures = Figures::from(record.counts);
    json!({
        "run": record.run.to_string(),
        "status": record.status,
        "phase": record.phase,
        "startedAt": rfc3339(record.started_at),
        "finishedAt": record.finished_at.map(rfc3339),
        "pages": figures.pages,
        "seen": figures.seen,
        "added": figures.added,
        "updated": figures.updated,
        "removed": figures.removed,
        "graphCalls": figures.graph_calls,
        "detail": record.detail,
    })
}

/// How far the inventory has come; null until it has read everything once.
fn watermark_state(watermark: &Watermark, now: DateTime<Utc>) -> Value {
    let Some(at) = watermark.complete_at else { return Value::Null };
    json!({
        "at": rfc3339(at),
        "ageSeconds": (now - at).num_seconds().max(0),
        "phase": watermark.round.as_ref().map_or("delta", |round| round.phase.as_str()),
        "complete": watermark.round.is_none(),
    })
}

/// The answer to a request that cannot be done, RFC 7644 section 3.12.
pub(crate) fn refuse(error: &scim::Error) -> Response<Bytes> {
    answer(error.status, "application/scim+json", &error.to_value())
}

fn answer(status: u16, content_type: &'static str, body: &impl Serialize) -> Response<Bytes> {
    let mut response = match serde_json::to_vec(body) {
        Ok(body) => Response::new(Bytes::from(body)),
        // Strings and numbers always serialise; were it otherwise, the status still tells.
        Err(_) => Response::new(Bytes::new()),
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}
