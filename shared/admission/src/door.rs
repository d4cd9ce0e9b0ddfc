//! Letting a request in, and writing down what became of it.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use graph::CredentialSettings;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use runtime::{
    Clock, Random,
    spin::{SpinClock, SpinHttp, SpinRandom},
};
use scim::Error;
use trust::{Caller, Denied, Evidence, KeyStore, Operation, Proof, Tenant, admit};

use crate::{
    deployment::Deployment,
    journal::{self, Circumstances, Entry},
    path::tenant_in,
};

/// The signing keys of the tenants' tokens, and the tokens that were verified.
static KEYS: KeyStore = KeyStore::new();

/// Where the host says that the connection comes from: an address and a port.
const ADDRESS: &str = "spin-client-addr";

/// What a request is called, by its caller or by the host.
const REQUEST_ID: &str = "x-request-id";

/// The environment variable by which our host proves that it wrote a header.
const HOST_KEY: &str = "ENTRA_SCIM_HOST_KEY";

/// An answer to a request that is not let in, ready to send.
pub type Refusal = Box<Response<Bytes>>;

/// A request that was let in.
#[derive(Debug)]
pub struct Admitted {
    /// Who is calling, for which tenant.
    pub caller: Caller,
    /// How the tenant's application proves itself to Microsoft, and where that is.
    pub credential: Arc<CredentialSettings>,
    circumstances: Circumstances,
}

impl Admitted {
    /// Lets the caller of a request in, by its path and headers; no byte of its body is read before that.
    ///
    /// # Errors
    ///
    /// The answer: 401 whatever was wrong with the credential, 500 when the configuration cannot be used, 503 when what was
    /// done before cannot be recorded and this request may change something.
    pub async fn new(method: &Method, path: &str, headers: &HeaderMap) -> Result<Self, Refusal> {
        let deployment = Deployment::read().await.map_err(|mistakes| {
            mistakes.lines().for_each(|mistake| runtime::log(&format!("configuration=refused reason=\"{mistake}\"")));
            refusal(&Error::internal("the configuration has mistakes, which the log of the service tells"))
        })?;
        let configuration = &deployment.configuration;
        let tenant = configuration.tenant(tenant_in(path));
        let host_key = std::env::var(HOST_KEY).ok();
        let address = address(headers);
        let evidence = Evidence { headers, address, host_key: host_key.as_deref() };
        let now = SpinClock.now();
        let mut circumstances = Circumstances {
            at: now,
            request_id: request_id(headers),
            address: evidence.client(&configuration.front_end),
            ..Circumstances::default()
        };
        match admit(configuration, tenant, &evidence, &KEYS, &SpinHttp, &SpinClock).await {
            Ok(caller) => {
                circumstances.is_of(&caller);
                let none = || refusal(&Error::internal("the tenant has no settings"));
                let credential = deployment.credential(&caller.tenant).ok_or_else(none)?;
                if !matches!(*method, Method::GET | Method::HEAD) {
                    journal::catch_up().await.map_err(|reason| refusal(&Error::unavailable(reason)))?;
                }
                Ok(Self { caller, credential, circumstances })
            }
            Err(denied) => {
                let tenant = tenant.or_else(|| configuration.tenant(None));
                turned_away(tenant, circumstances, path, &denied);
                Err(denial(&denied))
            }
        }
    }

    /// The tenant that the caller calls for.
    #[must_use]
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.caller.tenant
    }

    /// When the request came.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.circumstances.at
    }

    /// Refuses what the caller may not do, and writes that down.
    ///
    /// # Errors
    ///
    /// The answer, 403.
    pub async fn permit(&self, resource: &str, operation: Operation) -> Result<(), Refusal> {
        let Err(forbidden) = self.caller.rights.may(resource, operation) else { return Ok(()) };
        let error = Error::forbidden(forbidden.detail);
        self.keep(vec![Entry::refused(operation, resource, &error)]).await;
        Err(refusal(&error))
    }

    /// Whether the host itself asks.
    #[must_use]
    pub fn is_timer(&self) -> bool {
        self.caller.proof == Proof::Timer
    }

    /// Writes down what was done for the request.
    pub async fn keep(&self, entries: Vec<Entry>) {
        let records = self.circumstances.records(entries);
        journal::keep(&self.tenant().tenant_id, records).await;
    }
}

/// Writes down beside the request that somebody was turned away: the answer takes no longer for it.
fn turned_away(tenant: Option<&Arc<Tenant>>, circumstances: Circumstances, path: &str, denied: &Denied) {
    let mut entry = Entry::refused(Operation::Read, "", &denied.error);
    // What strangers send is cut, and tells where they tried.
    entry.object = path.chars().take(200).collect();
    entry.detail = denied.reason.to_owned();
    let tenant = tenant.map(|tenant| tenant.tenant_id.clone()).unwrap_or_default();
    let records = circumstances.records(vec![entry]);
    if !records.is_empty() {
        runtime::spin::spawn(async move { journal::keep(&tenant, records).await });
    }
}

/// An error as RFC 7644 section 3.12 wants it.
#[must_use]
pub fn refusal(error: &Error) -> Refusal {
    let mut response = Response::new(Bytes::from(error.to_value().to_string()));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    if matches!(error.status, 429 | 503) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    Box::new(response)
}

fn denial(denied: &Denied) -> Refusal {
    let mut response = refusal(&denied.error);
    if let Some(challenge) = denied.challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

fn address(headers: &HeaderMap) -> Option<IpAddr> {
    let mut values = headers.get_all(ADDRESS).iter();
    // Two of them would leave the choice to whoever sent one.
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?.trim();
    text.parse().ok().or_else(|| Some(text.parse::<std::net::SocketAddr>().ok()?.ip()))
}

/// What the request is called, or a name made up for it.
fn request_id(headers: &HeaderMap) -> String {
    const LONGEST: usize = 128;
    let is_plain = |text: &&str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        !text.is_empty() && text.len() <= LONGEST && text.bytes().all(is_of_name)
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(is_plain);
    given.map_or_else(
        || {
            let mut bytes = [0; 16];
            SpinRandom.fill(&mut bytes);
            format!("{:032x}", u128::from_le_bytes(bytes))
        },
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_address_is_the_connections() {
        let check = |pairs: &[_], expected: Option<&str>| {
            assert_eq!(address(&headers(pairs)), expected.map(|address| address.parse().unwrap()), "{pairs:?}");
        };
        check(&[(ADDRESS, "192.0.2.7:4711")], Some("192.0.2.7"));
        check(&[(ADDRESS, "[2001:db8::1]:4711")], Some("2001:db8::1"));
        check(&[(ADDRESS, "192.0.2.7")], Some("192.0.2.7"));
        check(&[(ADDRESS, "192.0.2.7:1"), (ADDRESS, "10.0.0.1:1")], None);
        check(&[(ADDRESS, "here")], None);
        check(&[], None);
    }

    #[test]
    fn a_request_keeps_a_name_that_is_one() {
        assert_eq!(request_id(&headers(&[(REQUEST_ID, "a-1.b_2")])), "a-1.b_2");
    }
}
