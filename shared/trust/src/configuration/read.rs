//! The document: its tenants, and what stands in front.

use std::{collections::BTreeMap, sync::Arc};

use ipnet::IpNet;
use runtime::Secret;
use serde_json::Value;

use super::{
    Addresses, AuditChoice, Configuration, CredentialChoice, FrontEnd, FrontEndKind, Limits, Tenant,
    fields::{Fields, Place, unknown_cloud},
    rules,
};
use crate::{
    clouds,
    mistakes::Mistakes,
    protected::{Protected, is_guid, role_template},
    strict,
};

/// The largest document, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// The most tenants of a document.
const MOST_TENANTS: usize = 256;
/// The most networks of a list.
pub(super) const MOST_NETWORKS: usize = 256;
/// The most protected objects and roles of a tenant.
const MOST_PROTECTED: usize = 10_000;
/// The longest text from a file, in bytes.
const LONGEST_FILE: usize = 64 * 1024;
/// The highest limit that can be set.
const HIGHEST_LIMIT: u32 = 1_000_000;

/// First segments of paths that mean something else.
const RESERVED: [&str; 4] = ["scim", "rp", "inventory", "audit"];

/// Gives the text of a file.
pub(super) type File<'a> = &'a dyn Fn(&str) -> Result<String, String>;

pub(super) fn read(document: &str, file: File<'_>) -> Result<Configuration, Mistakes> {
    if document.len() > LARGEST {
        return Err(Mistakes::whole(format!("is larger than {LARGEST} bytes")));
    }
    let value = strict::parse(document.as_bytes()).map_err(Mistakes::whole)?;
    let mut mistakes = Mistakes::default();
    let read = configuration(&value, file, &mut mistakes);
    match read {
        Some(configuration) if mistakes.is_empty() => Ok(configuration),
        _ => Err(mistakes),
    }
}

fn configuration(value: &Value, file: File<'_>, mistakes: &mut Mistakes) -> Option<Configuration> {
    let place = Place { pointer: String::new(), value };
    let fields = place.fields(mistakes, &["default", "front_end", "tenants"])?;
    let front_end = fields.get("front_end").map(|place| front_end(&place, mistakes)).unwrap_or_default();
    let Some(named) = fields.get("tenants").map(|tenants| tenants.named(mistakes, MOST_TENANTS)) else {
        mistakes.add("/tenants", "is missing: give an object with a member for each tenant");
        return None;
    };
    if named.is_empty() {
        mistakes.add("/tenants", "has no tenant: give one at least");
    }
    let mut tenants = BTreeMap::new();
    for (name, place) in named {
        if !is_name(name) || RESERVED.contains(&name) {
            mistakes.add(
                &place.pointer,
                format!(
                    "is no name of a tenant: give 1 to 63 small letters, digits and hyphens, no hyphen first, and none of {}",
                    RESERVED.join(", ")
                ),
            );
        }
        if let Some(tenant) = tenant(name, &place, file, mistakes) {
            tenants.insert(name.to_owned(), Arc::new(tenant));
        }
    }
    let mut default = None;
    if let Some(place) = fields.get("default") {
        let name = place.text(mistakes, "the name of a tenant").unwrap_or_default();
        default = tenants.get(name).cloned();
        // A tenant with mistakes of its own is not among them, and that is told already.
        let is_there = fields.get("tenants").is_some_and(|tenants| tenants.value.get(name).is_some());
        if !is_there {
            mistakes.add(&place.pointer, "names no tenant of this document: give the name of one, or remove it");
        }
    }
    Some(Configuration { default, tenants, front_end })
}

/// `[a-z0-9][a-z0-9-]{0,62}`
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| is_letter(byte) || byte == b'-')
        && name.bytes().next().is_some_and(is_letter)
}

fn front_end(place: &Place<'_>, mistakes: &mut Mistakes) -> FrontEnd {
    let Some(fields) = place.fields(mistakes, &["kind", "networks", "easy_auth"]) else { return FrontEnd::default() };
    let kind = match fields.text(mistakes, "kind", "host, app-service or envoy").as_str() {
        "" | "host" => FrontEndKind::Host,
        "app-service" => FrontEndKind::AppService,
        "envoy" => FrontEndKind::Envoy,
        _ => {
            mistakes.add(&fields.pointer_of("kind"), "is no kind of front end: give host, app-service or envoy");
            FrontEndKind::Host
        }
    };
    let networks = networks(&fields, "networks", mistakes);
    if kind != FrontEndKind::Host && networks.is_empty() {
        mistakes.add(
            &fields.pointer_of("networks"),
            "names no network: give those from which the front end calls, or anybody could write its headers",
        );
    }
    let easy_auth = fields.truth(mistakes, "easy_auth", false);
    if easy_auth && kind != FrontEndKind::AppService {
        mistakes.add(&fields.pointer_of("easy_auth"), "needs App Service: set kind to app-service, or remove it");
    }
    FrontEnd { kind, networks, easy_auth }
}

/// Networks and single addresses.
pub(super) fn networks(fields: &Fields<'_>, name: &str, mistakes: &mut Mistakes) -> Vec<IpNet> {
    let Some(place) = fields.get(name) else { return Vec::new() };
    let mut networks = Vec::new();
    for (pointer, text) in place.texts(mistakes, MOST_NETWORKS, "networks such as 10.0.0.0/8") {
        match text.parse().or_else(|_| text.parse().map(|address: std::net::IpAddr| IpNet::from(address))) {
            Ok(network) => networks.push(network),
            Err(_) => mistakes.add(&pointer, "is no network: give one such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7"),
        }
    }
    networks
}

fn tenant(name: &str, place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<Tenant> {
    const KNOWN: [&str; 12] = [
        "tenant_id",
        "cloud",
        "login_url",
        "graph_url",
        "arm_url",
        "identity_url",
        "credential",
        "mapping",
        "callers",
        "protected",
        "limits",
        "audit",
    ];
    let fields = place.fields(mistakes, &KNOWN)?;
    let tenant_id = fields.text(mistakes, "tenant_id", "the id of the tenant");
    if tenant_id.is_empty() {
        mistakes.add(&fields.pointer_of("tenant_id"), "is missing: give the id of the tenant, a GUID");
    } else if !is_guid(&tenant_id) {
        mistakes.add(
            &fields.pointer_of("tenant_id"),
            "is no id of a tenant: give the GUID that the overview of Microsoft Entra ID shows",
        );
    }
    let cloud = clouds::find(&fields.text(mistakes, "cloud", "the name of a cloud"));
    if cloud.is_none() {
        mistakes.add(&fields.pointer_of("cloud"), unknown_cloud());
    }
    let mut address = |name: &str| address(&fields, name, mistakes);
    let addresses = Addresses {
        login: address("login_url"),
        graph: address("graph_url"),
        arm: address("arm_url"),
        identity: address("identity_url"),
    };
    let credential = fields.get("credential").and_then(|place| credential(&place, file, mistakes)).unwrap_or_default();
    let mapping = fields.get("mapping");
    let mapping = mapping.and_then(|it| it.fields(mistakes, &["external_id_property", "group_external_id_property"]));
    let mut property = |name: &str| {
        mapping.as_ref().map(|mapping| mapping.text(mistakes, name, "the name of a Graph property")).unwrap_or_default()
    };
    let (external_id, group_external_id) = (property("external_id_property"), property("group_external_id_property"));
    let callers = fields.get("callers").map(|place| rules::callers(&place, file, mistakes)).unwrap_or_default();
    Some(Tenant {
        name: name.to_owned(),
        tenant_id,
        cloud: cloud?.name.to_owned(),
        addresses,
        credential,
        external_id,
        group_external_id,
        callers,
        protected: fields.get("protected").and_then(|it| protected(&it, mistakes)).unwrap_or_default(),
        limits: fields.get("limits").map_or(Some(Limits::USUAL), |it| limits(&it, mistakes))?,
        audit: fields.get("audit").and_then(|it| audit(&it, mistakes)).unwrap_or_default(),
    })
}

fn address(fields: &Fields<'_>, name: &str, mistakes: &mut Mistakes) -> String {
    let text = fields.text(mistakes, name, "an address");
    let parsed = text.parse::<http::Uri>().ok();
    let is_address = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.authority().is_some() && uri.query().is_none()
    });
    if !text.is_empty() && !is_address {
        mistakes.add(&fields.pointer_of(name), "is no address: give one such as https://graph.microsoft.com");
    }
    text.trim_end_matches('/').to_owned()
}

fn credential(place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<CredentialChoice> {
    const KNOWN: [&str; 5] =
        ["client_id", "client_secret", "client_certificate", "client_certificate_password", "federated_token_file"];
    let fields = place.fields(mistakes, &KNOWN)?;
    let mut text = |name: &str| {
        fields.get(name).and_then(|place| text_or_file(&place, file, mistakes)).map(Secret::new).unwrap_or_default()
    };
    let (client_secret, client_certificate, client_certificate_password) =
        (text("client_secret"), text("client_certificate"), text("client_certificate_password"));
    let client_id = fields.text(mistakes, "client_id", "the id of the application");
    if !client_id.is_empty() && !is_guid(&client_id) {
        mistakes.add(&fields.pointer_of("client_id"), "is no id of an application: give its GUID");
    }
    let federated_token_file = fields.text(mistakes, "federated_token_file", "the path of a file");
    let needs_id = !client_secret.is_empty() || !client_certificate.is_empty() || !federated_token_file.is_empty();
    if needs_id && client_id.is_empty() {
        mistakes.add(&fields.pointer_of("client_id"), "is missing: give the id of the application, a GUID");
    }
    Some(CredentialChoice {
        client_id,
        client_secret,
        client_certificate,
        client_certificate_password,
        federated_token_file,
    })
}

/// A text, or what stands in `{"file": "..."}`.
pub(super) fn text_or_file(place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<String> {
    if let Some(text) = place.value.as_str() {
        return Some(text.trim().to_owned());
    }
    if !place.value.is_object() {
        mistakes.add(&place.pointer, "is neither a text nor {\"file\": PATH}");
        return None;
    }
    let fields = place.fields(mistakes, &["file"])?;
    let path = fields.text(mistakes, "file", "the path of a file");
    let pointer = fields.pointer_of("file");
    if path.is_empty() {
        mistakes.add(&pointer, "is missing: give the path of a file");
        return None;
    }
    match file(&path) {
        Ok(text) if text.len() <= LONGEST_FILE => Some(text.trim().to_owned()),
        Ok(_) => {
            mistakes.add(&pointer, format!("is larger than {LONGEST_FILE} bytes"));
            None
        }
        Err(problem) => {
            mistakes.add(&pointer, format!("cannot be read: {problem}"));
            None
        }
    }
}

fn protected(place: &Place<'_>, mistakes: &mut Mistakes) -> Option<Protected> {
    let fields = place.fields(mistakes, &["objects", "role_assignable_groups", "roles"])?;
    let mut objects = Vec::new();
    let listed = fields.get("objects").map(|place| place.texts(mistakes, MOST_PROTECTED, "object ids"));
    for (pointer, id) in listed.unwrap_or_default() {
        if !is_guid(id) {
            mistakes.add(&pointer, "is no id of an object: give its GUID");
        }
        objects.push(id.to_owned());
    }
    let mut protected = Protected::new(objects);
    let listed = fields.get("roles").map(|place| place.texts(mistakes, MOST_PROTECTED, "directory roles"));
    for (pointer, role) in listed.unwrap_or_default() {
        match role_template(role) {
            Some(template) => _ = protected.roles.insert(template),
            None => mistakes.add(
                &pointer,
                "is no privileged role that is known by name: look whether it is spelt right, or give its template id, a \
                 GUID",
            ),
        }
    }
    protected.role_assignable_groups = fields.truth(mistakes, "role_assignable_groups", false);
    Some(protected)
}

fn limits(place: &Place<'_>, mistakes: &mut Mistakes) -> Option<Limits> {
    const KNOWN: [&str; 5] =
        ["requests_per_second", "burst", "caller_requests_per_second", "caller_burst", "concurrent"];
    let fields = place.fields(mistakes, &KNOWN)?;
    let mut number = |name: &str, usual: u32| fields.number(mistakes, name, HIGHEST_LIMIT).unwrap_or(usual);
    let usual = Limits::USUAL;
    Some(Limits {
        requests_per_second: number("requests_per_second", usual.requests_per_second),
        burst: number("burst", usual.burst),
        caller_requests_per_second: number("caller_requests_per_second", usual.caller_requests_per_second),
        caller_burst: number("caller_burst", usual.caller_burst),
        concurrent: number("concurrent", usual.concurrent),
    })
}

fn audit(place: &Place<'_>, mistakes: &mut Mistakes) -> Option<AuditChoice> {
    let fields = place.fields(mistakes, &["old_values"])?;
    Some(AuditChoice { old_values: fields.truth(mistakes, "old_values", true) })
}
