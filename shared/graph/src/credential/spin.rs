//! `azure_identity` on Spin: it wants futures that can move to other threads, and a component has neither.
//!
//! So what is to be done is done by a future beside the request, and the one that moves waits for its word.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Once},
    task::{Context, Poll},
};

use async_trait::async_trait;
use azure_core::{
    Error,
    async_runtime::{AbortableTask, AsyncRuntime, SpawnedTask, TaskFuture, set_async_runtime},
    error::ErrorKind,
    http::{
        AsyncRawResponse, HttpClient, Request, StatusCode,
        headers::{HeaderName, HeaderValue, Headers},
    },
    time::Duration,
};
use bytes::Bytes;
use futures::channel::oneshot;
use runtime::{
    Clock, Http, HttpError,
    spin::{SpinClock, SpinHttp, spawn},
};

use super::addresses;

/// Lets `azure_core` wait by the host's clock; its own way is a thread.
pub(crate) fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| {
        // Fails only when there is one already, and then nothing is left to do.
        let _ = set_async_runtime(Arc::new(Runtime));
    });
}

/// Sends what `azure_identity` asks, to where the settings say.
#[derive(Debug)]
pub(crate) struct Client {
    login: String,
    identity: String,
}

impl Client {
    pub(crate) fn new(login: &str, identity: &str) -> Self {
        Self { login: login.to_owned(), identity: identity.to_owned() }
    }

    fn request(&self, request: &Request) -> azure_core::Result<http::Request<Bytes>> {
        let url = request.url().as_str();
        let platform = std::env::var("IDENTITY_ENDPOINT").ok();
        let Some(address) = addresses::address(url, &self.login, &self.identity, platform.as_deref()) else {
            return Err(Error::with_message(ErrorKind::Other, "a token would be asked for at an unknown address"));
        };
        let mut builder = http::Request::builder().method(request.method().as_str()).uri(address);
        for (name, value) in request.headers().iter() {
            builder = builder.header(name.as_str(), value.as_str());
        }
        builder.body(Bytes::from(request.body())).map_err(|error| Error::new(ErrorKind::DataConversion, error))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let request = self.request(request)?;
        let response = beside(async move { SpinHttp.send(request).await }).await?.map_err(to_error)?;
        let (parts, body) = response.into_parts();
        let mut headers = Headers::new();
        for (name, value) in &parts.headers {
            if let Ok(value) = value.to_str() {
                headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned()));
            }
        }
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(parts.status.as_u16()), headers, body))
    }
}

/// What `future` comes to, which runs beside the present request.
fn beside<F, T>(future: F) -> impl Future<Output = azure_core::Result<T>> + Send + 'static
where
    F: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    spawn(async move {
        // Who no longer waits does not want the word.
        let _ = sender.send(future.await);
    });
    async move { receiver.await.map_err(|error| Error::new(ErrorKind::Other, error)) }
}

fn to_error(error: HttpError) -> Error {
    match error {
        // Only this one may be different the next time.
        HttpError::NoAnswer { .. } => Error::new(ErrorKind::Io, error),
        HttpError::Denied(_) | HttpError::TooLarge { .. } => Error::new(ErrorKind::Other, error),
    }
}

struct Runtime;

impl AsyncRuntime for Runtime {
    fn spawn(&self, future: TaskFuture) -> SpawnedTask {
        let (sender, receiver) = oneshot::channel();
        spawn(async move {
            future.await;
            // Who no longer waits does not want the word.
            let _ = sender.send(());
        });
        Box::pin(Spawned(receiver))
    }

    fn sleep(&self, duration: Duration) -> TaskFuture {
        let slept = beside(async move { SpinClock.sleep(duration.unsigned_abs()).await });
        Box::pin(async move {
            let _ = slept.await;
        })
    }

    fn yield_now(&self) -> TaskFuture {
        Box::pin(std::future::ready(()))
    }
}

/// A future that runs beside the request; there is no stopping it, only no longer waiting.
struct Spawned(oneshot::Receiver<()>);

impl Future for Spawned {
    type Output = Result<(), Box<dyn std::error::Error + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|_| Ok(()))
    }
}

impl AbortableTask for Spawned {
    fn abort(&self) {}
}
