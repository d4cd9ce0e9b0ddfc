//! `GET /$capabilities` — what each function and job can do with what the application was granted, and what is missing.
//!
//! Reading is proved by reading: one batch asks for a little of everything. What only a write could prove is judged by the
//! roles in the application's own token.

mod needs;

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use graph::{Api, Credential, CredentialKind, CredentialSettings, Error, Kind, Operation, Plan, Response};
use http::StatusCode;
use mapping::Mapping;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::needs::{FUNCTIONS, Function, Need};
use crate::{answer, context::Graph};

/// The survey of what can be done, as `application/json`.
pub(crate) async fn survey<G: Graph, C: Credential>(
    settings: &CredentialSettings,
    mapping: &mapping::Settings,
    credential: &C,
    graph: &G,
) -> http::Response<Bytes> {
    let mut problems = Vec::new();
    // First, so that a token that was revoked is replaced before its roles are read.
    let (probes, undefined) = probe(graph, mapping, &mut problems).await;
    let claims = match credential.token(Api::Graph).await {
        Ok(token) => claims(token.expose()),
        Err(error) => {
            problems = vec![error.message];
            None
        }
    };
    let survey = Survey { settings, claims: claims.unwrap_or_default(), probes, undefined, problems };
    let mut response = answer::json(StatusCode::OK, survey.render().to_string().into_bytes());
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    answer::account(&mut response, graph.usage(), &BTreeMap::new());
    response
}

/// What the token says about the application.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    /// The object id of the service principal.
    oid: String,
    /// The application's id.
    appid: String,
    /// The application permissions that were granted.
    roles: Vec<String>,
}

/// The claims of a token. They are not proved: Graph is who proves them, and this is only a look at one's own papers.
fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

/// What Graph answered to a probe.
enum Probe {
    Answered(Bytes),
    /// Graph refuses, with this code.
    Refused(String),
    /// Nothing can be said.
    Unknown,
}

/// What the probes say, and the functions whose `externalId` has no property to be kept in.
async fn probe<G: Graph>(
    graph: &G,
    mapping: &mapping::Settings,
    problems: &mut Vec<String>,
) -> (BTreeMap<&'static str, Probe>, Vec<&'static str>) {
    let mut plan: Plan = needs::PROBES
        .iter()
        .map(|(_, path, query)| {
            query.iter().fold(Operation::get(*path), |operation, (name, value)| operation.query(name, *value))
        })
        .collect::<Vec<Operation>>()
        .into();
    let kept = [("scim-users", "/users", &mapping.external_id), ("scim-groups", "/groups", &mapping.group_external_id)];
    let kept = kept.map(|(function, path, property)| (function, path, property.as_deref().unwrap_or_default()));
    let extensions: Vec<_> = kept.iter().filter(|(.., property)| property.starts_with("extension_")).collect();
    // Graph refuses to filter by what is not defined.
    plan.operations.extend(extensions.iter().map(|(_, path, property)| {
        let operation = Operation::get(*path).query("$select", "id").query("$top", "1");
        operation.query("$filter", format!("{property} eq 'entra-scim'"))
    }));
    let mut outcomes = match graph.run(&plan).await {
        Ok(outcomes) => outcomes,
        Err(error) => vec![Err(error)],
    };
    let defined = outcomes.split_off(needs::PROBES.len().min(outcomes.len()));
    let is_undefined = |outcome: &Result<_, Error>| outcome.as_ref().is_err_and(|error| error.kind == Kind::BadRequest);
    let undefined = extensions.iter().zip(&defined).filter(|(_, outcome)| is_undefined(outcome));
    let undefined = undefined.map(|((function, ..), _)| *function).collect();
    let mut probes = BTreeMap::new();
    for ((name, ..), outcome) in needs::PROBES.iter().zip(outcomes) {
        let probe = judged(outcome, problems);
        probes.insert(*name, probe);
    }
    problems.dedup();
    (probes, undefined)
}

fn judged(outcome: Result<Response, Error>, problems: &mut Vec<String>) -> Probe {
    match outcome {
        Ok(response) => Probe::Answered(response.body),
        Err(error) if error.kind == Kind::Forbidden => Probe::Refused(error.code),
        Err(error) => {
            problems.push(error.to_string());
            Probe::Unknown
        }
    }
}

/// Everything that is known.
struct Survey<'a> {
    settings: &'a CredentialSettings,
    claims: Claims,
    probes: BTreeMap<&'static str, Probe>,
    /// The functions whose `externalId` has no property to be kept in.
    undefined: Vec<&'static str>,
    problems: Vec<String>,
}

/// What a function can do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Works,
    Degraded,
    Cannot,
    /// Nothing that it needs was granted.
    Off,
}

/// A permission that is not granted.
#[derive(Serialize)]
struct Missing {
    permission: &'static str,
    #[serde(rename = "for")]
    purpose: &'static str,
    or: &'static [&'static str],
}

impl Survey<'_> {
    fn render(&self) -> Value {
        let mut permissions: Vec<&'static str> = Vec::new();
        let functions: Vec<Value> = FUNCTIONS
            .iter()
            .map(|function| {
                let (status, missing, notes) = self.look_at(function);
                for Missing { permission, .. } in &missing {
                    if !permissions.contains(permission) {
                        permissions.push(permission);
                    }
                }
                json!({ "name": function.name, "status": status, "missing": missing, "notes": notes })
            })
            .collect();
        let tables = mapping::resources::ALL.iter().filter_map(|mappings| self.look_at_tables(mappings));
        let functions: Vec<Value> = functions.into_iter().chain(tables).collect();
        let mut commands: Vec<String> = permissions.iter().map(|permission| self.command(permission)).collect();
        commands.extend((!self.undefined.is_empty()).then(|| self.definition()));
        json!({
            "schemas": ["urn:entra-scim:capabilities"],
            "tenant": { "id": self.settings.tenant_id, "displayName": self.tenant_name() },
            "cloud": self.settings.endpoints.cloud.name(),
            "credential": self.settings.kind().name(),
            "application": self.application(),
            "roles": self.claims.roles,
            "functions": functions,
            "grant": { "permissions": permissions, "commands": commands },
            "problems": self.problems,
        })
    }

    fn look_at(&self, function: &Function) -> (Status, Vec<Missing>, Vec<&'static str>) {
        let (mut status, mut missing, mut notes) = (Status::Works, Vec::new(), Vec::new());
        if self.undefined.contains(&function.name) {
            notes.push("externalId is not kept: its directory extension property is not defined");
            status = Status::Degraded;
        }
        for need in function.needs {
            match self.has(need) {
                Has::It => continue,
                Has::NoLicence(note) => notes.push(note),
                Has::NoPermission => {
                    missing.push(Missing { permission: need.permission, purpose: need.purpose, or: need.or });
                }
                Has::NoWord => {}
            }
            status = status.max(if need.is_essential { Status::Cannot } else { Status::Degraded });
        }
        (status, missing, notes)
    }

    /// What the component of these resource types can do: what may not even be read is off, because nobody need want all of
    /// Entra, and what may be read and not be changed is degraded.
    fn look_at_tables(&self, mappings: &[&'static Mapping]) -> Option<Value> {
        let name = mappings.first()?.component;
        if self.claims.roles.is_empty() {
            let status = if self.problems.is_empty() { Status::Off } else { Status::Degraded };
            return Some(json!({ "name": name, "status": status, "missing": [], "notes": [] }));
        }
        let is_lacking = |permission: &&str| !needs::suffices(&self.claims.roles, permission);
        let reading: Vec<&str> = mappings.iter().map(|mapping| mapping.reading).filter(is_lacking).collect();
        let mut writing: Vec<&str> = mappings.iter().copied().flat_map(needs::of_writing).filter(is_lacking).collect();
        writing.sort_unstable();
        writing.dedup();
        let missing = |permission: &str, purpose: &str| json!({ "permission": permission, "for": purpose, "or": [] });
        let status = match (reading.as_slice(), writing.as_slice()) {
            ([], []) => Status::Works,
            (all, _) if all.len() == mappings.len() => Status::Off,
            _ => Status::Degraded,
        };
        let read = reading.iter().map(|permission| missing(permission, "reading"));
        let write = writing.iter().map(|permission| missing(permission, "changes and what is read on request"));
        let missing: Vec<Value> = if status == Status::Off { read.collect() } else { read.chain(write).collect() };
        Some(json!({ "name": name, "status": status, "missing": missing, "notes": [] }))
    }

    fn has(&self, need: &Need) -> Has {
        let granted = self.claims.roles.iter().any(|role| role == need.permission || need.or.contains(&role.as_str()));
        match need.probe.and_then(|probe| self.probes.get(probe)) {
            Some(Probe::Answered(_)) => Has::It,
            Some(Probe::Refused(code)) => match need.licence {
                Some((licence, note)) if licence == code => Has::NoLicence(note),
                // Refused for something else that the same call needs.
                _ if granted && !need.is_essential => Has::NoWord,
                _ => Has::NoPermission,
            },
            Some(Probe::Unknown) => Has::NoWord,
            None if self.claims.roles.is_empty() && !self.problems.is_empty() => Has::NoWord,
            None if granted => Has::It,
            None => Has::NoPermission,
        }
    }

    fn tenant_name(&self) -> Option<String> {
        let Some(Probe::Answered(body)) = self.probes.get(needs::ORGANIZATION) else { return None };
        let page: Value = serde_json::from_slice(body).ok()?;
        page.pointer("/value/0/displayName").and_then(Value::as_str).map(str::to_owned)
    }

    fn application(&self) -> &str {
        if self.claims.appid.is_empty() { &self.settings.client_id } else { &self.claims.appid }
    }

    /// The command of the Azure CLI that grants an application permission, to an application and to a managed identity alike.
    ///
    /// Source: <https://learn.microsoft.com/graph/permissions-grant-via-msgraph>.
    fn command(&self, permission: &str) -> String {
        let graph = self.settings.endpoints.cloud.endpoints().graph;
        let principal = match (self.claims.oid.as_str(), self.settings.kind()) {
            ("", CredentialKind::ManagedIdentity) => "OBJECT_ID_OF_THE_MANAGED_IDENTITY".to_owned(),
            ("", _) => format!("$(az ad sp show --id {} --query id --output tsv)", self.application()),
            (oid, _) => oid.to_owned(),
        };
        let of_graph = |query: &str| {
            format!("$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query \"{query}\" --output tsv)")
        };
        format!(
            "az rest --method POST --uri {graph}/v1.0/servicePrincipals/{principal}/appRoleAssignments --body \
             '{{\"principalId\":\"'{principal}'\",\"resourceId\":\"'{}'\",\"appRoleId\":\"'{}'\"}}'",
            of_graph("id"),
            of_graph(&format!("appRoles[?value=='{permission}'].id")),
        )
    }
}

impl Survey<'_> {
    /// The command that defines the property behind `externalId`, for users and groups.
    ///
    /// Source: <https://learn.microsoft.com/graph/api/application-post-extensionproperty>.
    fn definition(&self) -> String {
        format!(
            "az rest --method POST --uri {}/v1.0/applications/$(az ad app show --id {} --query id --output \
             tsv)/extensionProperties --body '{{\"name\":\"externalId\",\"dataType\":\"String\",\"targetObjects\":[\"User\",\"Group\"]}}'",
            self.settings.endpoints.cloud.endpoints().graph,
            self.settings.client_id,
        )
    }
}

/// Whether a need is met.
enum Has {
    It,
    NoPermission,
    NoLicence(&'static str),
    /// Graph did not answer.
    NoWord,
}

#[cfg(test)]
mod tests;
