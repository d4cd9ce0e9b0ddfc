//! `--traffic FILE`: each exchange with Graph as one line of JSON, with the secrets blanked.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use http::{HeaderMap, Method, Uri, request, response};
use serde_json::{Map, Value, json};

use crate::log;

/// What stands in place of a secret.
const BLANK: &str = "***";

/// Headers whose values are secrets.
const SECRET_HEADERS: [&str; 5] = ["authorization", "cookie", "set-cookie", "x-identity-header", "proxy-authorization"];

/// JSON properties whose values are secrets, at any depth, in lower case.
const SECRET_PROPERTIES: [&str; 8] = [
    "access_token",
    "authorization",
    "client_assertion",
    "client_secret",
    "password",
    "refresh_token",
    "secrettext",
    "x-identity-header",
];

/// The versions of Graph: the first segment of each of its paths.
const GRAPH_VERSIONS: [&str; 2] = ["/v1.0", "/beta"];

/// The file, and which exchanges go into it.
pub(crate) struct Traffic {
    /// The base addresses of Graph, without a slash at their ends: each tenant may have its own.
    graphs: Vec<String>,
    file: Mutex<File>,
}

impl Traffic {
    /// Opens the file to write at its end.
    pub(crate) fn open<'g>(path: &Path, graphs: impl IntoIterator<Item = &'g str>) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write the traffic file {}", path.display()))?;
        let graphs = graphs.into_iter().map(|graph| graph.trim_end_matches('/').to_owned());
        Ok(Self { graphs: graphs.filter(|graph| !graph.is_empty()).collect(), file: Mutex::new(file) })
    }

    /// Whether this is a request to Graph. Requests for tokens are not, and are never written.
    pub(super) fn records(&self, uri: &Uri) -> bool {
        let uri = uri.to_string();
        let paths = self.graphs.iter().filter_map(|graph| uri.strip_prefix(graph.as_str()));
        let is_of = |path: &str, version: &&str| {
            path.strip_prefix(*version).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        paths.into_iter().any(|path| GRAPH_VERSIONS.iter().any(|version| is_of(path, version)))
    }

    /// Writes one exchange.
    pub(super) fn write(&self, request: &Sent, response: &response::Parts, body: &[u8]) {
        let exchange = json!({
            "method": request.method.as_str(),
            "url": request.url,
            "requestHeaders": headers(&request.headers),
            "requestBody": text_or_json(&request.body),
            "status": response.status.as_u16(),
            "responseHeaders": headers(&response.headers),
            "responseBody": text_or_json(body),
        });
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line: lines of two processes do not mix.
        if let Err(error) = file.write_all(format!("{exchange}\n").as_bytes()) {
            log::host(format_args!("traffic=failed error=\"{error}\""));
        }
    }
}

/// A request, kept to be written beside its answer.
pub(super) struct Sent {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Sent {
    /// What of a request is written.
    pub(super) fn new(request: &request::Parts, body: &[u8]) -> Self {
        let (method, headers) = (request.method.clone(), request.headers.clone());
        Self { method, url: request.uri.to_string(), headers, body: body.to_owned() }
    }
}

/// Header names are lower case here as they are in HTTP/2; of a repeated one the values are joined.
fn headers(headers: &HeaderMap) -> Value {
    let mut object = Map::new();
    for name in headers.keys() {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let is_secret = SECRET_HEADERS.contains(&name.as_str());
        let value = if is_secret { BLANK.to_owned() } else { values.collect::<Vec<_>>().join(", ") };
        object.insert(name.as_str().to_owned(), value.into());
    }
    object.into()
}

fn text_or_json(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(mut value) => {
            blank(&mut value);
            value
        }
        Err(_) => String::from_utf8_lossy(body).into(),
    }
}

/// Blanks the secrets of a JSON value. serde_json bounds its depth.
fn blank(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if SECRET_PROPERTIES.contains(&name.to_ascii_lowercase().as_str()) && !value.is_null() {
                    *value = BLANK.into();
                } else {
                    blank(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(blank),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(directory: &Path) -> Traffic {
        Traffic::open(&directory.join("traffic.ndjson"), ["https://graph.microsoft.com/"]).unwrap()
    }

    #[test]
    fn only_graph_is_recorded() {
        let directory = tempfile::tempdir().unwrap();
        let traffic = traffic(directory.path());
        let cases = [
            ("https://graph.microsoft.com/v1.0/users?$top=1", true),
            ("https://graph.microsoft.com/beta/users", true),
            ("https://graph.microsoft.com/v1.0", true),
            ("https://graph.microsoft.com/v1.0x", false),
            ("https://graph.microsoft.com/contoso/oauth2/v2.0/token", false),
            ("https://login.microsoftonline.com/v1.0/token", false),
        ];
        for (uri, expected) in cases {
            assert_eq!(traffic.records(&uri.parse().unwrap()), expected, "{uri}");
        }
    }

    #[test]
    fn secrets_are_blanked() {
        let directory = tempfile::tempdir().unwrap();
        let request = http::Request::post("https://graph.microsoft.com/v1.0/$batch")
            .header("authorization", "Bearer s3cret")
            .header("prefer", "a")
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let body = br#"{"requests":[{"headers":{"Authorization":"s3cret"},
            "body":{"displayName":"Zo","passwordProfile":{"password":"s3cret","forceChangePasswordNextSignIn":true}}}]}"#;
        let response = http::Response::builder().status(200).body(()).unwrap().into_parts().0;
        traffic(directory.path()).write(&Sent::new(&request, body), &response, b"not json");
        let text = std::fs::read_to_string(directory.path().join("traffic.ndjson")).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        let line: Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(line["requestHeaders"], json!({"authorization": BLANK, "prefer": "a"}));
        let batched = &line["requestBody"]["requests"][0];
        assert_eq!(batched["body"]["passwordProfile"]["password"], BLANK);
        assert_eq!(batched["body"]["passwordProfile"]["forceChangePasswordNextSignIn"], true);
        assert_eq!(line["responseBody"], "not json");
        assert_eq!(line["status"], 200);
    }
}
