use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::Future,
    pin::{Pin, pin},
    task::{Context as Task, Poll, Waker},
};

use admission::{Entry, Journal};
use chrono::{DateTime, Utc};
use graph::{Operation, Plan, Usage};
use http::{HeaderMap, StatusCode};
use mapping::{GROUPS, SECURITY, Settings, USERS};
use runtime::KeyValueError;
use serde_json::{Value, json};
use trust::{Protected, Rights, Role};

use super::*;
use crate::access::{Deletions, Trace};

mod rights;
mod tables;

/// A Graph that answers each call as it is told to, 204 where it is not, and remembers the calls.
#[derive(Default)]
struct Scripted {
    answers: BTreeMap<&'static str, (u16, &'static str, Value)>,
    calls: RefCell<Vec<(String, Value)>>,
}

impl Scripted {
    fn answer(&self, operation: &Operation) -> Result<graph::Response, graph::Error> {
        let call = format!("{} {}", operation.method, operation.path);
        let body = operation.body.as_deref().map(|body| serde_json::from_slice(body).unwrap()).unwrap_or_default();
        self.calls.borrow_mut().push((call.clone(), body));
        let (status, code, body) = self.answers.get(call.as_str()).cloned().unwrap_or((204, "", Value::Null));
        let kind = match status {
            200..=299 => {
                let status = StatusCode::from_u16(status).unwrap();
                let body = Bytes::from(body.to_string());
                return Ok(graph::Response { status, headers: HeaderMap::new(), body });
            }
            403 => graph::Kind::Forbidden,
            404 => graph::Kind::NotFound,
            _ => graph::Kind::FailedDependency,
        };
        Err(graph::Error { kind, status: Some(status), code: code.to_owned(), ..graph::Error::not_made() })
    }
}

impl Graph for Scripted {
    async fn send(&self, operation: &Operation) -> Result<graph::Response, graph::Error> {
        self.answer(operation)
    }

    async fn run(&self, plan: &Plan) -> Result<Vec<Result<graph::Response, graph::Error>>, graph::Error> {
        let mut outcomes: Vec<Result<graph::Response, graph::Error>> = Vec::new();
        for operation in &plan.operations {
            let is_off = operation.after.iter().any(|after| outcomes[*after].is_err());
            let failed = graph::Error { kind: graph::Kind::FailedDependency, ..graph::Error::not_made() };
            outcomes.push(if is_off { Err(failed) } else { self.answer(operation) });
        }
        Ok(outcomes)
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }
}

/// A store that forgets, and bytes that are no secret.
struct Nothing;

impl KeyValue for Nothing {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(None)
    }

    async fn set(&self, _: &str, _: &[u8]) -> Result<(), KeyValueError> {
        Ok(())
    }
}

impl Random for Nothing {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// The caller of a request: what it may do, and what nobody may.
pub(super) struct Calling {
    pub(super) rights: Rights,
    pub(super) protected: Protected,
    pub(super) old_values: bool,
    /// How many objects were deleted within the hour.
    pub(super) deleted: Cell<u32>,
}

impl Default for Calling {
    fn default() -> Self {
        let rights = Rights::of(&[Role::Admin]);
        Self { rights, protected: Protected::default(), old_values: false, deleted: Cell::new(0) }
    }
}

impl Deletions for Cell<u32> {
    fn take(&self, most: u32) -> Pin<Box<dyn Future<Output = Result<bool, String>> + '_>> {
        let may = self.get() < most;
        self.set(self.get() + u32::from(may));
        Box::pin(std::future::ready(Ok(may)))
    }
}

/// What came of a request.
pub(super) struct Asked {
    pub(super) response: Response<Bytes>,
    /// The calls of Graph.
    pub(super) calls: Vec<(String, Value)>,
    /// What was written down.
    pub(super) entries: Vec<Entry>,
}

/// The answer, and the calls that were made for it.
fn ask(
    answers: &[(&'static str, u16, &'static str, Value)],
    method: &str,
    target: &str,
    body: &Value,
) -> (Response<Bytes>, Vec<(String, Value)>) {
    let asked = ask_as(&Calling::default(), answers, method, target, body);
    (asked.response, asked.calls)
}

/// The same by a caller, to what has a mapping and to the rest.
pub(super) fn ask_as(
    calling: &Calling,
    answers: &[(&'static str, u16, &'static str, Value)],
    method: &str,
    target: &str,
    body: &Value,
) -> Asked {
    let journal = Journal::default();
    let access = Access {
        rights: &calling.rights,
        protected: &calling.protected,
        deletions: &calling.deleted,
        journal: Some(&journal),
        old_values: calling.old_values,
    };
    let answers = answers.iter().map(|(call, status, code, body)| (*call, (*status, *code, body.clone())));
    let settings = Settings::default();
    let graph = Scripted { answers: answers.collect(), ..Scripted::default() };
    let context = Context {
        graph: &graph as &dyn AnyGraph,
        store: &Nothing,
        random: &Nothing,
        now: DateTime::<Utc>::UNIX_EPOCH,
        settings: &settings,
        graph_url: "https://graph.microsoft.com",
        seal: [0; 32],
        caller: "test",
        access,
        brief: false,
        left_out: RefCell::default(),
        trace: Trace::default(),
    };
    let request = Request::builder().method(method).uri(format!("http://h/scim/v2{target}"));
    let request = request.body(Bytes::from(body.to_string())).unwrap();
    let response = now(async {
        match target.get(..6) {
            Some("/Users") => handle(&context, &USERS, &request).await,
            Some("/Group") => handle(&context, &GROUPS, &request).await,
            _ => match tables::at(target) {
                Some(mapping) => handle(&context, mapping, &request).await,
                None => crate::root::handle(&context, &[&USERS, &GROUPS], &request).await,
            },
        }
    });
    Asked { response, calls: graph.calls.take(), entries: journal.take() }
}

/// What a future comes to that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn left_out(response: &Response<Bytes>) -> &str {
    response.headers().get("x-left-out").map(|value| value.to_str().unwrap()).unwrap_or_default()
}

pub(super) fn value(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn replace(path: &str, value: Value) -> Value {
    let change = match value {
        Value::Null => json!({ "op": "remove", "path": path }),
        value => json!({ "op": "replace", "path": path, "value": value }),
    };
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change,
        { "op": "replace", "path": "title", "value": "T" }] })
}

pub(super) fn names(calls: &[(String, Value)]) -> Vec<&str> {
    calls.iter().map(|(call, _)| call.as_str()).collect()
}

#[test]
fn facets_are_read_with_the_object() {
    let settings = json!({ "automaticRepliesSetting": { "status": "disabled" } });
    let user = ("GET /users/7", 200, "", json!({ "id": "7", "jobTitle": "T" }));
    let calls = ["GET /users/7", "GET /users/7/mailboxSettings", "GET /users/7/photo"];
    let ask = |mailbox, photo| {
        ask(&[user.clone(), mailbox, photo], "GET", "/Users/7?attributes=title,status,photos", &Value::Null)
    };

    let (response, made) = ask((calls[1], 200, "", settings.clone()), (calls[2], 200, "", json!({ "id": "48x48" })));
    assert_eq!(names(&made), calls);
    assert_eq!((value(&response)["status"].clone(), left_out(&response)), (json!("disabled"), ""));
    assert_eq!(value(&response)["photos"][0]["value"], "http://h/scim/v2/Users/7/photo");

    let none = |call| (call, 404, "ErrorItemNotFound", Value::Null);
    let (response, _) = ask(none(calls[1]), none(calls[2]));
    assert_eq!((response.status().as_u16(), left_out(&response)), (200, ""));
    assert_eq!((value(&response).get("status"), value(&response).get("photos")), (None, None));

    let (response, _) = ask((calls[1], 200, "", settings), (calls[2], 403, "ErrorAccessDenied", Value::Null));
    assert_eq!(value(&response)["title"], "T");
    assert_eq!(left_out(&response), r#"photo; needs="ProfilePhoto.Read.All""#);
}

#[test]
fn what_is_not_asked_for_is_not_called_for() {
    let (_, calls) = ask(&[("GET /users/7", 200, "", json!({ "id": "7" }))], "GET", "/Users/7", &Value::Null);
    assert_eq!(names(&calls), ["GET /users/7"]);
}

#[test]
fn facets_are_written_behind_the_object() {
    let body = replace("status", json!("disabled"));
    let path = "PATCH /users/7/mailboxSettings";
    let user = ("GET /users/7", 200, "", json!({ "id": "7", "jobTitle": "T" }));
    let (response, calls) = ask(std::slice::from_ref(&user), "PATCH", "/Users/7", &body);
    assert_eq!((response.status().as_u16(), value(&response)["title"].clone()), (200, json!("T")));
    assert_eq!(names(&calls), ["PATCH /users/7", path, "GET /users/7"]);
    assert_eq!(calls[0].1, json!({ "jobTitle": "T" }));
    assert_eq!(calls[1].1, json!({ "automaticRepliesSetting": { "status": "disabled" } }));
    for (status, code, expected, detail) in [
        (404, "MailboxNotEnabledForRESTAPI", 400, "the user has no mailboxSettings; the rest was changed"),
        (404, "Request_ResourceNotFound", 404, "there is no user with the id 7; the rest was changed"),
        (403, "ErrorAccessDenied", 403, "mailboxSettings can only be changed with MailboxSettings.ReadWrite"),
    ] {
        let (response, _) = ask(&[user.clone(), (path, status, code, Value::Null)], "PATCH", "/Users/7", &body);
        let told = value(&response)["detail"].as_str().unwrap().to_owned();
        assert_eq!((response.status().as_u16(), told.starts_with(detail)), (expected, true), "{told}");
    }
}

#[test]
fn the_picture_is_handed_on() {
    let call = "GET /users/7/photo/$value";
    let (response, calls) = ask(&[(call, 200, "", json!("picture"))], "GET", "/Users/7/photo", &Value::Null);
    assert_eq!((names(&calls), response.body().as_ref()), (vec![call], b"\"picture\"".as_slice()));
    // It does not say that it is a picture.
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    let (response, _) = ask(&[(call, 404, "ImageNotFound", Value::Null)], "GET", "/Users/7/photo", &Value::Null);
    assert_eq!(response.status().as_u16(), 404);
    let (response, _) = ask(&[], "POST", "/Users/7/photo", &Value::Null);
    assert_eq!(response.status().as_u16(), 405);
}

#[test]
fn what_goes_is_looked_at_first() {
    let path = format!("{SECURITY}:Engineering.Project");
    let user = json!({ "id": "7", "customSecurityAttributes": { "Engineering": { "Project": ["Baker"] } } });
    let answers = [("GET /users/7", 200, "", user)];
    let (_, calls) = ask(&answers, "PATCH", "/Users/7", &replace(&path, json!(["Alpine"])));
    assert_eq!(names(&calls), ["PATCH /users/7", "GET /users/7"]);
    assert_eq!(calls[0].1["customSecurityAttributes"]["Engineering"]["Project"], json!(["Alpine"]));
    let (_, calls) = ask(&answers, "PATCH", "/Users/7", &replace(&path, Value::Null));
    assert_eq!(names(&calls), ["GET /users/7", "PATCH /users/7", "GET /users/7"]);
    assert_eq!(
        (&calls[1].1["jobTitle"], &calls[1].1["customSecurityAttributes"]["Engineering"]["Project"]),
        (&json!("T"), &json!([]))
    );
}
