//! What it costs to know who is calling: the same answer, which asks nothing of Graph, by what the caller shows.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::stage::{Stage, Tenant};
use crate::wire::{Connection, Message};

/// How many requests of each kind are timed.
const COUNT: usize = 200;

/// What a known token, and a new one, may add to a request, in milliseconds.
const KNOWN: f64 = 0.2;
const NEW: f64 = 5.0;

/// The medians of the times, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proofs {
    /// With a secret.
    pub(crate) secret: f64,
    /// With a token of Entra ID that was seen before.
    pub(crate) known: f64,
    /// With one that was not.
    pub(crate) new: f64,
}

impl Proofs {
    /// One connection shows a secret, a known token and a new one in turn, so that all of them see the same machine.
    pub(crate) async fn measure(stage: &Stage, tenant: &Tenant) -> Result<Self> {
        let mut login = Connection::open(tenant.address()).await?;
        let mut tokens = Vec::new();
        for _ in 0..=COUNT {
            tokens.push(mint(&mut login).await?);
        }
        let service = stage.trusting(&document(tenant)?)?;
        let mut connection = Connection::open(service.address).await?;
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        let (known, fresh) = tokens.split_first().context("there is a token")?;
        // The keys are fetched, and the instance is there.
        time(&mut connection, known).await?;
        for token in fresh {
            for (times, shown) in times.iter_mut().zip([SECRET, known, token]) {
                times.push(time(&mut connection, shown).await?);
            }
        }
        let [secret, known, new] = times.map(|mut times| {
            times.sort_unstable_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or_default()
        });
        Ok(Self { secret, known, new })
    }

    /// What it says, for people.
    pub(crate) fn text(&self) -> String {
        let Self { secret, known, new } = self;
        let mut text = String::new();
        for (what, more, limit) in [("known", known - secret, KNOWN), ("new", new - secret, NEW)] {
            let verdict = if more < limit { "holds" } else { "FAILS" };
            let _ = writeln!(text, "{verdict} a {what} token of Entra ID adds less than {limit} ms: {more:.3} ms");
        }
        let _ = writeln!(text, "(medians of {COUNT}: secret {secret:.3} ms, known {known:.3} ms, new {new:.3} ms)");
        text
    }
}

/// A secret, and its SHA-256.
const SECRET: &str = "contoso-demo";
const HASH: &str = "2e608ff3432f61a88b866af0a79f000415651ceca5e3a274c11f2ee611a44b58";

async fn mint(login: &mut Connection) -> Result<String> {
    let order = json!({ "roles": ["Scim.Read"] }).to_string();
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let status = login.exchange(&Message::new("POST", "/_tenant/token", &headers, &order), 0).await?;
    ensure!(status == 200, "the tenant in a box gives no token: {status}");
    let answer: Value = serde_json::from_slice(&login.body())?;
    answer.get("token").and_then(Value::as_str).map(str::to_owned).context("the answer has no token")
}

async fn time(connection: &mut Connection, shown: &str) -> Result<f64> {
    let headers = [("authorization".to_owned(), format!("Bearer {shown}"))];
    let message = Message::new("GET", "/scim/v2/ServiceProviderConfig", &headers, "");
    let started = Instant::now();
    let status = connection.exchange(&message, 0).await?;
    ensure!(status == 200, "a caller who may read is answered {status}");
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

/// One tenant, with a caller by secret and one by the tokens that the tenant in a box gives to callers.
fn document(tenant: &Tenant) -> Result<Value> {
    let client = tenant.variable("client_id")?;
    let audience = format!("api://{client}");
    Ok(json!({ "default": "contoso", "tenants": { "contoso": {
        "tenant_id": tenant.variable("tenant_id")?,
        "login_url": tenant.variable("login_url")?,
        "graph_url": tenant.variable("graph_url")?,
        "identity_url": tenant.variable("identity_url")?,
        "credential": { "client_id": client, "client_secret": tenant.variable("client_secret")? },
        "limits": { "requests_per_second": 0, "caller_requests_per_second": 0 },
        "callers": {
            "secret": { "secrets": [{ "name": "one", "sha256": HASH }], "rights": ["Scim.Read"] },
            "token": { "tokens": { "audiences": [audience] }, "rights": "roles" },
        },
    } } }))
}
