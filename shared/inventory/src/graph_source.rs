use bytes::Bytes;
use graph::{Client, Credential, Kind, Operation};
use runtime::{Clock, Http};

use crate::source::{DeltaSource, Link, SourceError};

/// Codes that say that a link no longer leads anywhere, whatever the status they come with.
const RESET_CODES: &[&str] = &["Directory_ExpiredPageToken", "resyncRequired", "syncStateInvalid", "syncStateNotFound"];

/// The delta queries of Microsoft Graph.
#[derive(Debug)]
pub struct GraphSource<H, C, T>(pub Client<H, C, T>);

impl<H: Http, C: Clock, T: Credential> DeltaSource for GraphSource<H, C, T> {
    async fn page(&self, link: Link<'_>) -> Result<Bytes, SourceError> {
        let operation = match link {
            Link::Start(path) => Operation::get(path),
            Link::Follow(link) => Operation::link(link),
        };
        match self.0.send(&operation.permission("User.Read.All")).await {
            Ok(response) => Ok(response.body),
            Err(error) => Err(to_source_error(&error)),
        }
    }

    fn calls(&self) -> u64 {
        u64::from(self.0.usage().calls)
    }
}

fn to_source_error(error: &graph::Error) -> SourceError {
    if error.kind == Kind::Gone || RESET_CODES.iter().any(|code| error.code.eq_ignore_ascii_case(code)) {
        return SourceError::Reset(error.code.clone());
    }
    match error.kind {
        Kind::Throttled | Kind::Unavailable | Kind::Transport => {
            SourceError::Unavailable { retry_after: error.retry_after, detail: error.to_string() }
        }
        _ => SourceError::Refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, time::Duration};

    use bytes::Bytes;
    use chrono::{DateTime, Utc};
    use futures::executor::block_on;
    use graph::{Api, Client, Cloud, Credential, Endpoints};
    use runtime::{Clock, Http, HttpError, Secret};

    use super::GraphSource;
    use crate::source::{DeltaSource, Link, SourceError};

    /// Answers the same to every request.
    struct Graph(u16, &'static str);

    impl Http for Graph {
        async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
            Ok(http::Response::builder().status(self.0).header("Retry-After", "30").body(Bytes::from(self.1)).unwrap())
        }
    }

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) -> impl Future<Output = ()> {
            std::future::ready(())
        }
    }

    struct Token;

    impl Credential for Token {
        async fn token(&self, _: Api) -> Result<Secret, graph::Error> {
            Ok(Secret::new("token".to_owned()))
        }

        fn refused(&self, _: Api, _: &Secret) {}
    }

    fn client(status: u16, body: &'static str) -> Client<Graph, Stopped, Token> {
        Client::new(Graph(status, body), Stopped, Token, &Endpoints::new(Cloud::Global, "", "https://graph.test", ""))
            .in_background()
    }

    fn page(status: u16, body: &'static str) -> Result<Bytes, SourceError> {
        let source = GraphSource(client(status, body));
        let page = block_on(source.page(Link::Start("/users/delta")));
        // Again with a fresh token where one is refused.
        assert_eq!(source.calls(), if status == 401 { 3 } else { 1 });
        page
    }

    #[test]
    fn ok_an_error_says_what_to_do() {
        assert_eq!(page(200, "{}"), Ok(Bytes::from("{}")));
        for (status, code) in [
            (410, r#"{"error":{"code":"syncStateNotFound","message":""}}"#),
            (400, r#"{"error":{"code":"Directory_ExpiredPageToken","message":""}}"#),
            (410, ""),
        ] {
            assert!(matches!(page(status, code), Err(SourceError::Reset(_))), "{status} {code}");
        }
        for status in [429, 500, 503] {
            let retry_after = Some(Duration::from_secs(30));
            let error = page(status, "").unwrap_err();
            assert!(
                matches!(error, SourceError::Unavailable { retry_after: told, .. } if told == retry_after),
                "{error}"
            );
        }
        for status in [400, 401, 403, 404] {
            assert!(matches!(page(status, ""), Err(SourceError::Refused(_))), "{status}");
        }
    }

    #[test]
    fn ok_a_link_that_leads_elsewhere_is_refused() {
        let source = GraphSource(client(200, "{}"));
        let page = block_on(source.page(Link::Follow("https://elsewhere/beta/users/delta")));
        assert!(matches!(page, Err(SourceError::Refused(_))), "{page:?}");
    }
}
