//! Microsoft's clouds, as far as it takes to know the issuers of their tokens.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>,
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

/// What tells one cloud's tokens from another's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cloud {
    /// Its name in settings.
    pub(crate) name: &'static str,
    /// Where its keys are, and how version 2.0 names the issuer.
    pub(crate) login: &'static str,
    /// How version 1.0 names the issuer.
    pub(crate) issuer: &'static str,
}

/// Each cloud; the first is the usual one.
pub(crate) const CLOUDS: [Cloud; 4] = [
    Cloud { name: "global", login: "https://login.microsoftonline.com", issuer: "https://sts.windows.net" },
    Cloud { name: "usgov-l4", login: "https://login.microsoftonline.us", issuer: "https://sts.windows.net" },
    Cloud { name: "usgov-l5", login: "https://login.microsoftonline.us", issuer: "https://sts.windows.net" },
    Cloud { name: "china", login: "https://login.partner.microsoftonline.cn", issuer: "https://sts.chinacloudapi.cn" },
];

/// The cloud of this name, in any case; an empty one is the usual cloud.
pub(crate) fn find(name: &str) -> Option<&'static Cloud> {
    let name = name.trim();
    let wanted = if name.is_empty() { CLOUDS[0].name } else { name };
    CLOUDS.iter().find(|cloud| cloud.name.eq_ignore_ascii_case(wanted))
}
