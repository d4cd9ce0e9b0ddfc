use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, future::Future, pin::Pin};

use chrono::{DateTime, Utc};
use graph::{Client, Credential, Error, Kind, Operation, Plan, Response, Usage};
use mapping::Facet;
use runtime::{Clock, Http, KeyValue, Random};

use crate::{
    access::{Access, Trace},
    gated,
};

/// How much of what cannot be kept is told.
const MOST_TOLD: usize = 20;

/// What handling a request needs of the world.
pub struct Context<'a, G, K, R> {
    /// Microsoft Graph.
    pub graph: G,
    /// Where walks by index and the last writes are remembered.
    pub store: &'a K,
    /// Random bytes, for passwords.
    pub random: &'a R,
    /// When the request came.
    pub now: DateTime<Utc>,
    /// What the deployment chose about the mapping.
    pub settings: &'a mapping::Settings,
    /// Where Graph is, such as `https://graph.microsoft.com`; references in bodies name it.
    pub graph_url: &'a str,
    /// The key that seals cursors.
    pub seal: [u8; 32],
    /// Who is calling.
    pub caller: &'a str,
    /// What the caller may do.
    pub access: Access<'a>,
    /// Whether answers need no bodies, as in Bulk: what was written is not read back.
    pub brief: bool,
    /// What Graph did not let this application read, with what it needs, and what it cannot keep, with the reason.
    pub left_out: RefCell<BTreeMap<String, String>>,
    /// What the request has come to so far.
    pub(crate) trace: Trace,
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

    /// What the calls came to so far.
    fn usage(&self) -> Usage;
}

/// Any [`Graph`], behind a pointer: what handles requests is compiled for this one, and not once more for each kind of
/// Graph that it is handed, which would double a component.
pub trait AnyGraph {
    /// As [`Graph::send`].
    fn send_any<'a>(&'a self, operation: &'a Operation) -> Pending<'a, Result<Response, Error>>;

    /// As [`Graph::run`].
    fn run_any<'a>(&'a self, plan: &'a Plan) -> Pending<'a, Result<Vec<Result<Response, Error>>, Error>>;

    /// As [`Graph::usage`].
    fn usage_any(&self) -> Usage;
}

/// What is on its way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

impl<G: Graph> AnyGraph for G {
    fn send_any<'a>(&'a self, operation: &'a Operation) -> Pending<'a, Result<Response, Error>> {
        Box::pin(self.send(operation))
    }

    fn run_any<'a>(&'a self, plan: &'a Plan) -> Pending<'a, Result<Vec<Result<Response, Error>>, Error>> {
        Box::pin(self.run(plan))
    }

    fn usage_any(&self) -> Usage {
        self.usage()
    }
}

impl Graph for &dyn AnyGraph {
    async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        (**self).send_any(operation).await
    }

    async fn run(&self, plan: &Plan) -> Result<Vec<Result<Response, Error>>, Error> {
        (**self).run_any(plan).await
    }

    fn usage(&self) -> Usage {
        (**self).usage_any()
    }
}

impl<H: Http, C: Clock, T: Credential> Graph for Client<H, C, T> {
    fn send(&self, operation: &Operation) -> impl Future<Output = Result<Response, Error>> {
        Self::send(self, operation)
    }

    fn run(&self, plan: &Plan) -> impl Future<Output = Result<Vec<Result<Response, Error>>, Error>> {
        Self::run(self, plan)
    }

    fn usage(&self) -> Usage {
        Self::usage(self)
    }
}

impl<G: Graph, K: KeyValue, R: Random> Context<'_, G, K, R> {
    /// Makes one call; what a missing licence or permission forbids is left out of a read, and the rest is read.
    pub(crate) async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        let known = gated::known(self.store, std::slice::from_ref(operation), self.now).await;
        let (operation, known) = gated::without_known(operation, &known);
        let outcome = self.graph.send(&operation).await;
        self.trace(&operation, &outcome);
        self.leave_out(known);
        match outcome {
            Err(error) if gated::is_for_one(&operation, &error) => self.send_without(&operation, error).await,
            outcome => outcome,
        }
    }

    /// Makes the calls of a plan, each as [`Context::send`].
    pub(crate) async fn run(&self, plan: &Plan) -> Result<Vec<Result<Response, Error>>, Error> {
        let known = gated::known(self.store, &plan.operations, self.now).await;
        let (plan, known) = if known.is_empty() {
            (Cow::Borrowed(plan), Vec::new())
        } else {
            let (operations, known): (Vec<Operation>, Vec<_>) =
                plan.operations.iter().map(|operation| gated::without_known(operation, &known)).unzip();
            (Cow::Owned(Plan { operations }), known)
        };
        let mut outcomes = self.graph.run(&plan).await?;
        known.into_iter().for_each(|known| self.leave_out(known));
        for (operation, outcome) in plan.operations.iter().zip(&mut outcomes) {
            self.trace(operation, outcome);
            if let Err(error) = outcome
                && gated::is_for_one(operation, error)
                && !operation.is_write()
            {
                *outcome = self.send_without(operation, error.clone()).await;
            }
        }
        Ok(outcomes)
    }

    /// Makes the calls of `plan` and hands back their answers, or the first failure.
    pub(crate) async fn all(&self, plan: &Plan) -> Result<Vec<Response>, Error> {
        let outcomes = self.run(plan).await?;
        // What waited for a failed call fails too; the cause is what the caller wants to hear.
        let (answers, failures): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        let mut failures: Vec<Error> = failures.into_iter().filter_map(Result::err).collect();
        failures.sort_by_key(|failure| failure.kind == Kind::FailedDependency);
        match failures.into_iter().next() {
            Some(failure) => Err(failure),
            None => Ok(answers.into_iter().filter_map(Result::ok).collect()),
        }
    }

    /// Notes a call that changes something; one that was not made changes nothing.
    fn trace(&self, operation: &Operation, outcome: &Result<Response, Error>) {
        match outcome {
            _ if !operation.is_write() => {}
            Ok(response) => self.trace.wrote(response.request_id()),
            Err(error) if matches!(error.kind, Kind::NotMade | Kind::FailedDependency | Kind::Credential) => {}
            Err(error) => {
                self.trace.wrote(error.request_id.as_deref());
                if matches!(error.kind, Kind::Transport | Kind::Unavailable | Kind::InvalidAnswer) {
                    self.trace.doubts();
                }
            }
        }
    }

    async fn send_without(&self, operation: &Operation, error: Error) -> Result<Response, Error> {
        for (rest, properties) in gated::without(operation, &error) {
            match self.graph.send(&rest).await {
                Ok(response) => {
                    gated::remember(self.store, &properties, self.now).await;
                    self.leave_out(properties);
                    return Ok(response);
                }
                // It was not, or not only, for these.
                Err(error) if gated::is_for_one(operation, &error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(error)
    }

    /// Notes what is left out, to be told with the answer.
    pub(crate) fn leave_out(&self, properties: Vec<gated::Property>) {
        let told = |property: gated::Property| (property.name.into_owned(), format!("needs=\"{}\"", property.needs));
        self.left_out.borrow_mut().extend(properties.into_iter().map(told));
    }

    /// Notes a part that may not be read.
    pub(crate) fn leave_out_facet(&self, facet: &Facet) {
        self.left_out.borrow_mut().insert(facet.path.to_owned(), format!("needs=\"{}\"", facet.reading));
    }

    /// Notes the parts that a list leaves out.
    pub(crate) fn leave_out_of_list(&self, facets: &[&Facet]) {
        let told = facets.iter().map(|facet| (facet.path.to_owned(), "is read for one resource at a time".to_owned()));
        self.left_out.borrow_mut().extend(told);
    }

    /// Notes what the caller gave and Entra cannot keep.
    pub(crate) fn tell(&self, not_kept: &[String]) {
        let told = not_kept.iter().take(MOST_TOLD).map(|text| match text.split_once(": ") {
            Some((what, why)) => (what.to_owned(), why.to_owned()),
            None => (text.clone(), "not kept".to_owned()),
        });
        self.left_out.borrow_mut().extend(told);
    }
}
