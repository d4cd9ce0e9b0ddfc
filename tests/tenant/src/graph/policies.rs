//! `/servicePrincipals/{id}/claimsMappingPolicies/$ref`: which policy a service principal has.

use serde_json::json;

use crate::answer::Answer;
use crate::contract::ObjectType;
use crate::directory::Object;
use crate::graph::error::{Error, Result};
use crate::graph::{Call, reference};
use crate::resources::has;

/// Where policies are kept.
pub(super) const POLICIES: &str = "claimsMappingPolicies";
/// Where it is kept which service principal has which.
pub(super) const LINKS: &str = "claimsMappingPolicyLinks";

/// Lists, assigns or takes away the policy of a service principal, which has one at most.
pub(super) fn references(call: &Call<'_>) -> Result<Answer> {
    let mut replicas = call.tenant.replicas_mut();
    let row = call.row_to_write(&replicas, ObjectType::ServicePrincipal)?;
    let id = replicas.primary.item(row).map(|item| item.id()).unwrap_or_default();
    let resources = &mut replicas.resources;
    let is_own = |link: &Object| has(link, "servicePrincipal", &id);
    match call.operation.method.as_str() {
        "GET" => {
            let links = resources.all(LINKS).iter().filter(|link| is_own(link));
            let url = |link: &Object| {
                let policy = crate::resources::text(link, "policy");
                json!({"@odata.id": format!("{}/v1.0/policies/{POLICIES}/{policy}", call.tenant.origin())})
            };
            let value: Vec<_> = links.map(url).collect();
            let body = json!({"@odata.context": call.context("Collection($ref)"), "value": value});
            Ok(Answer::odata(200, body.to_string().into_bytes()))
        }
        "POST" => {
            let body = call.body()?;
            let url = reference::of_body(&body)?.as_str().unwrap_or_default().to_owned();
            let policy = url.rsplit('/').next().unwrap_or_default();
            if !url.contains(&format!("/policies/{POLICIES}/")) {
                return Err(reference::invalid());
            }
            resources.find(POLICIES, "id", policy).ok_or_else(|| Error::not_found(policy))?;
            if resources.all(LINKS).iter().any(is_own) {
                let text = "One or more added object references already exist for the following modified properties: 'claimsMappingPolicies'.";
                return Err(Error::request(text));
            }
            let link = [("servicePrincipal".to_owned(), json!(id)), ("policy".to_owned(), json!(policy))];
            resources.add(LINKS, link.into_iter().collect());
            Ok(Answer::empty(204))
        }
        _ => {
            let is_asked = |link: &Object| is_own(link) && has(link, "policy", &call.inner_key);
            if !resources.all(LINKS).iter().any(is_asked) {
                return Err(Error::not_found(&call.inner_key));
            }
            resources.retain(LINKS, |link| !is_asked(link));
            Ok(Answer::empty(204))
        }
    }
}
