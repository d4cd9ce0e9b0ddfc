//! Microsoft's clouds: where each has its login, its Graph and its ARM.
//!
//! Source: <https://learn.microsoft.com/graph/deployments>,
//! <https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure>.

use std::str::FromStr;

/// One of Microsoft's clouds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Cloud {
    /// The worldwide one; `global`.
    #[default]
    Global,
    /// US government L4, also called GCC High; `usgov-l4`.
    UsGovernmentL4,
    /// US government L5, of the Department of Defense; `usgov-l5`.
    UsGovernmentL5,
    /// China, operated by 21Vianet; `china`.
    China,
}

/// The hosts that a connector speaks to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoints {
    /// Where Entra ID gives tokens: `https://login.microsoftonline.com`.
    pub login: String,
    /// Microsoft Graph: `https://graph.microsoft.com`.
    pub graph: String,
    /// Azure Resource Manager: `https://management.azure.com`.
    pub arm: String,
    /// The cloud, which says what tokens are for even where a stand-in answers.
    pub cloud: Cloud,
}

/// Every cloud with its name, login, Graph and ARM.
const CLOUDS: [(Cloud, &str, &str, &str, &str); 4] = [
    (
        Cloud::Global,
        "global",
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "https://management.azure.com",
    ),
    (
        Cloud::UsGovernmentL4,
        "usgov-l4",
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us",
        "https://management.usgovcloudapi.net",
    ),
    (
        Cloud::UsGovernmentL5,
        "usgov-l5",
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        "https://management.usgovcloudapi.net",
    ),
    (
        Cloud::China,
        "china",
        "https://login.partner.microsoftonline.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
    ),
];

impl Cloud {
    /// Its name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        CLOUDS.iter().find(|(cloud, ..)| *cloud == self).map_or("global", |(_, name, ..)| name)
    }

    /// Where it is.
    #[must_use]
    pub fn endpoints(self) -> Endpoints {
        let (_, _, login, graph, arm) = CLOUDS.iter().find(|(cloud, ..)| *cloud == self).unwrap_or(&CLOUDS[0]);
        Endpoints { login: (*login).to_owned(), graph: (*graph).to_owned(), arm: (*arm).to_owned(), cloud: self }
    }
}

impl FromStr for Cloud {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let name = name.trim();
        if name.is_empty() {
            return Ok(Self::Global);
        }
        let known = CLOUDS.iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(name));
        known.map(|(cloud, ..)| *cloud).ok_or_else(|| {
            let names: Vec<&str> = CLOUDS.iter().map(|(_, name, ..)| *name).collect();
            format!("the variable cloud is '{name}': give one of {}", names.join(", "))
        })
    }
}

impl Endpoints {
    /// The endpoints of `cloud`, each replaced where a setting names another one: a stand-in or a proxy.
    ///
    /// A setting that is empty, or that is what the worldwide cloud has, names no other one.
    #[must_use]
    pub fn new(cloud: Cloud, login: &str, graph: &str, arm: &str) -> Self {
        let global = Cloud::Global.endpoints();
        let pick = |setting: &str, usual: String, own: String| {
            let setting = setting.trim().trim_end_matches('/');
            if setting.is_empty() || setting == usual { own } else { setting.to_owned() }
        };
        let own = cloud.endpoints();
        Self {
            login: pick(login, global.login, own.login),
            graph: pick(graph, global.graph, own.graph),
            arm: pick(arm, global.arm, own.arm),
            cloud,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cloud, Endpoints};

    #[test]
    fn ok_a_cloud_has_its_own_hosts() {
        for (name, login, graph, arm) in [
            ("", "login.microsoftonline.com", "graph.microsoft.com", "management.azure.com"),
            ("global", "login.microsoftonline.com", "graph.microsoft.com", "management.azure.com"),
            ("usgov-L4", "login.microsoftonline.us", "graph.microsoft.us", "management.usgovcloudapi.net"),
            ("usgov-l5", "login.microsoftonline.us", "dod-graph.microsoft.us", "management.usgovcloudapi.net"),
            (
                "china",
                "login.partner.microsoftonline.cn",
                "microsoftgraph.chinacloudapi.cn",
                "management.chinacloudapi.cn",
            ),
        ] {
            let endpoints = Endpoints::new(
                name.parse().unwrap(),
                "https://login.microsoftonline.com",
                "https://graph.microsoft.com/",
                "",
            );
            let expected = [login, graph, arm].map(|host| format!("https://{host}"));
            assert_eq!([endpoints.login, endpoints.graph, endpoints.arm], expected, "{name}");
        }
        assert!("moon".parse::<Cloud>().unwrap_err().contains("usgov-l4"));
    }

    #[test]
    fn ok_a_setting_wins() {
        let endpoints = Endpoints::new(Cloud::China, "http://127.0.0.1:4000", "http://127.0.0.1:4000/", "");
        assert_eq!(
            (endpoints.login.as_str(), endpoints.graph.as_str()),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000")
        );
        assert_eq!(endpoints.arm, "https://management.chinacloudapi.cn");
    }
}
