use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use spin_sdk::wasip3::{
    http::types::{ErrorCode, Fields, Response},
    wit_future, wit_stream,
};

/// The body of a request is larger than the bound it was read with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RequestTooLarge {
    /// The bound, in bytes.
    pub limit: usize,
}

/// Reads the whole of a request, its body up to `limit` bytes.
///
/// # Errors
///
/// [`RequestTooLarge`]; a body that breaks off counts as ended there and fails to parse.
pub async fn read_request(
    request: spin_sdk::http::Request,
    limit: usize,
) -> Result<http::Request<Bytes>, RequestTooLarge> {
    let (parts, body) = request.into_parts();
    if matches!(parts.method, http::Method::GET | http::Method::HEAD | http::Method::DELETE) {
        return Ok(http::Request::from_parts(parts, Bytes::new()));
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(http::Request::from_parts(parts, collected.to_bytes())),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(RequestTooLarge { limit }),
        Err(_) => Ok(http::Request::from_parts(parts, Bytes::new())),
    }
}

/// Hands a whole response to the host.
///
/// # Errors
///
/// An error code when a header cannot be sent, which is a defect of the caller.
pub fn write_response(response: http::Response<Bytes>) -> Result<Response, ErrorCode> {
    let (parts, body) = response.into_parts();
    let mut fields: Vec<(String, Vec<u8>)> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    // Without a length hyper answers in chunks. A 204 and a 304 carry none.
    if !body.is_empty() {
        fields.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&fields).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let (_, trailers) = wit_future::new(|| Ok(None));
    let contents = (!body.is_empty()).then(|| {
        let (mut writer, reader) = wit_stream::new();
        super::spawn(async move {
            // A caller that went away does not want the rest.
            let _ = writer.write_all(body.into()).await;
        });
        reader
    });
    let (wasi, _) = Response::new(headers, contents, trailers);
    wasi.set_status_code(parts.status.as_u16()).map_err(|()| ErrorCode::InternalError(None))?;
    Ok(wasi)
}
