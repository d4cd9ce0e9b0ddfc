//! A tenant in a box: a faithful stand-in for Entra's login, the managed identity endpoints of Azure, and the directory,
//! roles, licences, applications and logs of Microsoft Graph v1.0, on a port of this machine.
//!
//! [`Server::start`] serves in threads of its own; [`Server::variables`] says how to point the connector at it. It
//! answers as Graph's published description says Graph answers, and refuses what Graph would refuse (see
//! `data/README.md`). Nothing in here is secret, and nothing of it belongs in production.
//!
//! The connector's application signs in with [`CLIENT_SECRET`], with the certificate of [`CLIENT_PEM`], with a
//! [`federated_token`], or as the managed identity: App Service's endpoint is `/msi/token`, which wants
//! [`IDENTITY_HEADER`], and a machine's is below `/metadata/identity`. With [`Options::tls`] all of it speaks HTTPS.
//! `POST /_tenant/revoke` takes away a credential (`{"credential": "secret"}`, or `certificate`, `federation`,
//! `identity`), or the tokens issued so far (`{"tokens": true}`); `DELETE /_tenant/revoke` gives all back.
//!
//! # Bad days
//!
//! The tenant fails on order: from the start by [`Options::faults`], [`Options::settings`] or a [`Scenario`] (see
//! `scenarios/README.md`), and while it runs by endpoints that no Microsoft service has. They take and give JSON; what
//! they refuse is answered 400 with a sentence in `error`.
//!
//! | endpoint | |
//! |---|---|
//! | `POST /_tenant/faults` | orders a [`Fault`]: errors, HTML, broken JSON, empty pages, slow answers, lost connections |
//! | `GET`, `DELETE /_tenant/faults` | the faults that still wait; forgets them |
//! | `GET /_tenant/settings` | the [`Settings`]: permissions, licence, delays of replication and of templates, lifetime of page links, limits, extension |
//! | `PATCH /_tenant/settings` | makes a [`Change`] of them, with `"revokeTokens": true` also of the tokens; answers the settings |
//! | `GET /_tenant/throttle` | resource units and writes used, requests, and how many of them were answered 429, each alone and in batches |
//! | `DELETE /_tenant/throttle` | forgets that, and what was used of the limits |
//! | `GET`, `DELETE /_tenant/requests` | how often each operation was called; forgets it |
//! | `POST /_tenant/token` | a token for a caller of the connector, as [`CallerToken`] describes it: `{"token": "..."}` |
//! | `GET`, `PUT`, `DELETE /_tenant/keys` | the login's keys: a [`KeyPlan`], and in `fetches` how often they were asked for |
//!
//! Every request is accounted as Graph documents it, and told its cost in `x-ms-resource-unit`. Nothing is refused for
//! it until [`Settings::throttle`] says so: a demonstration or a test of speed is not held up.

mod answer;
mod clock;
mod contract;
mod control;
mod directory;
mod extensions;
mod facets;
mod faults;
mod federation;
mod graph;
mod identity;
mod login;
mod payload;
mod resources;
mod scenario;
mod server;
mod settings;
mod tenant;
mod throttle;
mod tls;
mod traffic;

pub use faults::Fault;
pub use federation::{Federation, federated_token};
pub use login::callers::{CallerToken, Signature};
pub use login::keys::Plan as KeyPlan;
pub use login::revocation::Credential;
pub use scenario::{Scenario, ScenarioError};
pub use server::Server;
pub use settings::{Change, Settings};
pub use tenant::{Refused, Tenant};
pub use throttle::{Limits, Throttle};
pub use traffic::Exchange;

use sha2::{Digest, Sha256};

/// The token a caller of the connector shows when it is pointed at this tenant.
pub const CALLER_TOKEN: &str = "contoso-demo";
/// The tenant's initial domain.
pub const DOMAIN: &str = "contoso.onmicrosoft.com";
/// Every domain a `userPrincipalName` may end in.
pub const VERIFIED_DOMAINS: [&str; 3] = [DOMAIN, "contoso.com", "example.com"];
/// The tenant's id.
pub const TENANT_ID: &str = "8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34";
/// Another id under which its login answers, so that two of them can stand for two tenants.
pub const SECOND_TENANT_ID: &str = "1d3a4f5e-2b7c-4e8d-9f60-a1b2c3d4e5f6";
/// The id of the application the connector signs in as.
pub const CLIENT_ID: &str = "3f2a8c1e-7b64-4d09-9e35-c1d0a2b4e6f8";
/// The id of that application as an object, by which Graph knows it below `/applications`.
pub const APPLICATION_ID: &str = "5d0c7a3b-41e8-4f6a-8c92-7be1f0d3a659";
/// The id of an application that calls the connector with tokens of this tenant.
pub const CALLER_APPLICATION: &str = "c9b0f3e2-58d1-4a7c-8e64-1f2d3a5b7c90";
/// Whom its tokens are for: the application id URI of the connector.
pub const CALLER_AUDIENCE: &str = "api://3f2a8c1e-7b64-4d09-9e35-c1d0a2b4e6f8";
/// The application's secret.
pub const CLIENT_SECRET: &str = "tenant-in-a-box~secret";
/// A secret that the application once had.
pub const EXPIRED_CLIENT_SECRET: &str = "tenant-in-a-box~expired";
/// The folder of the files below, for programs that want a path.
pub const DATA_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
/// The application's certificate with its private key (PKCS #8): `test-only-client.pem`.
pub const CLIENT_PEM: &str = include_str!("../data/test-only-client.pem");
/// The same as PKCS #12, encrypted as OpenSSL 3 does it (PBES2, AES-256): `test-only-client.pfx`.
pub const CLIENT_PFX: &[u8] = include_bytes!("../data/test-only-client.pfx");
/// The same as PKCS #12, encrypted as Windows long did it (RC2 and 3DES): `test-only-client-legacy.pfx`.
pub const CLIENT_LEGACY_PFX: &[u8] = include_bytes!("../data/test-only-client-legacy.pfx");
/// The password of both.
pub const CLIENT_PFX_PASSWORD: &str = "tenant-in-a-box";
/// A certificate of the application that expired in 2025, with its private key: `test-only-expired-client.pem`.
pub const EXPIRED_CLIENT_PEM: &str = include_str!("../data/test-only-expired-client.pem");
/// A certificate that no application has, with its private key: `test-only-unknown-client.pem`.
pub const UNKNOWN_CLIENT_PEM: &str = include_str!("../data/test-only-unknown-client.pem");
/// The key of the issuer whose tokens the application trusts: `test-only-federation-key.pem`.
pub const FEDERATION_KEY_PEM: &str = include_str!("../data/test-only-federation-key.pem");
/// What the App Service endpoint wants in `X-IDENTITY-HEADER`.
pub const IDENTITY_HEADER: &str = "tenant-in-a-box";

/// The name of the application.
pub(crate) const APPLICATION_NAME: &str = "SCIM connector";

/// [`CLIENT_ID`] as directory extension properties spell it.
pub(crate) const APPLICATION_HEX: &str = "3f2a8c1e7b644d099e35c1d0a2b4e6f8";

/// Who is in the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Population {
    /// Twenty-five varied people, and their groups.
    #[default]
    Sample,
    /// This many computed users, always the same ones, and no groups but those of [`Options::groups`].
    Generated(u32),
}

/// Made-up groups, in addition to those of the sample tenant: always the same ones, each with an owner.
///
/// ```
/// // A thousand groups of ten, but two thousand members in the first one, and the first user in the first 101.
/// let groups = tenant::Groups { count: 1_000, members: 10, largest: 2_000, busiest: 101 };
/// # assert_eq!(tenant::Groups { count: 1_000, members: 10, largest: 2_000, busiest: 101 }, groups);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// How many there are; their names are `Team 0000000` and so on.
    pub count: u32,
    /// How many users are in each of them.
    pub members: u32,
    /// How many users are in the first one, when more.
    pub largest: u32,
    /// In how many of them the first user is.
    pub busiest: u32,
}

/// How the tenant is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who is in it; the sample people, with their groups, when not said otherwise.
    pub users: Population,
    /// Groups to make up; none.
    pub groups: Groups,
    /// What can also be changed while it runs.
    pub settings: Settings,
    /// Objects on a page without `$top`; 100 as documented.
    pub page_size: u32,
    /// Users on a page of delta; 200.
    pub delta_page_size: u32,
    /// How many seconds an access token lives; 3599 as Entra's.
    pub token_lifetime: i64,
    /// Threads that serve; 2.
    pub threads: usize,
    /// How many exchanges with Graph [`Server::requests`] keeps; 0, none.
    pub record: usize,
    /// Faults that are there from the start.
    pub faults: Vec<Fault>,
    /// Whether it speaks HTTPS, with a certificate of an authority of its own ([`Server::ca_pem`]); no.
    pub tls: bool,
    /// Whose tokens the application trusts; those of [`federated_token`].
    pub federation: Federation,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: Population::Sample,
            groups: Groups::default(),
            settings: Settings::default(),
            page_size: 100,
            delta_page_size: 200,
            token_lifetime: 3_599,
            threads: 2,
            record: 0,
            faults: Vec::new(),
            tls: false,
            federation: Federation::default(),
        }
    }
}

/// The SHA-256 of a text, in hex.
fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
