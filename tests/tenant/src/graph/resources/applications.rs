//! What belongs to applications: federated credentials, policies of claims, and the templates applications are made of.

use serde_json::{Value, json};

use crate::contract::ObjectType;
use crate::directory::replicas::Replicas;
use crate::directory::{Directory, Object};
use crate::graph::Call;
use crate::graph::error::{self, Error, Result};
use crate::graph::filter::Operator::{Contains, Eq, StartsWith};
use crate::graph::policies::{LINKS, POLICIES};
use crate::graph::resources::{Collection, PLAIN, body};
use crate::resources::{has, text};

const FEDERATED: &str = "federatedIdentityCredentials";
/// How many federated credentials an application can have. Source: Graph's page of the resource.
const MAX_FEDERATED: usize = 20;
/// The member by which a federated credential knows its application.
const APPLICATION: &str = "application";

/// The collections.
pub(super) const TABLE: &[Collection] = &[
    Collection {
        path: "/applications/{id}/federatedIdentityCredentials",
        store: FEDERATED,
        entity: "federatedIdentityCredential",
        options: &["$filter", "$top"],
        filter: &[("name", &[Eq]), ("subject", &[Eq]), ("issuer", &[Eq])],
        page: MAX_FEDERATED,
        read: |call, replicas, _| {
            let id = application(call, replicas.seen())?;
            let all = replicas.resources.all(FEDERATED).iter();
            Ok(all.filter(|one| has(one, APPLICATION, &id)).cloned().collect())
        },
        create: federate,
        update: change_federated,
        ..PLAIN
    },
    Collection {
        path: "/policies/claimsMappingPolicies",
        store: POLICIES,
        entity: "claimsMappingPolicy",
        options: &["$filter", "$top"],
        filter: &[("id", &[Eq]), ("displayName", &[Eq])],
        create: |_, replicas, collection, mut policy| {
            check_definition(collection, &policy)?;
            policy.insert("id".to_owned(), json!(error::new_id()));
            policy.entry("isOrganizationDefault").or_insert(json!(false));
            replicas.resources.add(POLICIES, policy.clone());
            Ok(policy)
        },
        update: |_, replicas, collection, policy, changes| {
            check_definition(collection, &changes)?;
            replicas.resources.change(POLICIES, text(policy, "id"), changes);
            Ok(())
        },
        delete: |_, replicas, _, policy| {
            let id = text(policy, "id");
            replicas.resources.retain(LINKS, |link| !has(link, "policy", id));
            replicas.resources.remove(POLICIES, id);
            Ok(())
        },
        ..PLAIN
    },
    Collection {
        path: "/servicePrincipals/{id}/claimsMappingPolicies",
        store: POLICIES,
        entity: "claimsMappingPolicy",
        read: |call, replicas, _| {
            let directory = replicas.seen();
            let row = call.row_of(directory, ObjectType::ServicePrincipal)?;
            let id = directory.item(row).map(|item| item.id()).unwrap_or_default();
            let links = replicas.resources.all(LINKS).iter().filter(|link| has(link, "servicePrincipal", &id));
            let policy = |link: &Object| replicas.resources.find(POLICIES, "id", text(link, "policy")).cloned();
            Ok(links.filter_map(policy).collect())
        },
        ..PLAIN
    },
    Collection {
        path: "/applicationTemplates",
        store: "applicationTemplates",
        entity: "applicationTemplate",
        options: &["$filter", "$top", "$orderby"],
        filter: &[
            ("id", &[Eq]),
            ("displayName", &[Eq, Contains, StartsWith]),
            ("publisher", &[Eq, Contains]),
            ("categories/*", &[Eq, Contains]),
        ],
        order_by: &["displayName"],
        page: 20,
        ..PLAIN
    },
];

/// The id of the application in the path.
fn application(call: &Call<'_>, directory: &Directory) -> Result<String> {
    let row = call.row_of(directory, ObjectType::Application)?;
    Ok(directory.item(row).map(|item| item.id()).unwrap_or_default())
}

fn federate(call: &Call<'_>, replicas: &mut Replicas, collection: &Collection, mut object: Object) -> Result<Object> {
    let id = application(call, &replicas.primary)?;
    let own: Vec<Object> =
        replicas.resources.all(FEDERATED).iter().filter(|one| has(one, APPLICATION, &id)).cloned().collect();
    if own.len() >= MAX_FEDERATED {
        return Err(Error::request(format!(
            "An application can have at most {MAX_FEDERATED} federated identity credentials."
        )));
    }
    let name = text(&object, "name");
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(3..=120).contains(&name.len()) || !name.bytes().all(is_word) {
        return Err(body::invalid_value(collection, "name"));
    }
    if text(&object, "subject").is_empty() {
        return Err(body::missing_value(collection, "subject"));
    }
    check_federated(collection, &own, &object)?;
    object.insert("id".to_owned(), json!(error::new_id()));
    object.insert(APPLICATION.to_owned(), json!(id));
    replicas.resources.add(FEDERATED, object.clone());
    Ok(object)
}

fn change_federated(
    call: &Call<'_>,
    replicas: &mut Replicas,
    collection: &Collection,
    before: &Object,
    changes: Object,
) -> Result<()> {
    if changes.get("name").is_some_and(|name| name.as_str() != Some(text(before, "name"))) {
        return Err(Error::request("Property 'name' is read-only and cannot be set.").about("ReadOnlyProperty", "name"));
    }
    let id = application(call, &replicas.primary)?;
    let is_other = |one: &&Object| has(one, APPLICATION, &id) && !has(one, "id", text(before, "id"));
    let others: Vec<Object> = replicas.resources.all(FEDERATED).iter().filter(is_other).cloned().collect();
    let after: Object = before.clone().into_iter().chain(changes.clone()).collect();
    check_federated(collection, &others, &after)?;
    replicas.resources.change(FEDERATED, text(before, "id"), changes);
    Ok(())
}

/// One audience, an issuer by HTTPS, and a name, and an issuer with a subject, that no other of the application has.
fn check_federated(collection: &Collection, others: &[Object], object: &Object) -> Result<()> {
    if object.get("audiences").and_then(Value::as_array).is_none_or(|audiences| audiences.len() != 1) {
        return Err(body::invalid_value(collection, "audiences"));
    }
    if !text(object, "issuer").starts_with("https://") {
        return Err(body::invalid_value(collection, "issuer"));
    }
    let same =
        |names: &[&str]| others.iter().any(|other| names.iter().all(|name| text(other, name) == text(object, name)));
    if same(&["name"]) || same(&["issuer", "subject"]) {
        let text = "FederatedIdentityCredential with this name, or with this issuer and subject, already exists.";
        return Err(Error::new(409, "Request_MultipleObjectsWithSameKeyValue", text));
    }
    Ok(())
}

/// A definition is one text, which is JSON with the policy in it.
fn check_definition(collection: &Collection, policy: &Object) -> Result<()> {
    let Some(definition) = policy.get("definition") else { return Ok(()) };
    let texts = definition.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_policy = |text: &Value| {
        let parsed = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        parsed.is_some_and(|parsed| parsed.get("ClaimsMappingPolicy").is_some())
    };
    if texts.len() == 1 && texts.iter().all(is_policy) {
        Ok(())
    } else {
        Err(body::invalid_value(collection, "definition"))
    }
}
