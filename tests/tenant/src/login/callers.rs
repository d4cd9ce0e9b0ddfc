//! Tokens for callers of the connector, good ones and such as no login would ever issue.

use ring::rsa::KeyPair;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::login::jwt;
use crate::tenant::Tenant;
use crate::{CALLER_APPLICATION, CALLER_AUDIENCE, TENANT_ID, clock, federation};

/// The object id of the calling application's service principal.
const PRINCIPAL_ID: &str = "b7e1f0d3-0c3a-4f1e-9d52-6a9c1e4b8f20";

/// An order for a token; without anything it is a good one of version 1.0, which lets its caller in.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CallerToken {
    /// `1.0` or `2.0`.
    pub version: String,
    /// Whom it is for.
    pub audience: String,
    /// The id of the application that asks for it.
    pub application: String,
    /// The tenant that it is of.
    pub tenant: String,
    /// The app roles.
    pub roles: Vec<String>,
    /// Whether it was given to a user.
    pub user: bool,
    /// For how many seconds it is good; with a negative number it has expired.
    pub valid_for: i64,
    /// Claims to add or to replace; null takes one away.
    pub claims: Map<String, Value>,
    /// Members of the header to add or to replace; null takes one away.
    pub header: Map<String, Value>,
    /// How it is signed.
    pub signature: Signature,
}

/// How a token is signed, and what its header says of that.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// As the login signs at the moment.
    #[default]
    Good,
    /// Not at all: `none`.
    None,
    /// With HS256, and the public key as the secret.
    PublicKeyAsSecret,
    /// With a key that the login does not have, under the name of the one that it has.
    OtherKey,
    /// With that key, under a name of its own.
    UnknownKey,
}

impl Default for CallerToken {
    fn default() -> Self {
        Self {
            version: "1.0".to_owned(),
            audience: CALLER_AUDIENCE.to_owned(),
            application: CALLER_APPLICATION.to_owned(),
            tenant: TENANT_ID.to_owned(),
            roles: vec!["Scim.Write".to_owned()],
            user: false,
            valid_for: 3_599,
            claims: Map::new(),
            header: Map::new(),
            signature: Signature::Good,
        }
    }
}

impl CallerToken {
    pub(crate) fn mint(&self, tenant: &Tenant) -> String {
        let (name, key) = tenant.tokens().keys().signing();
        let (name, algorithm) = match self.signature {
            Signature::Good | Signature::OtherKey => (name, "RS256"),
            Signature::None => (name, "none"),
            Signature::PublicKeyAsSecret => (name, "HS256"),
            Signature::UnknownKey => (federation::KEY_ID, "RS256"),
        };
        let mut header = json!({"typ": "JWT", "alg": algorithm, "kid": name, "x5t": name});
        let mut claims = self.claims(tenant.origin());
        change(&mut header, &self.header);
        change(&mut claims, &self.claims);
        match self.signature {
            Signature::Good => jwt::sign(&header, &claims, key),
            Signature::OtherKey | Signature::UnknownKey => jwt::sign(&header, &claims, &federation::KEY),
            Signature::None => jwt::unsigned(&header, &claims),
            Signature::PublicKeyAsSecret => jwt::sign_with_secret(&header, &claims, public(key)),
        }
    }

    fn claims(&self, origin: &str) -> Value {
        let now = clock::now();
        let expires = now.saturating_add(self.valid_for);
        let begins = now.min(expires.saturating_sub(3_599));
        let tenant = &self.tenant;
        let is_second = self.version == "2.0";
        let issuer =
            if is_second { format!("{origin}/{tenant}/v2.0") } else { format!("https://sts.windows.net/{tenant}/") };
        let mut claims = json!({
            "aud": self.audience, "iss": issuer, "iat": begins, "nbf": begins, "exp": expires, "oid": PRINCIPAL_ID,
            "sub": PRINCIPAL_ID, "roles": self.roles, "tid": tenant, "uti": crate::graph::error::new_id(),
            "ver": self.version,
        });
        let application = &self.application;
        let of_version = if is_second {
            json!({"azp": application, "azpacr": "1"})
        } else {
            json!({"appid": application, "appidacr": "1"})
        };
        let of_subject = if self.user {
            json!({"scp": "user_impersonation", "sub": "pairwise-of-the-user", "name": "Adele Vance",
                "unique_name": "AdeleV@contoso.com"})
        } else {
            json!({"idtyp": "app"})
        };
        for more in [of_version, of_subject] {
            more.as_object().into_iter().for_each(|more| change(&mut claims, more));
        }
        claims
    }
}

fn public(key: &KeyPair) -> &[u8] {
    key.public().as_ref()
}

fn change(object: &mut Value, changes: &Map<String, Value>) {
    for (name, value) in changes {
        match (object.as_object_mut(), value) {
            (Some(members), Value::Null) => _ = members.remove(name),
            (Some(members), value) => _ = members.insert(name.clone(), value.clone()),
            (None, _) => {}
        }
    }
}
