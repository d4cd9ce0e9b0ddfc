use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use runtime::{Clock, Http};

use crate::{
    answer, batch,
    credential::Credential,
    error::{Error, Kind},
    operation::Operation,
    plan::Plan,
};

/// Makes calls of Microsoft Graph, v1.0.
#[derive(Debug)]
pub struct Client<H, C, T> {
    http: H,
    clock: C,
    credential: T,
    base: String,
    calls: Cell<u32>,
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

/// How often a repeatable call is made again.
const RETRIES: u32 = 2;

/// The longest wait before a call is made again; a caller can wait longer than a request should.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

impl<H: Http, C: Clock, T: Credential> Client<H, C, T> {
    /// A client of the Graph at `base_url`, `https://graph.microsoft.com` or that of a national cloud.
    pub fn new(http: H, clock: C, credential: T, base_url: &str) -> Self {
        let base = format!("{}/v1.0", base_url.trim_end_matches('/'));
        Self { http, clock, credential, base, calls: Cell::new(0), names: RandomState::new() }
    }

    /// How many HTTP exchanges with Graph there were so far, those that failed included.
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// Makes one call.
    ///
    /// A repeatable one that Graph has no room for is made again, at most twice, when Graph asks for a wait of at most
    /// two seconds.
    ///
    /// # Errors
    ///
    /// Any [`Kind`] but [`Kind::FailedDependency`].
    pub async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        let address = self.address(operation)?;
        let mut attempt = 0;
        loop {
            match self.exchange(operation, &address).await {
                Err(error) if operation.repeatable && attempt < RETRIES => match wait(&error) {
                    Some(wait) => self.clock.sleep(wait).await,
                    None => return Err(error),
                },
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    /// Makes the calls of a plan: one as it is, several as one batch. Each has its own outcome, in the plan's order.
    ///
    /// Source: <https://learn.microsoft.com/graph/json-batching>.
    ///
    /// # Errors
    ///
    /// What keeps the batch as a whole from being made or understood: [`Kind::BadRequest`] when the plan has more than 20
    /// operations or one waits for a later one, else what [`Client::send`] says of the batch.
    pub async fn run(&self, plan: &Plan) -> Result<Vec<Result<Response, Error>>, Error> {
        match plan.operations.as_slice() {
            [] => Ok(Vec::new()),
            [operation] => Ok(vec![self.send(operation).await]),
            operations => {
                let addresses: Vec<String> =
                    operations.iter().map(|operation| self.address(operation)).collect::<Result<_, _>>()?;
                let below: Vec<&str> =
                    addresses.iter().map(|address| address.strip_prefix(&self.base).unwrap_or(address)).collect();
                let response = self.send(&batch::operation(operations, &below)?).await?;
                batch::outcomes(operations.len(), &response.body)
            }
        }
    }

    /// The whole URL. The token must not leave for another host, so of a link only what is below `/v1.0` is taken; that
    /// also lets a link that was kept outlive a change of address.
    fn address(&self, operation: &Operation) -> Result<String, Error> {
        let url = operation.url();
        if !operation.is_link() {
            return Ok(format!("{}{url}", self.base));
        }
        let below = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .and_then(|(_, path)| path.strip_prefix("v1.0/"));
        match below {
            Some(below) => Ok(format!("{}/{below}", self.base)),
            None => Err(Error::local(Kind::InvalidAnswer, "a link of Microsoft Graph leads out of its version 1.0")),
        }
    }

    async fn exchange(&self, operation: &Operation, address: &str) -> Result<Response, Error> {
        let token = self.credential.token().await?;
        let request = self.request(operation, address, token.expose())?;
        self.calls.set(self.calls.get().saturating_add(1));
        let response =
            self.http.send(request).await.map_err(|error| Error::local(Kind::Transport, error.to_string()))?;
        let (parts, body) = response.into_parts();
        answer::judge(parts.status, parts.headers, body)
    }

    fn request(&self, operation: &Operation, address: &str, token: &str) -> Result<Request<Bytes>, Error> {
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

    /// A name for a call, in the shape of a UUID; Microsoft's support finds the call by it.
    fn name(&self) -> String {
        let calls = self.calls.get();
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

/// How long to wait before the same call; nothing when it is not worth it here.
fn wait(error: &Error) -> Option<Duration> {
    match error.status {
        Some(429 | 503 | 504) => error.retry_after.filter(|wait| *wait <= LONGEST_WAIT),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
