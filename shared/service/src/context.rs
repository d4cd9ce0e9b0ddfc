use std::future::Future;

use graph::{Client, Credential, Error, Operation, Plan, Response};
use runtime::{Clock, Http, KeyValue, Random};

/// What handling a request needs of the world.
pub struct Context<'a, G, K, R> {
    /// Microsoft Graph.
    pub graph: G,
    /// Where walks by index are remembered.
    pub store: K,
    /// Random bytes, for passwords.
    pub random: R,
    /// What the deployment chose about the mapping.
    pub settings: &'a mapping::Settings,
    /// Where Graph is, such as `https://graph.microsoft.com`; references in bodies name it.
    pub graph_url: &'a str,
    /// The key that seals cursors.
    pub seal: [u8; 32],
    /// Who is calling.
    pub caller: &'a str,
}

/// The calls of Graph that a service makes.
pub trait Graph {
    /// Makes one call.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    fn send(&self, operation: &Operation) -> impl Future<Output = Result<Response, Error>>;

    /// Makes the calls of a plan.
    ///
    /// # Errors
    ///
    /// As [`Client::run`].
    fn run(&self, plan: &Plan) -> impl Future<Output = Result<Vec<Result<Response, Error>>, Error>>;

    /// How many exchanges with Graph there were so far.
    fn calls(&self) -> u32;
}

impl<H: Http, C: Clock, T: Credential> Graph for Client<H, C, T> {
    fn send(&self, operation: &Operation) -> impl Future<Output = Result<Response, Error>> {
        Self::send(self, operation)
    }

    fn run(&self, plan: &Plan) -> impl Future<Output = Result<Vec<Result<Response, Error>>, Error>> {
        Self::run(self, plan)
    }

    fn calls(&self) -> u32 {
        Self::calls(self)
    }
}

impl<G: Graph, K: KeyValue, R: Random> Context<'_, G, K, R> {
    /// Makes the calls of `plan` and hands back their answers, or the first failure.
    pub(crate) async fn all(&self, plan: &Plan) -> Result<Vec<Response>, Error> {
        let outcomes = self.graph.run(plan).await?;
        // What waited for a failed call fails too; the cause is what the caller wants to hear.
        let (answers, failures): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        let mut failures: Vec<Error> = failures.into_iter().filter_map(Result::err).collect();
        failures.sort_by_key(|failure| failure.kind == graph::Kind::FailedDependency);
        match failures.into_iter().next() {
            Some(failure) => Err(failure),
            None => Ok(answers.into_iter().filter_map(Result::ok).collect()),
        }
    }
}
