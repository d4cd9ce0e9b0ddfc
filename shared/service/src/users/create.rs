//! `POST /Users` — creates a user. RFC 7644 section 3.3.

use bytes::Bytes;
use graph::{Operation, Plan, segment};
use http::{Request, StatusCode};
use mapping::ManagerChange;
use runtime::{KeyValue, Random};
use scim::{Error, projection::Projection, resource::Incoming};
use serde_json::{Map, Value, json};

use super::{
    Outcome,
    get::{laid_over, parsed, read},
    write::{bytes, changes, set_manager},
};
use crate::{
    answer,
    context::{Context, Graph},
    failure::Failure,
    recent::{self, Change},
    target,
};

pub(super) async fn create<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    base: &str,
    request: &Request<Bytes>,
) -> Outcome {
    let projection = target::query(request)?.projection;
    let incoming = Incoming::read(&target::body(request)?, &mapping::USER)?;
    let mut write = mapping::write::create(context.settings, &incoming.resource)?;
    complete(&context.random, &mut write.body);
    let manager = match &write.manager {
        Some(ManagerChange::Set(manager)) => Some(manager.as_str()),
        _ => None,
    };
    let plan = plan(context, &write.body, manager, &projection)?;
    let user = created(context, &plan, &changes(&write)).await?;
    if let (Some(id), Some(properties)) = (user.get("id").and_then(Value::as_str), user.as_object()) {
        recent::save(&context.store, None, id, Change::Made, properties, context.now).await;
    }
    let mut resource = mapping::render(context.settings, &user, base);
    let location = resource.pointer("/meta/location").and_then(Value::as_str).map(str::to_owned);
    projection.apply(&mut resource);
    Ok(answer::resource(StatusCode::CREATED, &resource, location.as_deref()))
}

/// Makes up what SCIM leaves out and Entra demands.
fn complete(random: &impl Random, body: &mut Map<String, Value>) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let user_name = text("userPrincipalName").unwrap_or_default();
    let local = user_name.split('@').next().unwrap_or_default().to_owned();
    let name = [text("givenName"), text("surname")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    body.entry("displayName").or_insert_with(|| json!(if name.is_empty() { &user_name } else { &name }));
    body.entry("mailNickname").or_insert_with(|| json!(nickname(&local)));
    body.entry("accountEnabled").or_insert(json!(true));
    let profile = body.entry("passwordProfile").or_insert_with(|| json!({}));
    if let Some(profile) = profile.as_object_mut().filter(|profile| !profile.contains_key("password")) {
        profile.insert("password".to_owned(), json!(password(random)));
        profile.insert("forceChangePasswordNextSignIn".to_owned(), json!(true));
    }
}

/// A mail alias: the characters that Entra allows, 64 at most.
fn nickname(local: &str) -> String {
    local.chars().filter(|character| !"@()\\[]\";:<>, ".contains(*character)).take(64).collect()
}

/// A password that nobody knows: 32 random characters, and one of each kind that Entra may demand.
fn password(random: &impl Random) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let characters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 64)));
    characters.map(|character| char::from(*character)).chain("Aa1!".chars()).collect()
}

/// One batch: the manager is looked at first, so that an unknown one stops the creation, and the user is read back by its
/// name, because its id is not known before.
fn plan<G, K, R>(
    context: &Context<'_, G, K, R>,
    body: &Map<String, Value>,
    manager: Option<&str>,
    projection: &Projection,
) -> Result<Plan, Failure> {
    let Some(name) = body.get("userPrincipalName").and_then(Value::as_str) else {
        return Err(Error::invalid_value("userName is missing: it is the user principal name").into());
    };
    let create = Operation::post("/users").permission("User.ReadWrite.All").body(bytes(body));
    let read = read(context.settings, projection, name);
    let operations = match manager {
        None => vec![create, read.after(0)],
        Some(manager) => vec![
            Operation::get(format!("/users/{}", segment(manager))).permission("User.Read.All").query("$select", "id"),
            create.after(0),
            set_manager(context.graph_url, &format!("/users/{}", segment(name)), manager).known().after(1),
            read.after(2),
        ],
    };
    Ok(Plan { operations })
}

/// The new user: as read back, or as created where Graph does not show it yet.
async fn created<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    plan: &Plan,
    body: &Map<String, Value>,
) -> Result<Value, Failure> {
    let outcomes = context.run(plan).await?;
    let mut user = None;
    for (operation, outcome) in plan.operations.iter().zip(outcomes) {
        let posted = user.is_some();
        match outcome {
            Ok(response) if operation.method == http::Method::POST => {
                user = Some(laid_over(parsed(&response.body)?, body));
            }
            Ok(response) if posted && operation.method == http::Method::GET => {
                user = Some(laid_over(parsed(&response.body)?, body));
            }
            Ok(_) => {}
            Err(error) if posted && operation.method == http::Method::GET && not_yet(&error) => {}
            Err(error) if error.kind == graph::Kind::NotFound && !posted => {
                return Err(Error::invalid_value("there is no user with the id given as manager.value").into());
            }
            // The user is there: to ask for it again would only say that it exists.
            Err(error) if posted => return Err(without_manager(context, user.as_ref(), &error).await),
            Err(error) => return Err(error.into()),
        }
    }
    user.ok_or_else(|| Error::bad_gateway("Microsoft Graph did not answer with the new user").into())
}

/// What to say when the user was made and its manager could not be set.
async fn without_manager<G: Graph, K: KeyValue, R: Random>(
    context: &Context<'_, G, K, R>,
    user: Option<&Value>,
    error: &graph::Error,
) -> Failure {
    let id = user.and_then(|user| user.get("id")).and_then(Value::as_str).unwrap_or_default();
    if let Some(properties) = user.and_then(Value::as_object) {
        let mut properties = properties.clone();
        properties.remove("manager");
        recent::save(&context.store, None, id, Change::Made, &properties, context.now).await;
    }
    Error::unavailable(format!("the user {id} was created, but its manager was not set; set it by PATCH: {error}"))
        .into()
}

/// Replication: a user that was just created may not be found for a while.
fn not_yet(error: &graph::Error) -> bool {
    matches!(error.kind, graph::Kind::NotFound | graph::Kind::FailedDependency)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            (0..).zip(buffer).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn what_is_missing_is_made_up() {
        let check = |body: Value, name: &str, expected: &str| {
            let Value::Object(mut body) = body else { panic!("an object") };
            complete(&Counting, &mut body);
            assert_eq!(body[name], expected);
            assert_eq!(body["accountEnabled"], true);
            let profile = &body["passwordProfile"];
            assert!(profile["password"].as_str().is_some_and(|password| password.len() >= 8));
        };
        check(json!({ "userPrincipalName": "jo@x.y" }), "displayName", "jo@x.y");
        check(json!({ "userPrincipalName": "jo@x.y", "givenName": "Jo", "surname": "Li" }), "displayName", "Jo Li");
        check(json!({ "userPrincipalName": "jo (a)@x.y" }), "mailNickname", "joa");
    }

    #[test]
    fn a_given_password_is_kept() {
        let Value::Object(mut body) = json!({ "passwordProfile": { "password": "given" } }) else {
            panic!("an object")
        };
        complete(&Counting, &mut body);
        assert_eq!(body["passwordProfile"], json!({ "password": "given" }));
    }
}
