//! What the service asks of Graph for an operation: each is done once while its exchanges are written to a file.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::load::{Operation, Step};
use crate::subject::Subject;
use crate::wire::{Connection, MARKER, Message};

/// What stands in the file in place of a secret, and the password that takes its place again.
const BLANK: &str = "***";
const PASSWORD: &str = "Tenant-in-a-box-4-bench";

/// Headers that belong to a connection, or that a message brings itself.
const OWN_HEADERS: [&str; 5] = ["connection", "content-length", "host", "keep-alive", "transfer-encoding"];

/// An operation in the service's words, and in Graph's.
pub(crate) struct Recorded {
    /// What the service is asked.
    pub(crate) scim: Operation,
    /// What it asks of Graph.
    pub(crate) graph: Operation,
}

/// Does an operation; an error is the service's reason not to.
///
/// # Errors
/// When the exchanges cannot be read.
pub(crate) async fn record(
    service: SocketAddr,
    traffic: &Path,
    token: &str,
    subject: Subject,
) -> Result<Result<Recorded, String>> {
    let mut connection = Connection::open(service).await?;
    // What an instance asks but once, it asks now.
    if let Some(message) = subject.variants.first() {
        let status = connection.exchange(message, MARKER - 1).await?;
        if !(200..300).contains(&status) {
            return Ok(Err(refusal(status, &connection.body())));
        }
    }
    let (mut scim, mut graph) = (Operation::new(), Operation::new());
    for message in subject.variants {
        let before = exchanges(traffic)?.len();
        let status = connection.exchange(&message, MARKER).await?;
        ensure!((200..300).contains(&status), refusal(status, &connection.body()));
        let exchanges = exchanges(traffic)?.split_off(before);
        ensure!(!exchanges.is_empty(), "nothing is asked of Graph");
        graph.push(exchanges.into_iter().map(|exchange| step(exchange, token)).collect::<Result<_>>()?);
        scim.push(vec![Step { message, status }]);
    }
    Ok(Ok(Recorded { scim, graph }))
}

/// Does what Graph is asked once elsewhere, and looks into the batches: outside they are always well.
///
/// # Errors
/// When Graph refuses.
pub(crate) async fn rehearse(address: SocketAddr, operation: &Operation, number: u64) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    for step in operation.iter().flatten() {
        let status = connection.exchange(&step.message, number).await?;
        let body = connection.body();
        let text = String::from_utf8_lossy(&body);
        ensure!(status == step.status, "{address} answered {status} instead of {}: {text}", step.status);
        let answer = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        for part in answer.get("responses").and_then(Value::as_array).into_iter().flatten() {
            if part.get("status").and_then(Value::as_u64).is_none_or(|status| status >= 400) {
                bail!("{address} answered in a batch: {part}");
            }
        }
    }
    Ok(())
}

/// Why the service did not do it.
fn refusal(status: u16, body: &[u8]) -> String {
    let answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    format!("{status}: {}", answer.get("detail").and_then(Value::as_str).unwrap_or("no detail"))
}

fn exchanges(traffic: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(traffic)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// A request to Graph as it was, but for its secrets.
fn step(mut exchange: Value, token: &str) -> Result<Step> {
    let text = |name: &str| exchange.get(name).and_then(Value::as_str).with_context(|| format!("no {name} is written"));
    let (method, url) = (text("method")?.to_owned(), text("url")?);
    let target = url.split_once("://").and_then(|(_, rest)| Some(rest.get(rest.find('/')?..)?.to_owned()));
    let target = target.context("a URL without a path is written")?;
    let status = exchange.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let headers = exchange.get("requestHeaders").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.filter(|(name, _)| !OWN_HEADERS.contains(&name.as_str())).filter_map(|(name, value)| {
        let value = if name == "authorization" { format!("Bearer {token}") } else { value.as_str()?.to_owned() };
        Some((name.clone(), value))
    });
    let headers = headers.collect::<Vec<_>>();
    let mut body = exchange.get_mut("requestBody").map(Value::take).unwrap_or_default();
    fill_in(&mut body);
    let body = match body {
        Value::Null => String::new(),
        Value::String(text) => text,
        json => json.to_string(),
    };
    Ok(Step {
        message: Message::new(&method, &target, &headers, &body),
        status: status.context("no status is written")?,
    })
}

/// Puts a password where one was blanked.
fn fill_in(value: &mut Value) {
    match value {
        Value::String(text) if text == BLANK => PASSWORD.clone_into(text),
        Value::Object(object) => object.values_mut().for_each(fill_in),
        Value::Array(values) => values.iter_mut().for_each(fill_in),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_exchange_is_made_again() {
        let exchange = json!({
            "method": "POST", "url": "http://127.0.0.1:4000/v1.0/users?x=1", "status": 201,
            "requestHeaders": { "authorization": BLANK, "content-length": "99", "prefer": "a" },
            "requestBody": { "passwordProfile": { "password": BLANK } },
        });
        let step = step(exchange, "t").unwrap();
        assert_eq!(step.status, 201);
        let body = format!("{{\"passwordProfile\":{{\"password\":\"{PASSWORD}\"}}}}");
        let headers = [("authorization", "Bearer t"), ("prefer", "a")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expected = Message::new("POST", "/v1.0/users?x=1", &headers, &body);
        assert_eq!(format!("{:?}", step.message), format!("{expected:?}"));
    }
}
