use std::{pin::pin, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::future::{Either, select};
use http::response::Builder;
use spin_sdk::wasip3::{
    http::{
        client,
        types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme},
    },
    wit_bindgen::StreamResult,
    wit_future, wit_stream,
};

use super::SpinClock;
use crate::{Clock, Http, HttpError, Timeout};

/// The largest answer that is read, in bytes: a page of 999 full users is about 3 MB.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// How long an answer may be waited for, whatever the request says.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Outbound HTTP through the host, which pools connections and enforces `allowed_outbound_hosts`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinHttp;

impl Http for SpinHttp {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let target = target_of(request.uri());
        let timeout =
            request.extensions().get().map_or(LONGEST_TIMEOUT, |Timeout(timeout)| *timeout).min(LONGEST_TIMEOUT);
        let (request, is_limited) = to_wasi(request, timeout).map_err(|error| no_answer(&target, &error))?;
        let answer = async {
            let response = client::send(request).await.map_err(|error| no_answer(&target, &error))?;
            from_wasi(response, &target, SpinClock.now() + timeout).await
        };
        if is_limited {
            return answer.await;
        }
        // A host that keeps no time itself: a timer of our own is a call of the host more.
        match select(pin!(answer), pin!(SpinClock.sleep(timeout))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(too_late(&target)),
        }
    }
}

fn too_late(target: &str) -> HttpError {
    HttpError::NoAnswer { target: target.to_owned(), reason: "the answer took too long".to_owned() }
}

fn target_of(uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}

/// The request, and whether the host takes care of its time.
fn to_wasi(request: http::Request<Bytes>, timeout: Duration) -> Result<(Request, bool), ErrorCode> {
    let (parts, body) = request.into_parts();
    let mut fields: Vec<(String, Vec<u8>)> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    if !body.is_empty() {
        fields.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&fields).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let (_, trailers) = wit_future::new(|| Ok(None));
    let contents = (!body.is_empty()).then(|| {
        let (mut writer, reader) = wit_stream::new();
        super::spawn(async move {
            // What the host did not want is of no interest: its answer tells why.
            let _ = writer.write_all(body.into()).await;
        });
        reader
    });
    let options = RequestOptions::new();
    let nanoseconds = u64::try_from(timeout.as_nanos()).ok();
    let is_limited = options.set_connect_timeout(nanoseconds).is_ok()
        && options.set_first_byte_timeout(nanoseconds).is_ok()
        && options.set_between_bytes_timeout(nanoseconds).is_ok();
    let (wasi, _) = Request::new(headers, contents, trailers, Some(options));
    set_target(&wasi, &parts).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    Ok((wasi, is_limited))
}

fn set_target(wasi: &Request, parts: &http::request::Parts) -> Result<(), ()> {
    wasi.set_method(&Method::from(&parts.method))?;
    wasi.set_scheme(parts.uri.scheme().map(Scheme::from).as_ref())?;
    wasi.set_authority(parts.uri.authority().map(http::uri::Authority::as_str))?;
    wasi.set_path_with_query(parts.uri.path_and_query().map(http::uri::PathAndQuery::as_str))
}

async fn from_wasi(
    response: Response,
    target: &str,
    deadline: DateTime<Utc>,
) -> Result<http::Response<Bytes>, HttpError> {
    let mut builder = http::Response::builder().status(response.get_status_code());
    let mut expected: Option<usize> = None;
    for (name, value) in response.get_headers().copy_all() {
        if name.eq_ignore_ascii_case("content-length") {
            expected = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
        }
        builder = builder.header(name, value);
    }
    let (_, consumed) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Response::consume_body(response, consumed);
    let mut body = Vec::with_capacity(expected.unwrap_or_default().clamp(1024, ANSWER_LIMIT) + 1);
    loop {
        if body.len() > ANSWER_LIMIT {
            return Err(HttpError::TooLarge { target: target.to_owned(), limit: ANSWER_LIMIT });
        }
        // The host's limits are for each wait; bytes that trickle in would be waited for without end.
        if SpinClock.now() > deadline {
            return Err(too_late(target));
        }
        if body.len() == body.capacity() {
            body.reserve(body.len().max(16 * 1024));
        }
        let (status, buffer) = stream.read(body).await;
        body = buffer;
        // An answer that tells its length is whole when that is there: to wait for its end would cost two more turns.
        if expected == Some(body.len()) {
            return whole(builder, body, target);
        }
        if !matches!(status, StreamResult::Complete(_)) {
            break;
        }
    }
    drop(stream);
    // A body that was cut off ends its stream like a whole one; only the trailers tell.
    if let Err(error) = trailers.await {
        return Err(no_answer(target, &error));
    }
    whole(builder, body, target)
}

fn whole(builder: Builder, body: Vec<u8>, target: &str) -> Result<http::Response<Bytes>, HttpError> {
    let unusable = |error: http::Error| HttpError::NoAnswer { target: target.to_owned(), reason: error.to_string() };
    builder.body(Bytes::from(body)).map_err(unusable)
}

fn no_answer(target: &str, error: &ErrorCode) -> HttpError {
    match error {
        ErrorCode::HttpRequestDenied => HttpError::Denied(target.to_owned()),
        other => HttpError::NoAnswer { target: target.to_owned(), reason: other.to_string() },
    }
}
