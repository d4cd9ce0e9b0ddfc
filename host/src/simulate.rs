//! The tenant in a box, started inside the host: a stand-in for Microsoft on a loopback address.

#[cfg(feature = "simulate")]
mod boxed;
#[cfg(not(feature = "simulate"))]
mod left_out;

use std::net::SocketAddr;

use anyhow::{Result, bail};

#[cfg(feature = "simulate")]
pub(crate) use self::boxed::{Simulator, serve};
#[cfg(not(feature = "simulate"))]
pub(crate) use self::left_out::{Simulator, serve};
use crate::cli::Options;
use crate::tenants;
use crate::variables::Values;

/// The only variable that an operator may give beside a tenant in a box: it is about callers, not about Microsoft.
const GIVEN_BESIDE: &str = "caller_token_sha256";

/// Who lives in the tenant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Population {
    /// 25 people, varied as people are.
    Sample,
    /// So many users, made on the fly, the same ones each time.
    Generated(u32),
}

/// The tenant in a box, if it is asked for, or if no other tenant is configured.
///
/// # Errors
/// When nobody asked for it and the address can be reached from other machines: its token is known to all.
pub(crate) fn start(options: &Options, given: &Values) -> Result<Option<Simulator>> {
    let is_document = tenants::is_given(given);
    let is_configured = is_document || given.get("tenant_id").is_some_and(|tenant| !tenant.is_empty());
    let population = match options.simulate {
        Some(_) if is_document => bail!(
            "--simulate stands in for the one tenant of a deployment without a document: \
            leave it out, or the variables tenants and tenants_file"
        ),
        Some(population) => population,
        None if is_configured => return Ok(None),
        None => Population::Sample,
    };
    if !options.listen.ip().is_loopback() {
        let what = if options.simulate.is_some() { "--simulate" } else { "without tenant_id a simulated tenant" };
        bail!(
            "{what} is served on a loopback address only, and --listen {} is none: give the variable tenant_id, or \
             listen on 127.0.0.1",
            options.listen
        );
    }
    Simulator::start(population, SocketAddr::from(([127, 0, 0, 1], 0))).map(Some)
}

/// Puts the tenant's own values over those that are given.
pub(crate) fn add(own: Vec<(&'static str, String)>, given: &mut Values, is_declared: impl Fn(&str) -> bool) {
    for (name, value) in own {
        let is_kept = name == GIVEN_BESIDE && given.get(name).is_some_and(|value| !value.is_empty());
        if is_declared(name) && !is_kept {
            given.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_box_leads_to_itself() {
        let own = || vec![("graph_url", "box".to_owned()), ("caller_token_sha256", "box".to_owned())];
        let is_declared = |name: &str| name != "undeclared";
        let cases = [
            (values(&[]), values(&[("graph_url", "box"), ("caller_token_sha256", "box")])),
            (
                values(&[("graph_url", "given"), ("caller_token_sha256", "given")]),
                values(&[("graph_url", "box"), ("caller_token_sha256", "given")]),
            ),
        ];
        for (mut given, expected) in cases {
            add(own(), &mut given, is_declared);
            add(vec![("undeclared", "box".to_owned())], &mut given, is_declared);
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn a_configured_tenant_and_an_open_address_have_no_box() {
        let options = |listen: &str| Options {
            from: "spin.toml".into(),
            listen: listen.parse().unwrap(),
            tls_cert: None,
            tls_key: None,
            client_ca: None,
            client_certificates: None,
            components: vec![],
            state_dir: ".entra-scim".into(),
            variables: vec![],
            simulate: None,
            ca: None,
            traffic: None,
        };
        let configured = values(&[("tenant_id", "contoso")]);
        assert!(start(&options("0.0.0.0:3000"), &configured).unwrap().is_none());
        for given in [values(&[]), values(&[("tenant_id", "")])] {
            let error = start(&options("0.0.0.0:3000"), &given).err().unwrap().to_string();
            assert!(error.starts_with("without tenant_id a simulated tenant is served on a loopback address only"));
        }
    }
}
