//! One tenant's rights at another tenant's door, and doors that look like others.

use serde_json::{Value, json};

use super::{Fort, bearer, secrets::hash};

fn fort() -> Fort {
    let tokens = json!({ "audiences": [tenant::CALLER_AUDIENCE], "applications": [tenant::CALLER_APPLICATION] });
    let secrets = json!([{ "name": "one", "sha256": hash("contoso-demo") }]);
    let ours = json!({ "secrets": secrets, "rights": ["Admin"] });
    Fort::of(&json!({ "ours": ours, "app": { "tokens": tokens, "rights": "roles" } }), &Value::Null)
}

#[test]
fn a_credential_opens_its_own_tenant_only() {
    let fort = fort();
    let token = fort.box_.mint(&json!({}));
    for path in ["/scim/v2/Users?count=1", "/contoso/scim/v2/Users?count=1", "/contoso/rp/scim/users"] {
        fort.asked(path, &bearer("contoso-demo")).expect(200);
        fort.asked(path, &bearer(&token)).expect(200);
    }
    fort.asked("/fabrikam/scim/v2/Users?count=1", &bearer("theirs")).expect(200);
    let ours = [("our secret", bearer("contoso-demo")), ("our token", bearer(&token))];
    for path in [
        "/fabrikam/scim/v2/Users",
        "/fabrikam/scim/v2/Groups",
        "/fabrikam/scim/v2/Schemas",
        "/fabrikam/scim/v2/Bulk",
        "/fabrikam/rp/scim/users",
        "/fabrikam/audit",
        "/fabrikam/inventory/users",
        "/fabrikam/scim/v2/$capabilities",
        // A tenant that is not there answers as one that is.
        "/nobody/scim/v2/Users",
        "/nobody/audit",
    ] {
        fort.refuses_at(path, &ours);
    }
    let theirs = [("their secret", bearer("theirs"))];
    for path in ["/scim/v2/Users", "/contoso/scim/v2/Users", "/contoso/audit", "/audit", "/inventory/users"] {
        fort.refuses_at(path, &theirs);
    }
    let named = |name: &'static str| {
        let mut headers = bearer("contoso-demo");
        headers.push((name, "fabrikam".to_owned()));
        headers
    };
    // What a stranger says of the tenant counts for nothing: the path does.
    for name in ["spin-path-match-tenant", "x-tenant", "x-ms-tenant-id"] {
        let answer = fort.asked("/scim/v2/Users?count=1", &named(name)).expect(200);
        let location = answer["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert!(!location.contains("fabrikam"), "{location}");
        fort.refuses_at("/fabrikam/scim/v2/Users", &[(name, named(name))]);
    }
}

#[test]
fn refusals_do_not_tell_who_exists() {
    let fort = fort();
    let told = |path: &str| {
        let answer = fort.asked(path, &bearer("nobody's"));
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers.remove("date");
        headers.remove("server-timing");
        (answer.status, headers, answer.expect(401))
    };
    let there = told("/fabrikam/scim/v2/Users");
    for path in ["/nobody/scim/v2/Users", "/contoso/scim/v2/Users", "/fabrikam/scim/v2/Users/7", "/n-0/scim/v2/Users"] {
        assert_eq!(told(path), there, "{path}");
    }
}

#[test]
fn a_cursor_is_good_for_its_tenant_caller_and_query_only() {
    let fort = fort();
    let page = |path: &str, token: &str| fort.asked(path, &bearer(token));
    let cursor = |path: &str, token: &str| {
        let list = page(&format!("{path}?count=1&cursor"), token).expect(200);
        list["nextCursor"].as_str().unwrap().to_owned()
    };
    let ours = cursor("/scim/v2/Users", "contoso-demo");
    let theirs = cursor("/fabrikam/scim/v2/Users", "theirs");
    let token = fort.box_.mint(&json!({}));
    page(&format!("/scim/v2/Users?count=1&cursor={ours}"), "contoso-demo").expect(200);
    page(&format!("/contoso/scim/v2/Users?count=1&cursor={ours}"), "contoso-demo").expect(200);
    let before = fort.server.state.exchanges().len();
    let middle = ours.len() / 2;
    let flipped = if ours.as_bytes()[middle] == b'A' { 'B' } else { 'A' };
    let changed = format!("{}{flipped}{}", &ours[..middle], &ours[middle + 1..]);
    for (path, token, cursor) in [
        ("/scim/v2/Users?count=1", "contoso-demo", theirs.as_str()),
        ("/fabrikam/scim/v2/Users?count=1", "theirs", ours.as_str()),
        ("/scim/v2/Users?count=1", token.as_str(), ours.as_str()),
        ("/scim/v2/Users?count=1&filter=active%20eq%20true", "contoso-demo", ours.as_str()),
        ("/scim/v2/Groups?count=1", "contoso-demo", ours.as_str()),
        ("/scim/v2/Users?count=1", "contoso-demo", changed.as_str()),
        ("/scim/v2/Users?count=1", "contoso-demo", &ours[..middle]),
        ("/scim/v2/Users?count=1", "contoso-demo", "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv"),
    ] {
        let answer = page(&format!("{path}&cursor={cursor}"), token);
        assert_eq!(answer.status, 400, "{path} {cursor}: {}", answer.json());
        answer.expect_error(400, Some("invalidCursor"));
    }
    assert_eq!(fort.server.state.exchanges().len(), before);
}
