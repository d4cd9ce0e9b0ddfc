//! Who is in the tenant: its users, and a group that they are all in.

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use crate::stage::Tenant;
use crate::wire::{Connection, Message};

/// How many members one request can add to a group.
const AT_ONCE: usize = 20;

/// What the subjects are about.
pub(crate) struct Directory {
    /// The application's token for Graph.
    pub(crate) token: String,
    /// The users.
    pub(crate) users: Vec<User>,
    /// The id of the group that all users are in; empty when nobody asked for one.
    pub(crate) group: String,
}

/// A user of the tenant.
pub(crate) struct User {
    /// The object id.
    pub(crate) id: String,
    /// The user principal name.
    pub(crate) name: String,
    /// Whether it can be changed: what is synchronised from elsewhere cannot.
    pub(crate) is_ours: bool,
}

/// Signs in, finds so many users, and puts them into a group if that is wanted.
///
/// # Errors
/// When the tenant does not answer as Graph does.
pub(crate) async fn prepare(tenant: &Tenant, count: usize, is_group_wanted: bool) -> Result<Directory> {
    let mut graph = Graph { connection: Connection::open(tenant.address()).await?, token: String::new() };
    graph.sign_in(tenant).await?;
    let mut users = Vec::new();
    let mut target = "/v1.0/users?$select=id,userPrincipalName,onPremisesSyncEnabled&$top=999".to_owned();
    while users.len() < count {
        let page = graph.call("GET", &target, &Value::Null).await?;
        let text = |user: &Value, name: &str| user.get(name).and_then(Value::as_str).map(str::to_owned);
        let user = |user: &Value| {
            let is_ours = user.get("onPremisesSyncEnabled").and_then(Value::as_bool) != Some(true);
            Some(User { id: text(user, "id")?, name: text(user, "userPrincipalName")?, is_ours })
        };
        users.extend(page.get("value").and_then(Value::as_array).into_iter().flatten().filter_map(user));
        let next = page.get("@odata.nextLink").and_then(Value::as_str);
        let Some((_, path)) = next.and_then(|link| link.split_once("/v1.0/")) else { break };
        target = format!("/v1.0/{path}");
    }
    users.truncate(count);
    ensure!(users.len() == count, "the tenant has {} users instead of {count}", users.len());
    let group = if is_group_wanted { graph.group(&users).await? } else { String::new() };
    Ok(Directory { token: graph.token, users, group })
}

/// The tenant as Graph.
struct Graph {
    connection: Connection,
    token: String,
}

impl Graph {
    async fn sign_in(&mut self, tenant: &Tenant) -> Result<()> {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://graph.microsoft.com/.default",
            tenant.variable("client_id")?,
            tenant.variable("client_secret")?
        );
        let target = format!("/{}/oauth2/v2.0/token", tenant.variable("tenant_id")?);
        let answer = self.send("POST", &target, "application/x-www-form-urlencoded", &form).await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        token.context("the tenant gives no token")?.clone_into(&mut self.token);
        Ok(())
    }

    /// Makes a group with these members.
    async fn group(&mut self, users: &[User]) -> Result<String> {
        let body = json!({ "displayName": "Everybody", "mailNickname": "everybody", "mailEnabled": false,
            "securityEnabled": true });
        let group = self.call("POST", "/v1.0/groups", &body).await?;
        let id = group.get("id").and_then(Value::as_str).context("the tenant gives a group without an id")?;
        for some in users.chunks(AT_ONCE) {
            let link = |user: &User| format!("https://graph.microsoft.com/v1.0/directoryObjects/{}", user.id);
            let body = json!({ "members@odata.bind": some.iter().map(link).collect::<Vec<_>>() });
            self.call("PATCH", &format!("/v1.0/groups/{id}"), &body).await?;
        }
        Ok(id.to_owned())
    }

    async fn call(&mut self, method: &str, target: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, "application/json", &body).await
    }

    async fn send(&mut self, method: &str, target: &str, media_type: &str, body: &str) -> Result<Value> {
        let headers = [("authorization", format!("Bearer {}", self.token)), ("content-type", media_type.to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        let status = self.connection.exchange(&Message::new(method, target, &headers, body), 0).await?;
        let body = self.connection.body();
        let text = String::from_utf8_lossy(&body);
        ensure!((200..300).contains(&status), "the tenant answered {method} {target} with {status}: {text}");
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| anyhow!("the tenant's answer is not JSON: {error}: {text}"))
    }
}
