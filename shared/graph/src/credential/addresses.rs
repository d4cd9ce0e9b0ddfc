//! What `azure_identity` has fixed, and settings change.

use std::net::IpAddr;

use crate::{cloud::Endpoints, operation::Api};

/// Where `azure_identity` asks for tokens of an application; it takes no address that is not https.
const LOGIN: &str = "https://login.microsoftonline.com";

/// Where it asks for tokens of a managed identity.
const IDENTITY: &str = "http://169.254.169.254";

/// Where a call of `azure_identity` goes in truth; nothing for addresses that it has no reason to call.
///
/// `platform` is the address that App Service and Functions give in `IDENTITY_ENDPOINT`; it is taken as it is.
pub(crate) fn address(url: &str, login: &str, identity: &str, platform: Option<&str>) -> Option<String> {
    let platform = platform.filter(|platform| !platform.is_empty());
    if platform.and_then(|platform| url.strip_prefix(platform)).is_some_and(|rest| rest.starts_with('?')) {
        return Some(url.to_owned());
    }
    [(LOGIN, login), (IDENTITY, identity)].into_iter().find_map(|(fixed, real)| {
        let rest = url.strip_prefix(fixed).filter(|rest| rest.starts_with('/'))?;
        Some(format!("{}{rest}", real.trim_end_matches('/')))
    })
}

/// What the token is for. A stand-in on this machine takes the tokens for the cloud's own.
pub(crate) fn scope(endpoints: &Endpoints, api: Api) -> String {
    let own = endpoints.cloud.endpoints();
    let (address, own) = match api {
        Api::Graph => (&endpoints.graph, &own.graph),
        Api::Arm => (&endpoints.arm, &own.arm),
    };
    let resource = if is_stand_in(address) { own } else { address };
    format!("{}/.default", resource.trim_end_matches('/'))
}

/// Where an assertion of the application says that it is going.
pub(crate) fn token_endpoint(endpoints: &Endpoints, tenant: &str) -> String {
    let login = if is_stand_in(&endpoints.login) { &endpoints.cloud.endpoints().login } else { &endpoints.login };
    format!("{}/{tenant}/oauth2/v2.0/token", login.trim_end_matches('/'))
}

fn is_stand_in(address: &str) -> bool {
    let Some(host) = address.strip_prefix("https://") else { return true };
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    #[test]
    fn ok_only_what_is_known_is_called() {
        let app_service = Some("http://127.0.0.1:41/msi/token/");
        for (url, platform, expected) in [
            (
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                None,
                Some("http://127.0.0.1:1/login/t/oauth2/v2.0/token"),
            ),
            (
                "http://169.254.169.254/metadata/identity/oauth2/token?x=y",
                None,
                Some("http://127.0.0.1:2/metadata/identity/oauth2/token?x=y"),
            ),
            ("http://127.0.0.1:41/msi/token/?x=y", app_service, Some("http://127.0.0.1:41/msi/token/?x=y")),
            ("http://127.0.0.1:41/msi/token/more?x=y", app_service, None),
            ("http://127.0.0.1:41/msi/token/?x=y", None, None),
            ("https://elsewhere/?x", Some(""), None),
            ("https://login.microsoftonline.com.evil/t", None, None),
            ("http://login.microsoftonline.com/t", None, None),
            ("https://elsewhere/", None, None),
        ] {
            let address = address(url, "http://127.0.0.1:1/login/", "http://127.0.0.1:2", platform);
            assert_eq!(address.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn ok_a_token_is_for_the_cloud() {
        for (cloud, graph, expected) in [
            (Cloud::Global, "", "https://graph.microsoft.com/.default"),
            (Cloud::UsGovernmentL5, "", "https://dod-graph.microsoft.us/.default"),
            (Cloud::China, "https://graph.example.com/", "https://graph.example.com/.default"),
            (Cloud::Global, "http://127.0.0.1:3001", "https://graph.microsoft.com/.default"),
            (Cloud::UsGovernmentL4, "https://127.0.0.1:3001", "https://graph.microsoft.us/.default"),
            (Cloud::Global, "https://[::1]:3001/x", "https://graph.microsoft.com/.default"),
            (Cloud::China, "https://localhost:3001", "https://microsoftgraph.chinacloudapi.cn/.default"),
        ] {
            let endpoints = Endpoints::new(cloud, "", graph, "");
            assert_eq!(scope(&endpoints, Api::Graph), expected);
        }
        let endpoints = Endpoints::new(Cloud::UsGovernmentL4, "", "", "");
        assert_eq!(scope(&endpoints, Api::Arm), "https://management.usgovcloudapi.net/.default");
        assert_eq!(token_endpoint(&endpoints, "t"), "https://login.microsoftonline.us/t/oauth2/v2.0/token");
    }
}
