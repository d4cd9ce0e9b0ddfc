//! What forgers and strays send: refused with the right status and a SCIM error, and Graph never hears of it.
//!
//! What breaks the form of a request is in `edge`; here each is well-formed, and only the trust that it asks for is not due.

mod certificates;
mod confusion;
mod secrets;
mod tokens;

use serde_json::{Value, json};

use crate::harness::{Answer, Request, Server, State, Tenant};
use crate::tenants::tenant;

const USERS: &str = "/scim/v2/Users?count=1";

/// A connector of two tenants, contoso by default and fabrikam, and the tenant in a box behind both.
struct Fort {
    box_: Tenant,
    server: Server,
}

impl Fort {
    /// `callers` are those of contoso, in the words of the document; fabrikam has one with a secret, `theirs`.
    fn of(callers: &Value, front_end: &Value) -> Self {
        let box_ = Tenant::start(3);
        let mut contoso = tenant(0, &box_, &[]);
        contoso["callers"] = callers.clone();
        let fabrikam = tenant(1, &box_, &[("theirs", json!(["Admin"]))]);
        let mut document = json!({ "default": "contoso", "tenants": { "contoso": contoso, "fabrikam": fabrikam } });
        if !front_end.is_null() {
            document["front_end"] = front_end.clone();
        }
        let document = document.to_string();
        let variables = [("tenants", document.as_str()), ("tenant_id", ""), ("inventory_users_schedule", "off")];
        Self { server: Server::start(State::new(), &[], &variables), box_ }
    }

    /// Answers a request with these headers.
    fn asked(&self, target: &str, headers: &[(&'static str, String)]) -> Answer {
        let request = Request::new("GET", target);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value.clone()));
        request.send(self.server.address)
    }

    /// Each is refused with 401, tells nothing of why, and costs no call of Graph.
    fn refuses(&self, cases: &[(&str, Vec<(&'static str, String)>)]) {
        self.refuses_at(USERS, cases);
    }

    fn refuses_at(&self, target: &str, cases: &[(&str, Vec<(&'static str, String)>)]) {
        let before = self.server.state.exchanges().len();
        for (case, headers) in cases {
            let answer = self.asked(target, headers);
            assert_eq!(answer.status, 401, "{case}: {}", answer.json());
            let detail = answer.expect_error(401, None);
            assert!(answer.headers.contains_key("www-authenticate"), "{case}");
            for inner in ["contoso", "fabrikam", "kid", "signature", "expired", "audience", "issuer", "thumbprint"] {
                assert!(!detail.contains(inner), "{case}: {detail}");
            }
        }
        let exchanges = self.server.state.exchanges().split_off(before);
        let of_graph = |exchange: &&Value| !exchange.to_string().contains("discovery/v2.0/keys");
        assert_eq!(exchanges.iter().filter(of_graph).count(), 0, "{exchanges:?}");
    }
}

/// A header with a bearer token.
fn bearer(token: impl std::fmt::Display) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {token}"))]
}
