use std::{
    cell::Cell,
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use runtime::{Clock, Http, Timeout};

use crate::{
    answer::Answer,
    batch,
    budget::{self, Budget, Cost, Lane},
    cloud::Endpoints,
    credential::Credential,
    error::{Error, Kind},
    operation::{Api, Operation},
    plan::Plan,
    retry,
    schedule::{self, Group},
    usage::Usage,
};

/// Makes calls of Microsoft Graph, v1.0, and of Azure Resource Manager.
#[derive(Debug)]
pub struct Client<H, C, T> {
    http: H,
    clock: C,
    credential: T,
    graph: String,
    arm: String,
    budget: Arc<Mutex<Budget>>,
    background: bool,
    attempts: u32,
    deadline: DateTime<Utc>,
    usage: Cell<Usage>,
    names: RandomState,
}

/// What Graph answers to a call that succeeds.
#[derive(Clone, Debug)]
pub struct Response {
    /// 2xx.
    pub status: StatusCode,
    /// The headers; of a call in a batch, those that Graph gives for it.
    pub headers: HeaderMap,
    /// JSON, or nothing with a 204.
    pub body: Bytes,
}

impl Response {
    /// What Graph calls the call in its logs; of a call in a batch, the batch's name where it has none of its own.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID).and_then(|name| name.to_str().ok())
    }
}

/// What Graph calls a call in its logs.
const REQUEST_ID: &str = "request-id";

/// How long the calls of one client may take in all, unless [`Client::patience`] says otherwise: a caller's connection
/// lasts about a minute.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a call needs of that time at least: one that is made later may be done and nobody told.
const LAST_CALL: Duration = Duration::from_secs(3);

/// How many exchanges of a plan are under way at once; Graph wants no more than four of one application's mailbox, and
/// its directory is not faster with more.
const WIDTH: usize = 4;

impl<H: Http, C: Clock, T: Credential> Client<H, C, T> {
    /// A client of the Graph and the ARM at `endpoints`, whose time begins to run.
    pub fn new(http: H, clock: C, credential: T, endpoints: &Endpoints) -> Self {
        let now = clock.now();
        Self {
            http,
            credential,
            graph: format!("{}/v1.0", endpoints.graph.trim_end_matches('/')),
            arm: endpoints.arm.trim_end_matches('/').to_owned(),
            budget: Arc::new(Mutex::new(Budget::new(now))),
            background: false,
            attempts: retry::MOST_ATTEMPTS,
            deadline: later(now, PATIENCE),
            usage: Cell::default(),
            names: RandomState::new(),
            clock,
        }
    }

    /// Shares the quota of `tenant` with the other clients of this instance.
    #[must_use]
    pub fn of_tenant(mut self, tenant: &str) -> Self {
        self.budget = shared_budget(tenant, self.clock.now());
        self
    }

    /// Lets everybody else go first, and leaves it to the caller to ask again after a failure.
    #[must_use]
    pub fn in_background(mut self) -> Self {
        (self.background, self.attempts) = (true, 1);
        self
    }

    /// Allows the calls `patience` from now on, waits included.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.deadline = later(self.clock.now(), patience);
        self
    }

    /// What the calls came to so far.
    pub fn usage(&self) -> Usage {
        self.usage.get()
    }

    /// Makes one call: [`Client::run`] of a plan of one.
    ///
    /// # Errors
    ///
    /// Any [`Kind`] but [`Kind::FailedDependency`].
    pub async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        let outcomes = self.run_all(std::slice::from_ref(operation)).await?;
        let none = || Err(Error::local(Kind::InvalidAnswer, "a call has no outcome"));
        outcomes.into_iter().next().unwrap_or_else(none)
    }

    /// Makes the calls of a plan, in as few exchanges as Graph lets them be. Each has its own outcome, in the plan's
    /// order.
    ///
    /// A call waits for the quota ([`Budget`]). One that Graph turns away, or that fails and does no harm when it is made
    /// twice, is made again, alone or in another batch, as long as the client's time allows; what waits for it waits on.
    ///
    /// Source: <https://learn.microsoft.com/graph/json-batching>, <https://learn.microsoft.com/graph/throttling>.
    ///
    /// # Errors
    ///
    /// [`Kind::BadRequest`] when an operation waits for a later one, [`Kind::InvalidAnswer`] for a link that leads out of
    /// Graph. Nothing has been called then.
    pub async fn run(&self, plan: &Plan) -> Result<Vec<Result<Response, Error>>, Error> {
        self.run_all(&plan.operations).await
    }

    async fn run_all(&self, operations: &[Operation]) -> Result<Vec<Result<Response, Error>>, Error> {
        schedule::check(operations)?;
        let addresses: Vec<String> =
            operations.iter().map(|operation| self.address(operation)).collect::<Result<_, _>>()?;
        let mut work: Vec<Step> = operations.iter().map(|_| Step::default()).collect();
        loop {
            skip_what_depends_on_failures(operations, &mut work);
            let open: Vec<bool> = work.iter().map(|step| step.outcome.is_none()).collect();
            let mut groups = schedule::groups(operations, &open);
            let exchanged: Vec<Vec<(usize, Result<Response, Error>)>> = match (groups.pop(), groups.is_empty()) {
                (None, _) => break,
                (Some(only), true) => vec![self.exchange(operations, &addresses, only).await],
                (Some(last), false) => {
                    groups.push(last);
                    let exchanges = groups.into_iter().map(|group| self.exchange(operations, &addresses, group));
                    stream::iter(exchanges).buffered(WIDTH).collect().await
                }
            };
            let mut pause: Option<Duration> = None;
            for (index, outcome) in exchanged.into_iter().flatten() {
                let wait = self.settle(operations, &mut work, index, outcome);
                pause = pause.max(wait);
            }
            if let Some(pause) = pause {
                self.sleep(pause).await;
                self.count(|usage| usage.repeats += 1);
            }
        }
        let nothing = || Err(Error::local(Kind::FailedDependency, "an operation of a plan could not be made"));
        Ok(work.into_iter().map(|step| step.outcome.unwrap_or_else(nothing)).collect())
    }

    /// Keeps an outcome, or leaves the operation open and says how long to wait before it is made again.
    fn settle(
        &self,
        operations: &[Operation],
        work: &mut [Step],
        index: usize,
        outcome: Result<Response, Error>,
    ) -> Option<Duration> {
        let operation = operations.get(index)?;
        if let Err(error) = &outcome
            && error.kind == Kind::FailedDependency
            && operation.after.iter().any(|after| work.get(*after).is_some_and(|step| step.outcome.is_none()))
        {
            // What it waits for is made again, and so is it.
            return None;
        }
        let is_gone = |after: &usize| {
            let outcome = work.get(*after).and_then(|step| step.outcome.as_ref());
            matches!(outcome, Some(Err(error)) if error.kind == Kind::NotFound)
        };
        let waited_for_what_is_gone = operation.after.iter().any(is_gone);
        let step = work.get_mut(index)?;
        step.attempts += 1;
        let mut error = match outcome {
            Ok(response) => {
                step.outcome = Some(Ok(response));
                return None;
            }
            // The attempt before this one was the one that deleted it.
            Err(error)
                if (error.kind == Kind::NotFound
                    || (error.kind == Kind::FailedDependency && waited_for_what_is_gone))
                    && step.is_in_doubt
                    && operation.method == Method::DELETE =>
            {
                let (status, headers, body) = (StatusCode::NO_CONTENT, HeaderMap::new(), Bytes::new());
                step.outcome = Some(Ok(Response { status, headers, body }));
                return None;
            }
            Err(error) => error,
        };
        step.is_in_doubt |= matches!(error.kind, Kind::Unavailable | Kind::Transport);
        let wait = retry::wait(operation, &error, step.attempts, self.chance(index));
        let in_time = |wait: &Duration| later(self.clock.now(), *wait + LAST_CALL) < self.deadline;
        let is_allowed = step.attempts < self.attempts || error.kind == Kind::Unauthorized;
        let wait = wait.filter(|_| is_allowed);
        match wait.filter(in_time) {
            Some(wait) => Some(wait),
            None => {
                if matches!(error.kind, Kind::Throttled | Kind::Unavailable) {
                    error.retry_after = error.retry_after.or(wait);
                }
                log(operation, &error);
                step.outcome = Some(Err(error));
                None
            }
        }
    }

    /// Makes one exchange: an operation alone, or a batch.
    async fn exchange(
        &self,
        operations: &[Operation],
        addresses: &[String],
        group: Group,
    ) -> Vec<(usize, Result<Response, Error>)> {
        let member = |index: &usize| Some((operations.get(*index)?, addresses.get(*index)?));
        let members: Vec<(&Operation, &String)> = group.iter().filter_map(member).collect();
        let cost = Cost::of(members.iter().map(|(operation, _)| *operation));
        if let [(operation, address)] = members.as_slice() {
            let outcome = self.call(operation, address, cost).await.and_then(|answer| self.judge(operation, answer));
            return group.into_iter().zip([outcome]).collect();
        }
        let outcomes = self.call_batch(operations, &group, &members, cost).await;
        match outcomes {
            Ok(outcomes) => group.into_iter().zip(outcomes).collect(),
            Err(error) => group.into_iter().map(|index| (index, Err(error.clone()))).collect(),
        }
    }

    async fn call_batch(
        &self,
        operations: &[Operation],
        group: &[usize],
        members: &[(&Operation, &String)],
        cost: Cost,
    ) -> Result<Vec<Result<Response, Error>>, Error> {
        let below = |address: &'_ str| address.strip_prefix(&self.graph).map(str::to_owned);
        let urls: Vec<String> = members.iter().filter_map(|(_, address)| below(address)).collect();
        let named: Vec<(usize, &str)> = group.iter().copied().zip(urls.iter().map(String::as_str)).collect();
        let batch = batch::operation(operations, &named)?;
        let answer = self.call(&batch, &format!("{}{}", self.graph, batch.path), cost).await?;
        let response = self.judge(&batch, answer)?;
        let answers = batch::answers(group, &response.body)?;
        // Where Graph names no call of a batch apart, the batch's name is what its logs know all of them by.
        let name = response.headers.get(REQUEST_ID);
        let judge = |(answer, (operation, _)): (Result<Answer, Error>, &(&Operation, &String))| {
            let mut answer = answer?;
            if let Some(name) = name {
                answer.headers.entry(REQUEST_ID).or_insert_with(|| name.clone());
            }
            self.judge(operation, answer)
        };
        Ok(answers.into_iter().zip(members).map(judge).collect())
    }

    /// Makes one HTTP exchange as soon as the quota lets it.
    async fn call(&self, operation: &Operation, address: &str, cost: Cost) -> Result<Answer, Error> {
        self.wait_for_quota(operation, cost).await?;
        let token = self.credential.token(operation.api).await?;
        let mut request = self.request(operation, address, token.expose(), self.lane(cost))?;
        let sent = self.clock.now();
        let left = (self.deadline - sent).to_std().unwrap_or_default();
        if left.is_zero() {
            return Err(Error::local(Kind::Unavailable, "the time for the request is over"));
        }
        request.extensions_mut().insert(Timeout(left));
        self.count(|usage| usage.calls = usage.calls.saturating_add(1));
        let outcome = self.http.send(request).await.map_err(|error| Error::unanswered(&error));
        let took = (self.clock.now() - sent).to_std().unwrap_or_default();
        self.count(|usage| usage.graph += took);
        let (parts, body) = outcome?.into_parts();
        if parts.status == StatusCode::UNAUTHORIZED {
            self.credential.refused(operation.api, &token);
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Takes in what an answer says of the quota, and tells a success from a failure.
    fn judge(&self, operation: &Operation, answer: Answer) -> Result<Response, Error> {
        let now = self.clock.now();
        let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let told = text("x-ms-resource-unit").and_then(|units| units.trim().parse().ok());
        let scope = text("x-ms-throttle-scope").map(str::to_owned);
        let is_batch = operation.path == "/$batch";
        if operation.api == Api::Graph && !is_batch {
            // What was not made because something else failed costs nothing.
            if answer.status != StatusCode::FAILED_DEPENDENCY {
                self.count(|usage| usage.units = usage.units.saturating_add(told.unwrap_or_else(|| operation.units())));
            }
            // A failure without the header may come from a proxy, and says nothing of the quota.
            let is_of_directory = !operation.is_report();
            if is_of_directory && (answer.status.is_success() || answer.headers.contains_key(budget::USED)) {
                self.budget().learn(operation.is_write(), &answer.headers, now);
            }
        }
        let outcome = answer.judge(now);
        if let Err(error) = &outcome
            && error.kind == Kind::Throttled
            && operation.api == Api::Graph
        {
            let wait = error.retry_after.unwrap_or(Duration::from_secs(1));
            // A batch is no write, whatever is in it.
            let cost = if is_batch { Cost::default() } else { Cost::of([operation]) };
            self.budget().turned_away(cost, scope.as_deref(), wait, now);
        }
        outcome
    }

    async fn wait_for_quota(&self, operation: &Operation, cost: Cost) -> Result<(), Error> {
        if operation.api != Api::Graph {
            return Ok(());
        }
        let lane = self.lane(cost);
        let now = self.clock.now();
        let patience = (self.deadline - now).to_std().unwrap_or_default().saturating_sub(LAST_CALL);
        let admitted = self.budget().admit(lane, cost, now, patience);
        match admitted {
            Ok(wait) => {
                if !wait.is_zero() {
                    self.sleep(wait).await;
                }
                Ok(())
            }
            Err(wait) => {
                let message = "the quota of Microsoft Graph for this tenant is used up for now";
                Err(Error { retry_after: Some(wait), ..Error::local(Kind::Throttled, message) })
            }
        }
    }

    fn lane(&self, cost: Cost) -> Lane {
        match (self.background, cost.writes) {
            (true, _) => Lane::Background,
            (false, 0) => Lane::Read,
            (false, _) => Lane::Write,
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.count(|usage| usage.waited += duration);
        if !duration.is_zero() {
            self.clock.sleep(duration).await;
        }
    }

    fn count(&self, change: impl FnOnce(&mut Usage)) {
        let mut usage = self.usage.get();
        change(&mut usage);
        self.usage.set(usage);
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole URL. The token must not leave for another host, so of a link only what is below the base is taken; that
    /// also lets a link that was kept outlive a change of address.
    fn address(&self, operation: &Operation) -> Result<String, Error> {
        let url = operation.url();
        let base = match operation.api {
            Api::Graph => &self.graph,
            Api::Arm => &self.arm,
        };
        if !operation.is_link() {
            return Ok(format!("{base}{url}"));
        }
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
        let below = match operation.api {
            Api::Graph => path.and_then(|path| path.strip_prefix("v1.0/")),
            Api::Arm => path.filter(|path| path.starts_with("subscriptions") || path.starts_with("providers/")),
        };
        match below {
            Some(below) => Ok(format!("{base}/{below}")),
            None => Err(Error::local(Kind::InvalidAnswer, "a link of Microsoft Graph leads out of its version 1.0")),
        }
    }

    fn request(&self, operation: &Operation, address: &str, token: &str, lane: Lane) -> Result<Request<Bytes>, Error> {
        let invalid = |error: http::Error| {
            Error::local(Kind::BadRequest, format!("{} cannot be called: {error}", operation.path))
        };
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Error::local(Kind::Credential, "the token has characters that no header may have"))?;
        authorization.set_sensitive(true);
        let mut builder = Request::builder()
            .method(operation.method.clone())
            .uri(address)
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", self.name());
        if let Some(priority) = lane.priority().filter(|_| operation.api == Api::Graph) {
            builder = builder.header("x-ms-throttle-priority", priority);
        }
        for (name, value) in &operation.headers {
            builder = builder.header(*name, *value);
        }
        let body = match &operation.body {
            Some(body) => {
                builder = builder.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.clone())
            }
            None => Bytes::new(),
        };
        // Hyper leaves the length out of a request without a body, and Graph answers a POST without one with 411.
        if body.is_empty() && operation.method != Method::GET && operation.method != Method::DELETE {
            builder = builder.header(header::CONTENT_LENGTH, "0");
        }
        builder.body(body).map_err(invalid)
    }

    /// A number from 0 to 1 that differs from call to call.
    fn chance(&self, index: usize) -> f64 {
        let hash = self.names.hash_one((index, self.usage.get().calls));
        f64::from(u32::try_from(hash >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }

    /// A name for a call, in the shape of a UUID; Microsoft's support finds the call by it.
    fn name(&self) -> String {
        let calls = self.usage.get().calls;
        let (left, right) = (self.names.hash_one((calls, 0)), self.names.hash_one((calls, 1)));
        let name = (u128::from(left) << 64) | u128::from(right);
        let version_4 = (name & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let digits = format!("{version_4:032x}");
        let (first, rest) = digits.split_at(8);
        let (second, rest) = rest.split_at(4);
        let (third, rest) = rest.split_at(4);
        let (fourth, fifth) = rest.split_at(4);
        format!("{first}-{second}-{third}-{fourth}-{fifth}")
    }
}

/// How far an operation has come.
#[derive(Default)]
struct Step {
    outcome: Option<Result<Response, Error>>,
    attempts: u32,
    /// Whether an attempt failed in a way that does not tell whether it was made.
    is_in_doubt: bool,
}

/// Writes a failure to the log: what Microsoft's support asks for, and nothing of a person.
fn log(operation: &Operation, error: &Error) {
    if matches!(error.kind, Kind::NotFound | Kind::FailedDependency) {
        return;
    }
    let path = operation.path.split('?').next().unwrap_or_default();
    let path = path.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or(path, |(_, path)| path);
    let is_name =
        |segment: &str| segment.chars().all(|character| character.is_ascii_alphabetic() || "$.".contains(character));
    let shape: Vec<&str> =
        path.split('/').map(|segment| if is_name(segment) || segment == "v1.0" { segment } else { "{}" }).collect();
    runtime::log(&format!(
        "graph=failed call=\"{} {}\" kind={:?} status={} code={} request-id={} client-request-id={}",
        operation.method,
        shape.join("/"),
        error.kind,
        error.status.unwrap_or_default(),
        error.code,
        error.request_id.as_deref().unwrap_or_default(),
        error.client_request_id.as_deref().unwrap_or_default(),
    ));
}

/// What waits for a failure fails too, so that it is not made.
fn skip_what_depends_on_failures(operations: &[Operation], work: &mut [Step]) {
    for (index, operation) in operations.iter().enumerate() {
        let fails = |after: &usize| matches!(work.get(*after), Some(Step { outcome: Some(Err(_)), .. }));
        let Some(cause) = operation.after.iter().copied().find(fails) else { continue };
        if let Some(step) = work.get_mut(index).filter(|step| step.outcome.is_none()) {
            let message = format!("operation {cause} of the plan failed, and this one waits for it");
            step.outcome = Some(Err(Error::local(Kind::FailedDependency, message)));
        }
    }
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1)).min(TimeDelta::days(1))
}

/// How many tenants' budgets an instance keeps.
const MOST_BUDGETS: usize = 64;

/// The budgets that the requests of this instance share, by tenant.
static BUDGETS: Mutex<BTreeMap<String, Arc<Mutex<Budget>>>> = Mutex::new(BTreeMap::new());

fn shared_budget(tenant: &str, now: DateTime<Utc>) -> Arc<Mutex<Budget>> {
    let mut budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    if budgets.len() >= MOST_BUDGETS && !budgets.contains_key(tenant) {
        budgets.clear();
    }
    Arc::clone(budgets.entry(tenant.to_owned()).or_insert_with(|| Arc::new(Mutex::new(Budget::new(now)))))
}

#[cfg(test)]
mod tests;
