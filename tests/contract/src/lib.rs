//! Judges exchanges with Microsoft Graph v1.0 and Azure Resource Manager by what Microsoft publishes about them.
//!
//! An [`Exchange`] is one line of the file that `entra-scim --traffic FILE` writes. What is wrong with its request or
//! its answer comes back as [`Finding`]s: each says which rule was broken, where, and how.
//!
//! ```
//! use contract::{Contract, Exchange};
//!
//! let line = r#"{"method": "GET", "url": "https://graph.microsoft.com/v1.0/users?$select=id,shoeSize"}"#;
//! let exchange: Exchange = serde_json::from_str(line)?;
//! let findings = Contract::load().check(&exchange);
//! assert_eq!((findings[0].rule, findings[0].place.as_str()), ("unknown-property", "/url?$select"));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The host of a URL says nothing: what stands below `/v1.0` is Graph, wherever it is served. Requests for tokens are
//! neither Graph nor Resource Manager and get the warning `not-checked`. The data is in `data/` (see its README); where
//! the data is known to be wrong, [`EXCEPTIONS`] says so, and a use of it gets the warning `exception`.

mod arm;
mod exceptions;
mod exchange;
mod finding;
mod format;
mod graph;
mod limits;
mod message;
mod text;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use self::arm::Arm;
pub use self::exceptions::{EXCEPTIONS, Exception};
pub use self::exchange::{BrokenLine, Exchange, read_traffic};
pub use self::finding::{Finding, Severity};
use self::finding::{Place, Report};
use self::graph::Graph;
use self::message::Url;

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// What passes between the connector and Microsoft, as Microsoft describes it.
pub struct Contract {
    graph: Graph,
    arm: Arm,
}

impl Contract {
    /// The contract; its data is part of the program and is read once.
    pub fn load() -> &'static Self {
        &CONTRACT
    }

    /// What is wrong with an exchange; nothing when it is as it should be. Without a status only the request is judged.
    pub fn check(&self, exchange: &Exchange) -> Vec<Finding> {
        self.judge(exchange, None)
    }

    /// As [`Contract::check`], for an application that holds just these application permissions of Graph: a request
    /// that none of them allows is a violation.
    pub fn check_granted(&self, exchange: &Exchange, granted: &BTreeSet<String>) -> Vec<Finding> {
        self.judge(exchange, Some(granted))
    }

    fn judge(&self, exchange: &Exchange, granted: Option<&BTreeSet<String>>) -> Vec<Finding> {
        let url = Url::split(&exchange.url);
        let mut report = Report::default();
        let place = Place::ROOT.member("url");
        if url.is_for_tokens() {
            report.warning("not-checked", &place, "a request for a token, which is neither Graph nor Resource Manager");
        } else if let Some((version, below)) = url.graph() {
            if version != "v1.0" {
                report.violation("beta-endpoint", &place, format!("{version} is not the contract: use v1.0"));
            }
            self.graph.check(exchange, below, granted, &mut report);
        } else if let Some(below) = url.resource_manager() {
            self.arm.check(exchange, below, &mut report);
        } else {
            let problem = "neither below /v1.0, as Graph is, nor with an api-version, as Resource Manager is";
            report.violation("unknown-api", &place, problem);
        }
        report.into_findings()
    }

    #[expect(clippy::expect_used, reason = "the data is compiled in, and every test reads it")]
    fn read() -> Self {
        let limits = serde_json::from_str(include_str!("../data/limits.json")).expect("data/limits.json");
        let graph = serde_json::from_str(include_str!("../data/graph-v1.0.json")).expect("data/graph-v1.0.json");
        let arm = serde_json::from_str(include_str!("../data/arm.json")).expect("data/arm.json");
        Self { graph: Graph::new(graph, limits), arm: Arm::new(arm) }
    }
}
