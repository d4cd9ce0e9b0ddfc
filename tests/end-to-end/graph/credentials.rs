//! Every way to sign in, over TLS with a private authority; and what is told when it does not work.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use tenant::{Credential, Federation, Options};

use crate::harness::{Answer, Server, State};

/// A tenant that speaks HTTPS, and the file with the authority to trust.
struct Secured {
    tenant: tenant::Server,
    state: State,
}

/// What the login refuses, and where the sign-in said so.
const USER: &str = "/scim/v2/Users?count=1";

impl Secured {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let tenant = tenant::Server::start(Options { tls: true, ..options }, "127.0.0.1:0".parse().unwrap()).unwrap();
        let state = State::new();
        fs::write(state.path().join("ca.pem"), tenant.ca_pem().unwrap()).unwrap();
        Self { tenant, state }
    }

    /// The connector, with these variables instead of the client secret.
    fn connector(&self, variables: &[(&str, &str)], environment: &[(&str, &str)]) -> Server {
        let ca = self.state.path().join("ca.pem");
        let own = self.tenant.variables();
        let mut all: Vec<(&str, &str)> = own
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(name, _)| *name != "client_secret")
            .collect();
        all.retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
        all.extend_from_slice(variables);
        all.push(("inventory_users_schedule", "off"));
        Server::start_in(State::new(), &["--ca", ca.to_str().unwrap()], &all, environment)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.state.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Sees that the sign-in was refused for this reason, that nothing secret was told, and that no user came.
fn refused(answer: &Answer, reason: &str, secret: &str) {
    let detail = answer.expect_error(502, None);
    assert!(detail.contains(reason), "{reason} is not in {detail}");
    assert!(secret.is_empty() || !detail.contains(secret), "{detail}");
}

#[test]
fn client_secret() {
    let secured = Secured::start();
    secured.connector(&[("client_secret", tenant::CLIENT_SECRET)], &[]).get(USER).expect(200);
    for (secret, reason) in [("wrong~secret", "AADSTS7000215"), (tenant::EXPIRED_CLIENT_SECRET, "AADSTS7000222")] {
        refused(&secured.connector(&[("client_secret", secret)], &[]).get(USER), reason, secret);
    }
    let connector = secured.connector(&[("client_secret", tenant::CLIENT_SECRET)], &[]);
    connector.get(USER).expect(200);
    // A token that was given stays good when the secret is taken away, unless it is taken away too.
    secured.tenant.tenant().revoke(Credential::Secret);
    secured.tenant.tenant().revoke_tokens();
    refused(&connector.get(USER), "AADSTS", tenant::CLIENT_SECRET);
}

#[test]
fn a_revoked_token_is_replaced_without_a_word() {
    let secured = Secured::start();
    let connector = secured.connector(&[("client_secret", tenant::CLIENT_SECRET)], &[]);
    connector.get(USER).expect(200);
    secured.tenant.tenant().revoke_tokens();
    // Each instance finds out for itself.
    let calls: Vec<u32> = (0..8)
        .map(|_| {
            let answer = connector.get(USER);
            answer.expect(200);
            super::calls(&answer)
        })
        .collect();
    assert!(calls.contains(&2) && calls.iter().all(|calls| *calls <= 2), "{calls:?}");
    assert_eq!(calls.last(), Some(&1), "{calls:?}");
}

#[test]
fn a_token_is_shared_and_renewed_before_its_end() {
    let secured = Secured::with(Options { token_lifetime: 4, ..Options::default() });
    let connector = secured.connector(&[("client_secret", tenant::CLIENT_SECRET)], &[]);
    let started = std::time::Instant::now();
    while started.elapsed().as_secs() < 7 {
        let answer = connector.get(USER);
        answer.expect(200);
        assert_eq!(super::calls(&answer), 1, "never with a token that has ended");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn client_certificate() {
    let secured = Secured::start();
    let pem = secured.file("client.pem", tenant::CLIENT_PEM);
    let at_file = format!("@{pem}");
    secured.connector(&[("client_certificate", &at_file)], &[]).get(USER).expect(200);
    for pfx in [tenant::CLIENT_PFX, tenant::CLIENT_LEGACY_PFX] {
        let pfx = STANDARD.encode(pfx);
        let variables =
            [("client_certificate", pfx.as_str()), ("client_certificate_password", tenant::CLIENT_PFX_PASSWORD)];
        secured.connector(&variables, &[]).get(USER).expect(200);
        let variables = [("client_certificate", pfx.as_str()), ("client_certificate_password", "not it")];
        refused(&secured.connector(&variables, &[]).get(USER), "client_certificate_password", "not it");
    }
    for (pem, reason) in [(tenant::UNKNOWN_CLIENT_PEM, "AADSTS700027"), (tenant::EXPIRED_CLIENT_PEM, "AADSTS")] {
        let file = format!("@{}", secured.file("other.pem", pem));
        refused(&secured.connector(&[("client_certificate", &file)], &[]).get(USER), reason, "PRIVATE KEY");
    }
    secured.tenant.tenant().revoke(Credential::Certificate);
    refused(&secured.connector(&[("client_certificate", &at_file)], &[]).get(USER), "AADSTS", "PRIVATE KEY");
}

#[test]
fn workload_identity() {
    let secured = Secured::start();
    let good = secured.file("token", &tenant::federated_token(3600));
    let connector = secured.connector(&[("federated_token_file", &good)], &[]);
    connector.get(USER).expect(200);
    // As the webhook of AKS sets it up.
    let environment = [("AZURE_FEDERATED_TOKEN_FILE", good.as_str()), ("AZURE_TENANT_ID", tenant::TENANT_ID)];
    secured.connector(&[], &environment).get(USER).expect(200);
    for (token, reason) in [
        (tenant::federated_token(-3600), "AADSTS700024"),
        (
            Federation { subject: "system:serviceaccount:other:app".to_owned(), ..Federation::default() }.token(3600),
            "AADSTS",
        ),
        ("no token at all".to_owned(), "holds no token"),
    ] {
        let file = secured.file("bad", &token);
        refused(&secured.connector(&[("federated_token_file", &file)], &[]).get(USER), reason, &token);
    }
    // The platform replaces the file; the next token is asked for with what is there then.
    secured.tenant.tenant().revoke_tokens();
    fs::write(&good, tenant::federated_token(7200)).unwrap();
    connector.get(USER).expect(200);
    secured.tenant.tenant().revoke(Credential::Federation);
    secured.tenant.tenant().revoke_tokens();
    refused(&connector.get(USER), "AADSTS", "");
}

#[test]
fn managed_identity() {
    let secured = Secured::start();
    // IMDS, which a user-assigned identity is asked of by its client id.
    secured.connector(&[], &[]).get(USER).expect(200);
    secured.connector(&[("client_id", "")], &[]).get(USER).expect(200);
    let unknown = [("client_id", "00000000-0000-0000-0000-000000000001")];
    refused(&secured.connector(&unknown, &[]).get(USER), "has not been assigned", "");
    // App Service and Functions.
    let endpoint = format!("{}/msi/token", secured.tenant.origin());
    let environment = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", tenant::IDENTITY_HEADER)];
    secured.connector(&[], &environment).get(USER).expect(200);
    let environment = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "another")];
    refused(&secured.connector(&[], &environment).get(USER), "no token from the managed identity", "another");
    secured.tenant.tenant().revoke(Credential::Identity);
    refused(&secured.connector(&[], &[]).get(USER), "identity", "");
}

#[test]
fn an_authority_that_is_not_trusted_is_told() {
    let secured = Secured::start();
    let own = secured.tenant.variables();
    let mut variables: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.push(("inventory_users_schedule", "off"));
    let connector = Server::start(State::new(), &[], &variables);
    let answer = connector.get(USER);
    assert!([502, 503].contains(&answer.status), "{}", answer.status);
}
