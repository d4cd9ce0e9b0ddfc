//! What `azure_identity` has fixed, and settings change.

/// Where `azure_identity` asks for tokens of an application; it takes no address that is not https.
const LOGIN: &str = "https://login.microsoftonline.com";

/// Where it asks for tokens of a managed identity.
const IDENTITY: &str = "http://169.254.169.254";

/// The Graph of the global cloud.
const GRAPH: &str = "https://graph.microsoft.com";

/// Where a call of `azure_identity` goes in truth; nothing for addresses that it has no reason to call.
pub(crate) fn address(url: &str, login: &str, identity: &str) -> Option<String> {
    [(LOGIN, login), (IDENTITY, identity)].into_iter().find_map(|(fixed, real)| {
        let rest = url.strip_prefix(fixed).filter(|rest| rest.starts_with('/'))?;
        Some(format!("{}{rest}", real.trim_end_matches('/')))
    })
}

/// What the token is for. A Graph without https is a stand-in, which takes the tokens for the real one.
pub(crate) fn scope(graph: &str) -> String {
    let resource = if graph.starts_with("https://") { graph.trim_end_matches('/') } else { GRAPH };
    format!("{resource}/.default")
}

#[cfg(test)]
mod tests {
    use super::{address, scope};

    #[test]
    fn ok_only_what_is_known_is_called() {
        for (url, expected) in [
            (
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                Some("http://127.0.0.1:1/login/t/oauth2/v2.0/token"),
            ),
            (
                "http://169.254.169.254/metadata/identity/oauth2/token?x=y",
                Some("http://127.0.0.1:2/metadata/identity/oauth2/token?x=y"),
            ),
            ("https://login.microsoftonline.com.evil/t", None),
            ("http://login.microsoftonline.com/t", None),
            ("https://elsewhere/", None),
        ] {
            let address = address(url, "http://127.0.0.1:1/login/", "http://127.0.0.1:2");
            assert_eq!(address.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn ok_the_scope_is_that_of_the_cloud() {
        for (graph, expected) in [
            ("https://graph.microsoft.com", "https://graph.microsoft.com/.default"),
            ("https://graph.microsoft.us/", "https://graph.microsoft.us/.default"),
            ("http://127.0.0.1:3001", "https://graph.microsoft.com/.default"),
        ] {
            assert_eq!(scope(graph), expected);
        }
    }
}
