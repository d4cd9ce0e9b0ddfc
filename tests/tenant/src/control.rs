//! `/_tenant/...`: the endpoints that no Microsoft service has, for tests and demonstrations.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::faults::Fault;
use crate::tenant::{Request, Tenant};

/// Answers `GET`, `POST`, `DELETE /_tenant/faults` and `GET`, `DELETE /_tenant/requests`.
pub(crate) fn answer(request: &Request, tenant: &Tenant) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_tenant/faults") => Answer::json(200, &json!(tenant.faults().waiting())),
        ("POST", "/_tenant/faults") => match serde_json::from_slice::<Fault>(&request.body) {
            Ok(fault) => {
                tenant.faults().add(fault);
                Answer::empty(204)
            }
            Err(error) => Answer::json(400, &json!({"error": format!("not a fault: {error}")})),
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
        (method, path) => Answer::json(404, &json!({"error": format!("the tenant has no {method} {path}")})),
    }
}
