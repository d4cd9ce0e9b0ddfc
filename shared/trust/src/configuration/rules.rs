//! The callers of a tenant: proofs and rights.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    CallerRule, RightsRule,
    fields::{Fields, Place},
    read::{File, networks, text_or_file},
};
use crate::{
    certificate::{Authority, By, CertificateRule, Name},
    hex,
    mistakes::Mistakes,
    protected::is_guid,
    rights::{AttributeRule, OPERATIONS, Operation, Path, ROLES, Rights, Role},
    secret::SecretRule,
    token::{PROVISIONING_AUDIENCE, PROVISIONING_SERVICE, TokenRule, Version},
};

/// The most callers of a tenant.
const MOST_CALLERS: usize = 64;
/// The most certificates, secrets, audiences or applications of a caller.
const MOST_PROOFS: usize = 16;
/// The most attributes, resources, operations or roles of a list.
const MOST_RIGHTS: usize = 500;
/// The longest name of a caller or secret, in characters.
const LONGEST_NAME: usize = 64;

pub(super) fn callers(place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Vec<CallerRule> {
    let named = place.named(mistakes, MOST_CALLERS);
    let mut callers: Vec<CallerRule> = Vec::new();
    for (name, place) in named {
        let Some(caller) = caller(name, &place, file, mistakes) else { continue };
        for other in &callers {
            if let Some(proof) = shared_proof(&caller, other) {
                mistakes.add(
                    &place.pointer,
                    format!("has {proof} of {} too: give it to one of them, or nobody knows who calls", other.name),
                );
            }
        }
        callers.push(caller);
    }
    callers
}

/// What proves to be either of two callers.
fn shared_proof(one: &CallerRule, other: &CallerRule) -> Option<&'static str> {
    let certificates = || one.certificates.iter().any(|rule| other.certificates.iter().any(|it| it.is_same(rule)));
    let secrets = || one.secrets.iter().any(|rule| other.secrets.iter().any(|it| it.is_same(rule)));
    let tokens =
        || one.tokens.as_ref().zip(other.tokens.as_ref()).is_some_and(|(one, other)| one.is_ambiguous_with(other));
    if certificates() {
        return Some("a certificate");
    }
    if secrets() {
        return Some("a secret");
    }
    tokens().then_some("tokens")
}

fn caller(name: &str, place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<CallerRule> {
    let fields = place.fields(mistakes, &["certificates", "tokens", "secrets", "rights"])?;
    if !is_name(name) {
        mistakes.add(&place.pointer, bad_name("a caller"));
    }
    if name == "timer" {
        mistakes.add(&place.pointer, "is the name of the host's own timer: give another one");
    }
    let mut each =
        |name: &str| fields.get(name).map(|place| place.list(mistakes, MOST_PROOFS, name)).unwrap_or_default();
    let (certificates, secrets) = (each("certificates"), each("secrets"));
    let certificates: Vec<_> = certificates.iter().filter_map(|it| certificate(it, file, mistakes)).collect();
    let secrets: Vec<_> = secrets.iter().filter_map(|it| secret(it, mistakes)).collect();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    if !secrets.iter().all(|secret| names.insert(&secret.name)) {
        mistakes.add(&fields.pointer_of("secrets"), "has two secrets of one name: give each a name of its own");
    }
    let has_tokens = fields.get("tokens").is_some();
    let has_others = fields.get("certificates").is_some() || fields.get("secrets").is_some();
    if !has_tokens && !has_others {
        mistakes.add(&place.pointer, "has no proof: give certificates, tokens or secrets");
    }
    let rights = rights(&fields, mistakes);
    let is_by_roles = matches!(rights, Some(RightsRule::Roles(_)));
    if is_by_roles && (has_others || !has_tokens) {
        mistakes.add(
            &fields.pointer_of("rights"),
            "come from the roles in tokens, which certificates and secrets do not have: name the roles, or make two callers",
        );
    }
    let tokens = fields.get("tokens").and_then(|place| tokens(&place, is_by_roles, mistakes));
    let rights = rights?;
    Some(CallerRule { name: name.to_owned(), certificates, tokens, secrets, rights, is_timer: false })
}

/// A name goes into logs and records.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().all(|letter| letter.is_alphanumeric() || "-_. @".contains(letter))
}

fn bad_name(of: &str) -> String {
    format!("is no name of {of}: give up to {LONGEST_NAME} letters, digits, blanks and -_.@")
}

fn certificate(place: &Place<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<CertificateRule> {
    let fields = place.fields(mistakes, &["sha1", "sha256", "issuer", "subject", "authority", "until"])?;
    let until = fields.moment(mistakes, "until");
    let has = |name: &str| fields.get(name).is_some();
    let by = match (has("sha1"), has("sha256"), has("issuer") || has("subject") || has("authority")) {
        (true, false, false) => By::Sha1(thumbprint(&fields, "sha1", mistakes)?),
        (false, true, false) => By::Sha256(thumbprint(&fields, "sha256", mistakes)?),
        (false, false, true) => subject(&fields, file, mistakes)?,
        _ => {
            mistakes.add(
                &place.pointer,
                "does not say which certificate: give sha256, or sha1, or subject with issuer and authority",
            );
            return None;
        }
    };
    Some(CertificateRule { by, until })
}

/// The digits of a thumbprint; tools show them in pairs, with colons or blanks between.
fn thumbprint<const N: usize>(fields: &Fields<'_>, name: &str, mistakes: &mut Mistakes) -> Option<[u8; N]> {
    let text = fields.text(mistakes, name, "the digits of a thumbprint");
    // Windows puts an invisible mark before a thumbprint that is copied from its dialogs.
    let digits: String = text.chars().filter(|digit| !matches!(digit, ':' | ' ' | '\u{200e}')).collect();
    let found = hex::decode(&digits);
    if found.is_none() {
        mistakes.add(&fields.pointer_of(name), format!("is no thumbprint: give its {} hexadecimal digits", N * 2));
    }
    found
}

fn subject(fields: &Fields<'_>, file: File<'_>, mistakes: &mut Mistakes) -> Option<By> {
    let mut name = |name: &str| {
        let text = fields.text(mistakes, name, "a distinguished name");
        let parsed = Name::parse(&text);
        if parsed.is_none() {
            mistakes.add(&fields.pointer_of(name), "is no distinguished name: give one such as CN=client,O=Contoso");
        }
        parsed
    };
    let (issuer, subject) = (name("issuer"), name("subject"));
    let pem = fields.get("authority").and_then(|place| text_or_file(&place, file, mistakes));
    let authority = match pem.as_deref().map(Authority::parse) {
        Some(Ok(authority)) => Some(authority),
        Some(Err(problem)) => {
            mistakes.add(&fields.pointer_of("authority"), problem);
            None
        }
        None => {
            mistakes.add(
                &fields.pointer_of("authority"),
                "is missing: give the certificate of the issuer in PEM, as anybody can make a certificate of any subject",
            );
            None
        }
    };
    let (issuer, subject, authority) = (issuer?, subject?, authority?);
    if !authority.is_named(&issuer) {
        mistakes
            .add(&fields.pointer_of("issuer"), "is not the subject of authority: give the one that issues directly");
    }
    Some(By::Subject { subject, authority: Box::new(authority) })
}

fn secret(place: &Place<'_>, mistakes: &mut Mistakes) -> Option<SecretRule> {
    let fields = place.fields(mistakes, &["name", "sha256", "until", "networks"])?;
    let name = fields.text(mistakes, "name", "a name such as 2026");
    if !is_name(&name) {
        mistakes.add(&fields.pointer_of("name"), bad_name("a secret"));
    }
    let until = fields.moment(mistakes, "until");
    let networks = networks(&fields, "networks", mistakes);
    let hash = fields.text(mistakes, "sha256", "the hash of the secret");
    match SecretRule::new(&name, &hash) {
        Ok(mut secret) => {
            (secret.until, secret.networks) = (until, networks);
            Some(secret)
        }
        Err(problem) => {
            mistakes.add(&fields.pointer_of("sha256"), problem);
            None
        }
    }
}

fn tokens(place: &Place<'_>, is_by_roles: bool, mistakes: &mut Mistakes) -> Option<TokenRule> {
    const KNOWN: [&str; 5] = ["audiences", "applications", "versions", "users", "provisioning_service"];
    let fields = place.fields(mistakes, &KNOWN)?;
    let mut texts =
        |name: &str| fields.get(name).map(|place| place.texts(mistakes, MOST_PROOFS, "texts")).unwrap_or_default();
    let (audiences, applications, versions) = (texts("audiences"), texts("applications"), texts("versions"));
    for (pointer, application) in &applications {
        if !is_guid(application) {
            mistakes.add(pointer, "is no id of an application: give its GUID");
        }
    }
    let mut rule = TokenRule {
        audiences: audiences.into_iter().map(|(_, text)| text.to_owned()).filter(|text| !text.is_empty()).collect(),
        applications: applications.into_iter().map(|(_, text)| text.to_ascii_lowercase()).collect(),
        versions: BTreeSet::new(),
        users: fields.truth(mistakes, "users", false),
    };
    for (pointer, version) in versions {
        match version {
            "1.0" => _ = rule.versions.insert(Version::V1),
            "2.0" => _ = rule.versions.insert(Version::V2),
            _ => mistakes.add(&pointer, "is no version of a token: give 1.0 or 2.0"),
        }
    }
    if rule.versions.is_empty() {
        rule.versions = BTreeSet::from([Version::V1, Version::V2]);
    }
    if fields.truth(mistakes, "provisioning_service", false) {
        rule.audiences.insert(PROVISIONING_AUDIENCE.to_owned());
        rule.applications.insert(PROVISIONING_SERVICE.to_owned());
    }
    if rule.audiences.is_empty() {
        mistakes.add(&fields.pointer_of("audiences"), "names nobody: give the application id URI, such as api://GUID");
    }
    if rule.applications.is_empty() && !is_by_roles {
        mistakes.add(
            &fields.pointer_of("applications"),
            "names no application: give the ids of those that may call, or let the rights come from \"roles\", as any \
             application of the tenant can ask for a token",
        );
    }
    Some(rule)
}

fn rights(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<RightsRule> {
    let pointer = fields.pointer_of("rights");
    let Some(place) = fields.get("rights") else {
        mistakes.add(&pointer, "is missing: give a list of roles, \"roles\" for those in the token, or an object");
        return None;
    };
    if place.value == "roles" {
        return Some(RightsRule::Roles(Arc::new(Rights::default())));
    }
    if place.value.is_array() {
        return Some(RightsRule::Fixed(Arc::new(Rights::of(&roles(&place, mistakes)))));
    }
    const KNOWN: [&str; 5] = ["roles", "resources", "operations", "attributes", "deletions_per_hour"];
    let fields = place.fields(mistakes, &KNOWN)?;
    let roles = match fields.get("roles") {
        Some(place) if place.value == "token" => None,
        Some(place) => Some(roles(&place, mistakes)),
        None => {
            mistakes.add(
                &fields.pointer_of("roles"),
                "is missing: give a list of roles, or \"token\" for those in the token",
            );
            None
        }
    };
    let rights = narrowed(Rights::of(roles.as_deref().unwrap_or_default()), &fields, mistakes);
    let make = if roles.is_some() { RightsRule::Fixed } else { RightsRule::Roles };
    Some(make(Arc::new(rights)))
}

fn roles(place: &Place<'_>, mistakes: &mut Mistakes) -> Vec<Role> {
    let mut roles = Vec::new();
    for (pointer, name) in place.texts(mistakes, MOST_RIGHTS, "roles") {
        match Role::named(name) {
            Some(role) => roles.push(role),
            None => {
                let names: Vec<&str> = ROLES.iter().map(|(_, name)| *name).collect();
                mistakes.add(&pointer, format!("is no role: give one of {}", names.join(", ")));
            }
        }
    }
    roles
}

fn narrowed(mut rights: Rights, fields: &Fields<'_>, mistakes: &mut Mistakes) -> Rights {
    if let Some(place) = fields.get("resources") {
        let texts = place.texts(mistakes, MOST_RIGHTS, "resources such as Users");
        rights = rights.on_resources(texts.into_iter().map(|(_, text)| text.to_owned()));
    }
    if let Some(place) = fields.get("operations") {
        let mut operations = Vec::new();
        for (pointer, name) in place.texts(mistakes, MOST_RIGHTS, "operations") {
            match Operation::named(name) {
                Some(operation) => operations.push(operation),
                None => {
                    let names: Vec<&str> = OPERATIONS.iter().map(|(_, name)| *name).collect();
                    mistakes.add(&pointer, format!("is no operation: give one of {}", names.join(", ")));
                }
            }
        }
        rights = rights.with_operations(operations);
    }
    if let Some(place) = fields.get("attributes") {
        for (resource, place) in place.named(mistakes, MOST_RIGHTS) {
            if let Some(rule) = attributes(&place, mistakes) {
                rights = rights.with_attributes(resource, rule);
            }
        }
    }
    match fields.number(mistakes, "deletions_per_hour", 1_000_000) {
        Some(number) => rights.with_deletions(number),
        None => rights,
    }
}

fn attributes(place: &Place<'_>, mistakes: &mut Mistakes) -> Option<AttributeRule> {
    let fields = place.fields(mistakes, &["only", "except"])?;
    let mut paths = |name: &str| {
        let texts = fields.get(name)?.texts(mistakes, MOST_RIGHTS, "attributes");
        let (paths, empty): (Vec<_>, Vec<_>) =
            texts.into_iter().map(|(pointer, text)| (pointer, Path::new(text))).partition(|(_, path)| !path.is_empty());
        empty
            .iter()
            .for_each(|(pointer, _)| mistakes.add(pointer, "names no attribute: give a path such as name.familyName"));
        Some(paths.into_iter().map(|(_, path)| path).collect::<BTreeSet<_>>())
    };
    match (paths("only"), paths("except")) {
        (Some(only), None) => Some(AttributeRule::Only(only)),
        (None, Some(except)) => Some(AttributeRule::Except(except)),
        _ => {
            mistakes.add(&place.pointer, "names no attributes, or both ways: give either only or except");
            None
        }
    }
}
