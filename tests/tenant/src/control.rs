//! `/_tenant/...`: the endpoints that no Microsoft service has, for tests and demonstrations.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::faults::Fault;
use crate::login::callers::CallerToken;
use crate::login::keys::Plan;
use crate::login::revocation::Revocation;
use crate::settings::Change;
use crate::tenant::{Request, Tenant};

/// Answers `GET`, `POST`, `DELETE /_tenant/faults`, `GET`, `PATCH /_tenant/settings`, `GET`, `DELETE /_tenant/throttle`,
/// `GET`, `DELETE /_tenant/requests`, `POST`, `DELETE /_tenant/revoke`, `POST /_tenant/token` and `GET`, `PUT`,
/// `DELETE /_tenant/keys`.
pub(crate) fn answer(request: &Request, tenant: &Tenant) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_tenant/faults") => Answer::json(200, &json!(tenant.faults().waiting())),
        ("POST", "/_tenant/faults") => match serde_json::from_slice::<Fault>(&request.body) {
            Ok(fault) => match tenant.faults().add(fault) {
                Ok(()) => Answer::empty(204),
                Err(error) => refuse(&error.to_string()),
            },
            Err(error) => refuse(&format!("not a fault: {error}")),
        },
        ("DELETE", "/_tenant/faults") => {
            tenant.faults().clear();
            Answer::empty(204)
        }
        ("GET", "/_tenant/requests") => {
            let counts: Value =
                tenant.traffic().counts().into_iter().map(|(name, count)| (name, json!(count))).collect();
            Answer::json(200, &counts)
        }
        ("DELETE", "/_tenant/requests") => {
            tenant.traffic().reset();
            Answer::empty(204)
        }
        ("GET", "/_tenant/settings") => Answer::json(200, &json!(*tenant.settings())),
        ("PATCH", "/_tenant/settings") => match serde_json::from_slice::<Change>(&request.body) {
            Ok(change) => Answer::json(200, &json!(*tenant.change(&change))),
            Err(error) => refuse(&format!("no change of settings: {error}")),
        },
        ("GET", "/_tenant/throttle") => Answer::json(200, &json!(tenant.account().usage())),
        ("DELETE", "/_tenant/throttle") => {
            tenant.account().reset();
            Answer::empty(204)
        }
        ("POST", "/_tenant/revoke") => match Revocation::read(&request.body) {
            Ok(revocation) => {
                revocation.credential.into_iter().for_each(|credential| tenant.revoke(credential));
                if revocation.tokens {
                    tenant.revoke_tokens();
                }
                Answer::empty(204)
            }
            Err(error) => refuse(&format!("nothing to revoke: {error}")),
        },
        ("DELETE", "/_tenant/revoke") => {
            tenant.restore();
            Answer::empty(204)
        }
        ("POST", "/_tenant/token") => match serde_json::from_slice::<CallerToken>(&request.body) {
            Ok(order) => Answer::json(200, &json!({ "token": tenant.mint(&order) })),
            Err(error) => refuse(&format!("no order for a token: {error}")),
        },
        (method, "/_tenant/keys") => keys(method, &request.body, tenant),
        (method, path) => Answer::json(404, &json!({"error": format!("the tenant has no {method} {path}")})),
    }
}

/// The login's keys: which are told, which one signs, and how often they were asked for.
fn keys(method: &str, body: &[u8], tenant: &Tenant) -> Answer {
    let keys = tenant.tokens().keys();
    match method {
        "GET" => {}
        "PUT" => match Plan::read(body) {
            Ok(plan) => keys.follow(plan),
            Err(why) => return refuse(&why),
        },
        "DELETE" => keys.reset(),
        _ => return Answer::empty(405),
    }
    let Plan { published, signing } = keys.plan();
    Answer::json(200, &json!({"published": published, "signing": signing, "fetches": keys.fetches()}))
}

fn refuse(why: &str) -> Answer {
    Answer::json(400, &json!({ "error": why }))
}
