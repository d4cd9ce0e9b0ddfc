//! A job's component: who may call it, and where its settings come from.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use admission::{Admitted, Entry, Refusal};
use bytes::Bytes;
use graph::{AzureCredential, Client};
use http::{Method, StatusCode};
use runtime::spin::{SpinClock, SpinDatabase, SpinHttp, SpinRandom, read_request, variable, write_response};
use serde_json::Value;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::{
    INVENTORY, Operation,
    audit::{Change, Outcome},
};
use warehouse::Ceiling;

use crate::{
    context::{Context, Settings},
    graph_source::GraphSource,
    job::Job,
    serve::{refuse, serve},
};

/// The longest body that a request may have, in bytes; what is asked for is in its query.
const LONGEST_BODY: usize = 64 * 1024;

/// The longest time budget of a tick, in seconds.
const LONGEST_BUDGET: u64 = 600;

/// The outside world of a job's component.
type SpinContext = Context<GraphSource<SpinHttp, SpinClock, AzureCredential>, SpinDatabase, SpinClock, SpinRandom>;

/// Answers a request to the component of `job`: lets the caller in, reads the settings, and serves.
///
/// The component needs the variables of [`admission::Deployment`] and `time_budget`, and the database labelled `default`.
///
/// # Errors
///
/// An error code when the answer cannot be handed to the host. Whatever else goes wrong is an answer, in the shape of
/// RFC 7644 section 3.12.
pub fn handle(job: Job, request: spin_sdk::http::Request) -> Answering {
    Box::pin(async move { write_response(answer(&job, request).await.unwrap_or_else(|refusal| *refusal)) })
}

/// An answer on its way. It is boxed so that what makes it is compiled here, once, and not again with each component.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response, ErrorCode>>>>;

async fn answer(job: &Job, request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let failed = |error: scim::Error| Box::new(refuse(&error));
    let admitted = Admitted::new(request.method(), request.uri().path(), request.headers()).await?;
    let runs = request.method() != Method::GET;
    admitted.permit(INVENTORY, if runs { Operation::Run } else { Operation::Read }).await?;
    let request = read_request(request, LONGEST_BODY).await.map_err(|error| {
        failed(scim::Error::payload_too_large(format!("the body is larger than {} bytes", error.limit)))
    })?;
    let context = context(&admitted).await.map_err(failed)?;
    let response = serve(job, &context, &request).await;
    if runs {
        admitted.keep(entry(job, &response).into_iter().collect()).await;
    }
    Ok(response)
}

/// What is written down of a run; nothing where another one is at work or nothing was to run.
fn entry(job: &Job, response: &http::Response<Bytes>) -> Option<Entry> {
    /// The figures of a run that tell what it changed.
    const FIGURES: [&str; 5] = ["pages", "seen", "added", "updated", "removed"];
    let summary: Value = serde_json::from_slice(response.body()).ok()?;
    let status = response.status();
    let text = |name: &str| summary.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if status == StatusCode::OK && summary.get("run").and_then(Value::as_str).is_none() {
        return None;
    }
    if status.is_client_error() {
        return None;
    }
    let figure = |name: &&str| {
        let value = summary.get(*name)?;
        Some(Change { attribute: (*name).to_owned(), old: None, new: Some(value.clone()) })
    };
    let mut changes: Vec<Change> = FIGURES.iter().filter_map(figure).collect();
    changes.push(Change { attribute: "status".to_owned(), old: None, new: Some(text("status").into()) });
    Some(Entry {
        operation: Operation::Run,
        resource: job.name.to_owned(),
        object: text("run"),
        changes,
        requests: Vec::new(),
        status: status.as_u16(),
        outcome: if status == StatusCode::OK { Outcome::Done } else { Outcome::Failed },
        detail: text("detail"),
    })
}

async fn context(admitted: &Admitted) -> Result<SpinContext, scim::Error> {
    let settings = &admitted.credential;
    // The tick asks again itself, as it has to hold its lease meanwhile, and ends by its own time budget.
    let client = Client::new(SpinHttp, SpinClock, AzureCredential::new(Arc::clone(settings)), &settings.endpoints)
        .of_tenant(&admitted.tenant().key())
        .in_background()
        .patience(Duration::from_secs(LONGEST_BUDGET));
    let budget = budget(&setting("time_budget").await?)?;
    let database = SpinDatabase::open("default").await.map_err(|error| scim::Error::unavailable(error.to_string()))?;
    let settings = Settings { tenant: settings.tenant_id.clone(), budget, ceiling: Ceiling::default() };
    Ok(Context { source: GraphSource(client), database, clock: SpinClock, random: SpinRandom, settings })
}

async fn setting(name: &str) -> Result<String, scim::Error> {
    variable(name).await.map_err(scim::Error::internal)
}

fn budget(seconds: &str) -> Result<Duration, scim::Error> {
    match seconds.trim().parse() {
        Ok(seconds @ 1..=LONGEST_BUDGET) => Ok(Duration::from_secs(seconds)),
        _ => Err(scim::Error::internal(format!(
            "the variable time_budget is '{seconds}': give a number of seconds from 1 to {LONGEST_BUDGET}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::budget;

    #[test]
    fn ok_a_budget_is_bounded() {
        assert_eq!(budget(" 60 "), Ok(Duration::from_secs(60)));
        for wrong in ["", "0", "601", "-1", "1m"] {
            assert_eq!(budget(wrong).unwrap_err().status, 500, "{wrong}");
        }
    }
}
