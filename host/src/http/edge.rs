//! The edge: what becomes of a request before a component sees it, and of each answer.
//!
//! From the wire inwards: TLS, the form of a request on the wire (`gate.rs`, `head.rs`, `chunks.rs`), what it
//! asks for (`shape.rs`), who may say who is calling (`front_end.rs`), how much may be asked (`admission.rs`, `rate.rs`).

pub(crate) mod admission;
mod chunks;
pub(crate) mod connections;
pub(crate) mod front_end;
pub(crate) mod gate;
mod head;
pub(crate) mod rate;
pub(crate) mod request_id;
pub(crate) mod shape;
pub(crate) mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicBool;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use self::gate::Refused;
pub(crate) use self::head::Refusal;

/// The header in which the host hands on the certificate of a caller.
pub(crate) const CERTIFICATE: HeaderName = HeaderName::from_static("x-entra-scim-client-certificate");

/// The environment variable with the key by which a component knows that the host itself wrote that header.
pub(crate) const HOST_KEY: &str = "ENTRA_SCIM_HOST_KEY";

/// The other end of a connection.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The certificate that it showed, as it is handed on.
    pub(crate) certificate: Option<HeaderValue>,
    pub(crate) is_tls: bool,
    /// Whether it is the front end of the deployment.
    pub(crate) is_front_end: bool,
    /// Why no more of its requests are read.
    pub(crate) refused: Refused,
    /// Whether it was told to slow down.
    pub(crate) is_flooding: AtomicBool,
}

impl Peer {
    /// Where a request is from: a front end says where it has it from.
    pub(crate) fn source(&self, headers: &HeaderMap) -> IpAddr {
        let own = self.address.ip();
        if !self.is_front_end {
            return own;
        }
        // The last one is what the front end itself has seen; those before it are hearsay.
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|value| value.rsplit(',').next()).map(str::trim).unwrap_or_default();
        let address = last.parse().or_else(|_| last.parse().map(|address: SocketAddr| address.ip()));
        address.unwrap_or(own)
    }

    /// Whether the caller speaks TLS, to the host or to the front end.
    pub(crate) fn is_secure(&self, headers: &HeaderMap) -> bool {
        self.is_tls || self.is_front_end && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
    }
}

/// Puts on an answer what every answer has.
pub(crate) fn finish(headers: &mut HeaderMap, request_id: HeaderValue, is_secure: bool) {
    headers.remove(header::SERVER);
    headers.insert(request_id::REQUEST_ID, request_id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_secure {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_says_where_a_request_is_from() {
        let source = |is_front_end, forwarded: &[&str]| {
            let address = "10.0.0.1:5".parse().unwrap();
            let (refused, is_flooding) = (Refused::default(), AtomicBool::new(false));
            let peer = Peer { address, certificate: None, is_tls: false, is_front_end, refused, is_flooding };
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            peer.source(&headers).to_string()
        };
        assert_eq!(source(false, &["192.0.2.1"]), "10.0.0.1");
        assert_eq!(source(true, &[]), "10.0.0.1");
        assert_eq!(source(true, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(source(true, &["198.51.100.9, 192.0.2.1:4711"]), "192.0.2.1");
        assert_eq!(source(true, &["198.51.100.9", "2001:db8::1"]), "2001:db8::1");
        assert_eq!(source(true, &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn what_every_answer_has() {
        for is_secure in [false, true] {
            let mut headers = HeaderMap::new();
            headers.insert(header::SERVER, HeaderValue::from_static("told"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
            finish(&mut headers, HeaderValue::from_static("id"), is_secure);
            assert_eq!(headers.len(), if is_secure { 4 } else { 3 });
            assert_eq!(
                (&headers["x-request-id"], &headers["cache-control"]),
                (&"id".parse().unwrap(), &"no-store".parse().unwrap())
            );
        }
    }
}
