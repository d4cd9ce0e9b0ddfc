//! A tenant and a client of it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use tenant::{CLIENT_ID, CLIENT_SECRET, Options, Server, Settings, TENANT_ID};

/// A tenant that runs, and a token for it.
pub(crate) struct Box {
    pub(crate) server: Server,
    pub(crate) token: String,
}

/// An answer; the body is null when there was none, and a string when it was no JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// The header of advanced queries.
pub(crate) const EVENTUAL: (&str, &str) = ("ConsistencyLevel", "eventual");
/// A sample user without anything special.
pub(crate) const ADELE: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";

impl Box {
    pub(crate) fn sample() -> Self {
        Self::start(Options::default())
    }

    pub(crate) fn start(options: Options) -> Self {
        let server = Server::start(options, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let token = sign_in(&server);
        Self { server, token }
    }

    /// The sample tenant, recorded, for an application with these permissions.
    pub(crate) fn with(permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        let settings = Settings { permissions, ..Settings::default() };
        Self::start(Options { settings, record: 10_000, ..Options::default() })
    }

    /// Gets a new token.
    pub(crate) fn sign_in(&mut self) {
        self.token = sign_in(&self.server);
    }

    /// A request below `/v1.0`, or of a whole link.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.try_call(method, path, headers, body).unwrap()
    }

    /// The same; an error when the connection breaks before the answer.
    pub(crate) fn try_call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> std::io::Result<Answer> {
        let origin = format!("http://{}", self.server.address());
        let path = path.strip_prefix(&origin).map_or_else(|| format!("/v1.0{path}"), str::to_owned);
        let authorization = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        let text = if body.is_null() { String::new() } else { body.to_string() };
        if !text.is_empty() {
            all.push(("content-type", "application/json"));
        }
        send(self.server.address(), method, &path, &all, &text)
    }

    /// A request to the endpoints below `/_tenant`.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        send(self.server.address(), method, &format!("/_tenant{path}"), &[], &text).unwrap()
    }

    /// Orders faults.
    pub(crate) fn order(&self, faults: &[Value]) {
        for fault in faults {
            let answer = self.control("POST", "/faults", fault);
            assert_eq!(answer.status, 204, "{:?}", answer.body);
        }
    }

    /// Changes settings.
    pub(crate) fn set(&self, change: &Value) {
        let answer = self.control("PATCH", "/settings", change);
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// A batch of requests, `(method, url, body)` each, and the answers in the same order.
    pub(crate) fn batch(&self, requests: &[(&str, &str, Value)]) -> Vec<Value> {
        let requests: Vec<Value> = requests
            .iter()
            .enumerate()
            .map(|(id, (method, url, body))| {
                let mut request = json!({"id": id.to_string(), "method": method, "url": url});
                if !body.is_null() {
                    request["headers"] = json!({"Content-Type": "application/json"});
                    request["body"] = body.clone();
                }
                request
            })
            .collect();
        let answer = self.post("/$batch", &json!({ "requests": requests }));
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let mut responses = answer.body["responses"].as_array().unwrap().clone();
        responses.sort_by_key(|response| response["id"].as_str().unwrap().parse::<usize>().unwrap());
        responses
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], &Value::Null)
    }

    /// An advanced query.
    pub(crate) fn get_eventual(&self, path: &str) -> Answer {
        self.call("GET", path, &[EVENTUAL], &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[], body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path, &[], body)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], &Value::Null)
    }

    /// The id of the first object of a collection with this display name.
    pub(crate) fn id_of(&self, collection: &str, name: &str) -> String {
        let (all, _) = self.follow(collection, &[]);
        all.iter().find(|object| object["displayName"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// All items behind a link and its next links, and the last page.
    pub(crate) fn follow(&self, path: &str, headers: &[(&str, &str)]) -> (Vec<Value>, Value) {
        let (mut items, mut link) = (Vec::new(), path.to_owned());
        loop {
            let answer = self.call("GET", &link, headers, &Value::Null);
            assert_eq!(answer.status, 200, "{link}: {:?}", answer.body);
            items.extend(answer.body["value"].as_array().unwrap().iter().cloned());
            match answer.body["@odata.nextLink"].as_str() {
                Some(next) => link = next.to_owned(),
                None => return (items, answer.body),
            }
        }
    }
}

impl Answer {
    pub(crate) fn items(&self) -> &[Value] {
        assert_eq!(self.status, 200, "{:?}", self.body);
        self.body["value"].as_array().unwrap()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.items().iter().filter_map(|item| item["displayName"].as_str()).collect()
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

pub(crate) fn sign_in(server: &Server) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    );
    let answer = send(server.address(), "POST", &format!("/{TENANT_ID}/oauth2/v2.0/token"), &[], &form).unwrap();
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

/// One request over a connection of its own; an error when the connection breaks.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> std::io::Result<Answer> {
    let body = body.as_ref();
    let mut stream = TcpStream::connect(address)?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} {} HTTP/1.1\r\nhost: tenant\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        encode(path),
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    Ok(Answer {
        status: lines[0].split(' ').nth(1).unwrap().parse().unwrap(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) },
    })
}

/// What a URL may not hold as it is.
fn encode(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b' ' | b'"' | b'#' | b'<' | b'>' | 0x80.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}
