use std::time::Duration;

use bytes::Bytes;
use spin_sdk::wasip3::{
    http::{
        client,
        types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme},
    },
    wit_bindgen::StreamResult,
    wit_future, wit_stream,
};

use crate::{Http, HttpError, Timeout};

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
        let outcome = match to_wasi(request) {
            Ok(request) => client::send(request).await,
            Err(error) => Err(error),
        };
        let response = outcome.map_err(|error| no_answer(&target, &error))?;
        from_wasi(response, target).await
    }
}

fn target_of(uri: &http::Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}

fn to_wasi(request: http::Request<Bytes>) -> Result<Request, ErrorCode> {
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
    let timeout = parts.extensions.get().map_or(LONGEST_TIMEOUT, |Timeout(timeout)| *timeout).min(LONGEST_TIMEOUT);
    let nanoseconds = u64::try_from(timeout.as_nanos()).ok();
    // A host that knows no such timeouts has its own.
    let _ = options.set_connect_timeout(nanoseconds);
    let _ = options.set_first_byte_timeout(nanoseconds);
    let _ = options.set_between_bytes_timeout(nanoseconds);
    let (wasi, _) = Request::new(headers, contents, trailers, Some(options));
    set_target(&wasi, &parts).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    Ok(wasi)
}

fn set_target(wasi: &Request, parts: &http::request::Parts) -> Result<(), ()> {
    wasi.set_method(&Method::from(&parts.method))?;
    wasi.set_scheme(parts.uri.scheme().map(Scheme::from).as_ref())?;
    wasi.set_authority(parts.uri.authority().map(http::uri::Authority::as_str))?;
    wasi.set_path_with_query(parts.uri.path_and_query().map(http::uri::PathAndQuery::as_str))
}

async fn from_wasi(response: Response, target: String) -> Result<http::Response<Bytes>, HttpError> {
    let mut builder = http::Response::builder().status(response.get_status_code());
    let mut expected = 0;
    for (name, value) in response.get_headers().copy_all() {
        if name.eq_ignore_ascii_case("content-length") {
            expected = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        }
        builder = builder.header(name, value);
    }
    let (_, consumed) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Response::consume_body(response, consumed);
    let mut body = Vec::with_capacity(expected.clamp(1024, ANSWER_LIMIT) + 1);
    loop {
        if body.len() > ANSWER_LIMIT {
            return Err(HttpError::TooLarge { target, limit: ANSWER_LIMIT });
        }
        if body.len() == body.capacity() {
            body.reserve(body.len().max(16 * 1024));
        }
        let (status, buffer) = stream.read(body).await;
        body = buffer;
        if !matches!(status, StreamResult::Complete(_)) {
            break;
        }
    }
    drop(stream);
    // A body that was cut off ends its stream like a whole one; only the trailers tell.
    if let Err(error) = trailers.await {
        return Err(no_answer(&target, &error));
    }
    builder.body(Bytes::from(body)).map_err(|error| HttpError::NoAnswer { target, reason: error.to_string() })
}

fn no_answer(target: &str, error: &ErrorCode) -> HttpError {
    match error {
        ErrorCode::HttpRequestDenied => HttpError::Denied(target.to_owned()),
        other => HttpError::NoAnswer { target: target.to_owned(), reason: other.to_string() },
    }
}
