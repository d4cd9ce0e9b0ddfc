//! The query options of a request.

use percent_encoding::percent_decode_str;

use crate::contract::Operation;
use crate::graph::error::{Error, Result};
use crate::tenant::Request;

/// What a request asks for beside its path.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) select: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) order_by: Option<String>,
    pub(crate) search: Option<String>,
    pub(crate) expand: Option<String>,
    pub(crate) top: Option<u32>,
    pub(crate) count: bool,
    pub(crate) skip_token: Option<String>,
    pub(crate) delta_token: Option<String>,
    /// Whether the header `ConsistencyLevel: eventual` is there.
    pub(crate) eventual: bool,
    /// The options as they were sent, without the skip token: what a next link repeats.
    pub(crate) repeated: String,
}

/// The largest page Graph gives, for users.
const MAX_TOP: u32 = 999;
/// The largest page of the audit logs.
const MAX_TOP_OF_LOGS: u32 = 1_000;
const OPTIONS: [&str; 10] =
    ["$count", "$deltatoken", "$expand", "$filter", "$orderby", "$search", "$select", "$skip", "$skiptoken", "$top"];

impl Query {
    /// Reads the options an operation has, and refuses all others.
    pub(crate) fn read(request: &Request, operation: &Operation) -> Result<Self> {
        let eventual =
            request.header("consistencylevel").is_some_and(|value| value.trim().eq_ignore_ascii_case("eventual"));
        let mut query = Self { eventual, ..Self::default() };
        let mut seen: Vec<String> = Vec::new();
        for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            let option = canonical(&name);
            if !operation.query.contains(&option) || option == "$skip" {
                let text =
                    format!("Query option '{name}' is not supported by {} {}.", operation.method, operation.path);
                return Err(Error::syntax(text));
            }
            if seen.contains(&option) {
                return Err(Error::syntax(format!(
                    "Query option '{option}' was specified more than once, but it must be specified at most once."
                )));
            }
            if option != "$skiptoken" {
                query.repeat(pair);
            }
            query.set(&option, value, largest_page(operation))?;
            seen.push(option);
        }
        Ok(query)
    }

    /// Whether this is an advanced query: `ConsistencyLevel: eventual` with `$count=true`.
    pub(crate) fn is_advanced(&self) -> bool {
        self.eventual && self.count
    }

    fn repeat(&mut self, pair: &str) {
        if !self.repeated.is_empty() {
            self.repeated.push('&');
        }
        self.repeated.push_str(pair);
    }

    fn set(&mut self, option: &str, value: String, largest: u32) -> Result<()> {
        match option {
            "$select" => self.select = Some(value),
            "$filter" => self.filter = Some(value),
            "$orderby" => self.order_by = Some(value),
            "$search" => self.search = Some(value),
            "$expand" => self.expand = Some(value),
            "$skiptoken" => self.skip_token = Some(value),
            "$deltatoken" => self.delta_token = Some(value),
            "$top" => {
                let top = value.parse().ok().filter(|top| (1..=largest).contains(top));
                self.top = Some(top.ok_or_else(|| {
                    Error::request(format!(
                        "Invalid page size specified: '{value}'. Must be between 1 and {largest} inclusive."
                    ))
                })?);
            }
            _ => {
                self.count = match value.to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(Error::syntax(format!("Invalid value '{value}' for $count query option found."))),
                }
            }
        }
        Ok(())
    }
}

fn largest_page(operation: &Operation) -> u32 {
    if operation.path.starts_with("/auditLogs/") { MAX_TOP_OF_LOGS } else { MAX_TOP }
}

/// The pairs of a form, or of a query string.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// `+` is a space, as in a form.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Options are known in any case, and without their dollar sign.
fn canonical(name: &str) -> String {
    let lower = name.trim().to_ascii_lowercase();
    let dollar = format!("${lower}");
    if OPTIONS.contains(&dollar.as_str()) { dollar } else { lower }
}
