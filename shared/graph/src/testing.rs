//! A Graph that answers by a script.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use runtime::{Clock, Http, HttpError, Secret};

use crate::{credential::Credential, error::Error, operation::Api};

/// Answers in order, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) answers: RefCell<VecDeque<Result<http::Response<Bytes>, HttpError>>>,
    pub(crate) requests: RefCell<Vec<http::Request<Bytes>>>,
}

impl Script {
    /// `answers` are status, value of `Retry-After` (none when empty), and body.
    pub(crate) fn of(answers: &[(u16, &str, &str)]) -> Self {
        let script = Self::default();
        for (status, retry_after, body) in answers {
            let mut response = http::Response::builder().status(*status);
            if !retry_after.is_empty() {
                response = response.header("Retry-After", *retry_after);
            }
            let response = response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
            script.answers.borrow_mut().push_back(Ok(response));
        }
        script
    }

    pub(crate) fn body(&self, index: usize) -> serde_json::Value {
        serde_json::from_slice(self.requests.borrow()[index].body()).unwrap()
    }
}

impl Http for Script {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        self.requests.borrow_mut().push(request);
        self.answers.borrow_mut().pop_front().expect("the script has no answer left")
    }
}

/// A clock on which time passes only while somebody sleeps.
#[derive(Default)]
pub(crate) struct Slept(pub(crate) Cell<Duration>);

impl Clock for &Slept {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.0.get()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration);
    }
}

/// A token that never ends.
pub(crate) struct Token;

impl Credential for Token {
    async fn token(&self, _: Api) -> Result<Secret, Error> {
        Ok(Secret::new("token-1".to_owned()))
    }

    fn refused(&self, _: Api, _: &Secret) {}
}
