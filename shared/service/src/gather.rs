//! Many requests at once, as few exchanges: what they ask of Graph while all of them wait becomes one plan.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Poll, Waker},
};

use graph::{Error, Operation, Plan, Response, Usage};

use crate::context::Graph;

/// What comes of the calls of one plan.
type Outcomes = Result<Vec<Result<Response, Error>>, Error>;

/// A Graph that several requests share.
pub(crate) struct Gather<'a, G> {
    graph: &'a G,
    waiting: RefCell<Vec<Rc<Asked>>>,
}

/// A plan that waits for company, and then what came of it.
struct Asked {
    plan: Plan,
    outcomes: Cell<Option<Outcomes>>,
    waker: Cell<Option<Waker>>,
}

impl<'a, G: Graph> Gather<'a, G> {
    pub(crate) fn new(graph: &'a G) -> Self {
        Self { graph, waiting: RefCell::default() }
    }

    /// Runs the requests to their ends. Whenever all that are left wait for Graph, their calls are made together.
    pub(crate) async fn together<T>(&self, requests: Vec<impl Future<Output = T>>) -> Vec<T> {
        let mut requests: Vec<Running<_, T>> =
            requests.into_iter().map(|request| Running::On(Box::pin(request))).collect();
        loop {
            // They are polled until all of them are done or wait for Graph; what else they wait for wakes this one.
            poll_fn(|context| {
                let open = requests.iter_mut().map(|request| usize::from(!request.poll(context))).sum::<usize>();
                if open == self.waiting.borrow().len() { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            let asked = self.waiting.take();
            if asked.is_empty() {
                break;
            }
            self.make(&asked).await;
        }
        requests.into_iter().filter_map(Running::done).collect()
    }

    /// Makes the calls of several plans as one.
    async fn make(&self, asked: &[Rc<Asked>]) {
        let mut operations: Vec<Operation> = Vec::new();
        for asked in asked {
            let offset = operations.len();
            operations.extend(asked.plan.operations.iter().cloned().map(|mut operation| {
                operation.after.iter_mut().for_each(|after| *after += offset);
                operation
            }));
        }
        let mut outcomes = self.graph.run(&Plan { operations }).await.map(Vec::into_iter);
        for asked in asked {
            let own = match &mut outcomes {
                Ok(outcomes) => Ok(outcomes.by_ref().take(asked.plan.operations.len()).collect()),
                Err(error) => Err(error.clone()),
            };
            asked.outcomes.set(Some(own));
            if let Some(waker) = asked.waker.take() {
                waker.wake();
            }
        }
    }
}

/// A request on its way.
enum Running<F, T> {
    On(Pin<Box<F>>),
    Done(T),
}

impl<F: Future<Output = T>, T> Running<F, T> {
    /// Whether it is done.
    fn poll(&mut self, context: &mut std::task::Context<'_>) -> bool {
        if let Self::On(request) = self {
            match request.as_mut().poll(context) {
                Poll::Ready(outcome) => *self = Self::Done(outcome),
                Poll::Pending => return false,
            }
        }
        true
    }

    fn done(self) -> Option<T> {
        match self {
            Self::Done(outcome) => Some(outcome),
            Self::On(_) => None,
        }
    }
}

impl<G: Graph> Graph for Gather<'_, G> {
    async fn send(&self, operation: &Operation) -> Result<Response, Error> {
        let mut outcomes = self.run(&Plan::of(operation.clone())).await?;
        outcomes.pop().unwrap_or_else(|| Err(Error::not_made()))
    }

    async fn run(&self, plan: &Plan) -> Outcomes {
        if plan.operations.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Rc::new(Asked { plan: plan.clone(), outcomes: Cell::default(), waker: Cell::default() });
        self.waiting.borrow_mut().push(Rc::clone(&asked));
        poll_fn(|context| match asked.outcomes.take() {
            Some(outcomes) => Poll::Ready(outcomes),
            None => {
                asked.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    fn usage(&self) -> Usage {
        self.graph.usage()
    }
}
