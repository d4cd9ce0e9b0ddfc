//! A job's component: who may call it, and where its settings come from.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use graph::{AzureCredential, Client, CredentialSettings};
use http::{HeaderMap, HeaderValue, header};
use runtime::spin::{SpinClock, SpinDatabase, SpinHttp, SpinRandom, read_request, variable, write_response};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use trust::simple::{Callers, authenticate};
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
/// The component needs the variables of [`CredentialSettings::from_variables`], `caller_token_sha256`,
/// `timer_token_sha256` and `time_budget`, and the database labelled `default`.
///
/// # Errors
///
/// An error code when the answer cannot be handed to the host. Whatever else goes wrong is an answer, in the shape of
/// RFC 7644 section 3.12.
pub async fn handle(job: &Job, request: spin_sdk::http::Request) -> Result<Response, ErrorCode> {
    write_response(answer(job, request).await.unwrap_or_else(|refusal| *refusal))
}

/// The answer to a request that does not get as far as the job.
type Refusal = Box<http::Response<Bytes>>;

async fn answer(job: &Job, request: spin_sdk::http::Request) -> Result<http::Response<Bytes>, Refusal> {
    let failed = |error: scim::Error| Box::new(refuse(&error));
    let_in(request.headers()).await?;
    let request = read_request(request, LONGEST_BODY).await.map_err(|error| {
        failed(scim::Error::payload_too_large(format!("the body is larger than {} bytes", error.limit)))
    })?;
    let context = context().await.map_err(failed)?;
    Ok(serve(job, &context, &request).await)
}

async fn let_in(headers: &HeaderMap) -> Result<(), Refusal> {
    let callers = callers().await.map_err(|error| Box::new(refuse(&error)))?;
    authenticate(headers, &callers).map(|_| ()).map_err(|denied| {
        let mut response = refuse(&denied.error);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(denied.challenge));
        Box::new(response)
    })
}

async fn callers() -> Result<Callers, scim::Error> {
    let caller = setting("caller_token_sha256").await?;
    let timer = setting("timer_token_sha256").await?;
    Callers::new(&[("caller", &caller), ("timer", &timer)]).map_err(|error| scim::Error::internal(error.to_string()))
}

async fn context() -> Result<SpinContext, scim::Error> {
    let settings = Arc::new(CredentialSettings::from_variables().await.map_err(scim::Error::internal)?);
    let tenant = settings.tenant_id.clone();
    // The tick asks again itself, as it has to hold its lease meanwhile, and ends by its own time budget.
    let client = Client::new(SpinHttp, SpinClock, AzureCredential::new(Arc::clone(&settings)), &settings.endpoints)
        .of_tenant(&tenant)
        .in_background()
        .patience(Duration::from_secs(LONGEST_BUDGET));
    let budget = budget(&setting("time_budget").await?)?;
    let database = SpinDatabase::open("default").await.map_err(|error| scim::Error::unavailable(error.to_string()))?;
    let settings = Settings { tenant, budget, ceiling: Ceiling::default() };
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
