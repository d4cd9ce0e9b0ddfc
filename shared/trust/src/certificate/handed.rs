//! Certificates in headers: our host's own, App Service's and Envoy's.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/app-service-web-configure-tls-mutual-auth>,
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert>.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::LARGEST;
use crate::{
    admit::Evidence,
    configuration::{FrontEnd, FrontEndKind},
    hash, hex,
};

/// The header in which our host hands on the certificate: its key, a blank, the DER in base64.
pub const HOST_HEADER: &str = "x-entra-scim-client-certificate";

/// The header of App Service.
pub const APP_SERVICE_HEADER: &str = "x-arr-clientcert";

/// The header of Envoy.
pub const ENVOY_HEADER: &str = "x-forwarded-client-cert";

/// The longest header that is taken apart, in bytes.
const LONGEST_HEADER: usize = 64 * 1024;

/// The certificate in DER that the host or the front end hands on; none when there is none, or when whoever wrote the
/// header is not believed.
///
/// # Errors
///
/// What is wrong with a header of somebody who is believed.
pub(crate) fn certificate(front_end: &FrontEnd, evidence: &Evidence<'_>) -> Result<Option<Vec<u8>>, &'static str> {
    if front_end.is_from(evidence.address) {
        // The host's own header is then about the front end's certificate, and says nothing of the caller.
        match front_end.kind {
            FrontEndKind::Host => {}
            FrontEndKind::AppService => {
                return only(evidence.headers, APP_SERVICE_HEADER)?.map(app_service).transpose();
            }
            FrontEndKind::Envoy => return only(evidence.headers, ENVOY_HEADER)?.map(envoy).transpose(),
        }
    }
    let Some(header) = only(evidence.headers, HOST_HEADER)? else { return Ok(None) };
    let Some(expected) = evidence.host_key.filter(|key| !key.is_empty()) else { return Ok(None) };
    match header.split_once(' ') {
        Some((key, certificate)) if hex::is_same(key.as_bytes(), expected.as_bytes()) => {
            decode(certificate).map(Some).ok_or("certificate of the host")
        }
        _ => Ok(None),
    }
}

/// The header's value. Of two, nobody can tell which one a front end wrote.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.len() <= LONGEST_HEADER => {
            value.to_str().map(Some).map_err(|_| "certificate header is no text")
        }
        _ => Err("several or too long certificate headers"),
    }
}

fn app_service(header: &str) -> Result<Vec<u8>, &'static str> {
    let is_pem = header.trim_start().starts_with("-----BEGIN");
    if is_pem { decode_pem(header) } else { decode(header) }.ok_or("certificate of App Service")
}

/// The last element counts: a front end that appends to the header of the one before it appends its own there.
fn envoy(header: &str) -> Result<Vec<u8>, &'static str> {
    let elements = elements(header).ok_or("syntax of Envoy's header")?;
    let element = elements.last().ok_or("empty header of Envoy")?;
    let one = |name: &str| {
        let mut values = element.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err("doubled key in Envoy's header"),
        }
    };
    let pem = one("Cert")?.ok_or("no certificate in Envoy's header")?;
    let pem = percent_decode_str(pem).decode_utf8().map_err(|_| "certificate of Envoy")?;
    let der = decode_pem(&pem).ok_or("certificate of Envoy")?;
    match one("Hash")? {
        Some(digits) if hex::decode::<32>(digits).is_none_or(|digits| digits != hash(&[&der])) => {
            Err("hash in Envoy's header")
        }
        _ => Ok(der),
    }
}

/// The elements of Envoy's header, each a list of keys and values; `None` when it is malformed.
fn elements(header: &str) -> Option<Vec<Vec<(String, String)>>> {
    let (mut elements, mut pairs) = (Vec::new(), Vec::new());
    let mut rest = header.chars().peekable();
    loop {
        let (mut key, mut value) = (String::new(), String::new());
        loop {
            match rest.next()? {
                '=' => break,
                ',' | ';' | '"' => return None,
                character => key.push(character),
            }
        }
        if rest.next_if_eq(&'"').is_some() {
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => value.push(rest.next()?),
                    character => value.push(character),
                }
            }
        } else {
            while let Some(character) = rest.next_if(|character| !matches!(character, ',' | ';' | '"')) {
                value.push(character);
            }
        }
        pairs.push((key.trim().to_owned(), value));
        match rest.next() {
            None => {
                elements.push(pairs);
                return Some(elements);
            }
            Some(',') => elements.push(std::mem::take(&mut pairs)),
            Some(';') => {}
            Some(_) => return None,
        }
    }
}

/// The one certificate in a PEM, of which a header may have lost the line breaks.
pub(crate) fn decode_pem(pem: &str) -> Option<Vec<u8>> {
    let rest = pem.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
    decode(rest.strip_suffix("-----END CERTIFICATE-----")?)
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    // Four digits of base64 make three bytes; blanks come on top, and are bounded by the header.
    let text: String = base64.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    (!text.is_empty() && text.len() <= LARGEST * 2).then_some(())?;
    STANDARD.decode(text).ok()
}
