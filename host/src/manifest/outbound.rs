//! Where a component may send requests to: the patterns of `allowed_outbound_hosts`, as Spin reads them.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;

/// The patterns of one component.
#[derive(Debug, Default)]
pub(crate) struct AllowedHosts(Vec<Pattern>);

/// `scheme://host:port`.
#[derive(Debug, Eq, PartialEq)]
struct Pattern {
    /// None stands for any.
    scheme: Option<String>,
    host: Host,
    /// From, to, both included.
    ports: (u16, u16),
}

#[derive(Debug, Eq, PartialEq)]
enum Host {
    Any,
    Name(String),
    /// The part after `*.`.
    Below(String),
    Network(IpNet),
}

const ANY_PORT: (u16, u16) = (0, u16::MAX);

impl AllowedHosts {
    /// Adds a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), String> {
        self.0.push(Pattern::parse(text).map_err(|reason| format!("allowed outbound host \"{text}\" {reason}"))?);
        Ok(())
    }

    /// Whether a request may go to this absolute URI.
    pub(crate) fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
        let Some(port) = authority.port_u16().or_else(|| default_port(scheme)) else { return false };
        // What an authority has before an @ is not the host: credentials in a URI are refused altogether.
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.0.iter().any(|pattern| pattern.matches(scheme, &host, port))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "insecure:allow-all" {
            return Ok(Self { scheme: None, host: Host::Any, ports: ANY_PORT });
        }
        let (scheme, rest) = text.split_once("://").ok_or("has no scheme: write https://host, or *://host:port")?;
        let scheme = (scheme != "*").then(|| scheme.to_ascii_lowercase());
        if scheme.as_ref().is_some_and(|scheme| scheme.is_empty() || !scheme.bytes().all(is_scheme_byte)) {
            return Err("has a wrong scheme".to_owned());
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if let Ok(network) = rest.parse() {
            return Ok(Self { ports: default_ports(scheme.as_deref())?, scheme, host: Host::Network(network) });
        }
        if rest.contains(['/', '?', '#', '@']) {
            return Err("must be scheme://host:port, with nothing after it".to_owned());
        }
        let (host, port) = split_port(rest);
        let ports = match port {
            Some(port) => ports(port)?,
            None => default_ports(scheme.as_deref())?,
        };
        Ok(Self { scheme, host: Host::parse(host)?, ports })
    }

    fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
            && (self.ports.0..=self.ports.1).contains(&port)
            && match &self.host {
                Host::Any => true,
                Host::Name(name) => name == host,
                Host::Below(suffix) => {
                    host.strip_suffix(suffix.as_str()).is_some_and(|below| below.len() > 1 && below.ends_with('.'))
                }
                Host::Network(network) => host.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)),
            }
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        match text.strip_prefix("*.") {
            _ if text == "*" => Ok(Self::Any),
            _ if text.is_empty() => Err("has no host".to_owned()),
            Some(suffix) if !suffix.is_empty() && !suffix.contains('*') => Ok(Self::Below(suffix.to_owned())),
            _ if text.contains('*') => Err("may have * only as the whole host or before its first dot".to_owned()),
            _ => Ok(Self::Name(text)),
        }
    }
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// The colon of a port comes after the bracket that ends an IPv6 address.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let number = |text: &str| text.parse::<u16>().map_err(|_| format!("has the wrong port \"{text}\""));
    match text.split_once("..") {
        _ if text == "*" => Ok(ANY_PORT),
        // Spin's ranges leave the end out.
        Some((from, to)) => match (number(from)?, number(to)?) {
            (from, to) if from < to => Ok((from, to - 1)),
            _ => Err(format!("has the empty range of ports \"{text}\"")),
        },
        None => number(text).map(|port| (port, port)),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn default_ports(scheme: Option<&str>) -> Result<(u16, u16), String> {
    let port = scheme.and_then(default_port).ok_or("needs a port, such as :443 or :*")?;
    Ok((port, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let cases = [
            ("https://graph.microsoft.com", "https://graph.microsoft.com/v1.0/users", true),
            ("https://graph.microsoft.com/", "https://GRAPH.microsoft.com:443/", true),
            ("https://graph.microsoft.com", "http://graph.microsoft.com/", false),
            ("https://graph.microsoft.com", "https://graph.microsoft.com:444/", false),
            ("https://graph.microsoft.com", "https://graph.microsoft.com.evil.example/", false),
            ("https://graph.microsoft.com", "https://graph.microsoft.com@evil.example/", false),
            ("https://*", "https://graph.microsoft.com@evil.example/", false),
            ("https://*.example.com", "https://a.example.com/", true),
            ("https://*.example.com", "https://a.b.example.com/", true),
            ("https://*.example.com", "https://example.com/", false),
            ("https://*.example.com", "https://.example.com/", false),
            ("https://*.example.com", "https://badexample.com/", false),
            ("*://*:*", "http://127.0.0.1:1/", true),
            ("http://*:8000..8010", "http://a:8009/", true),
            ("http://*:8000..8010", "http://a:8010/", false),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000/v1.0", true),
            ("http://[::1]:4000", "http://[::1]:4000/", true),
            ("http://10.0.0.0/8", "http://10.1.2.3/", true),
            ("http://10.0.0.0/8", "http://11.1.2.3/", false),
            ("insecure:allow-all", "https://a/", true),
        ];
        for (pattern, uri, expected) in cases {
            let mut allowed = AllowedHosts::default();
            allowed.add(pattern).unwrap();
            assert_eq!(allowed.allows(&uri.parse().unwrap()), expected, "{pattern} {uri}");
        }
        assert!(!AllowedHosts::default().allows(&"https://a/".parse().unwrap()));
    }

    #[test]
    fn wrong_patterns_are_told() {
        let cases = [
            ("", "has no scheme"),
            ("graph.microsoft.com", "has no scheme"),
            ("https://", "has no host"),
            ("*://a", "needs a port"),
            ("redis://a", "needs a port"),
            ("https://a/b", "nothing after it"),
            ("https://a:b", "wrong port"),
            ("https://a:9..9", "empty range"),
            ("https://a.*", "only as the whole host"),
        ];
        for (pattern, expected) in cases {
            let error = AllowedHosts::default().add(pattern).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
