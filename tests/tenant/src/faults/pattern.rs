//! Which requests a fault is for: `GET /users`, `* /users/*`, `GET /users?*skiptoken=*`.

/// The longest pattern, in bytes.
const MAX_LENGTH: usize = 2_048;

/// Says what is wrong with a pattern.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let (method, target) = pattern.split_once(' ').unwrap_or((pattern, ""));
    let is_method = method == "*" || (!method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic()));
    if is_method && target.starts_with(['/', '*']) && pattern.len() <= MAX_LENGTH {
        return Ok(());
    }
    Err("`match` has to be a method and a path, such as 'GET /users', where * is anything".to_owned())
}

/// Whether a request fits; only a pattern with a question mark looks at the query.
pub(super) fn fits(pattern: &str, method: &str, path: &str, query: &str) -> bool {
    let Some((wanted_method, wanted)) = pattern.split_once(' ') else { return false };
    if wanted_method != "*" && !wanted_method.eq_ignore_ascii_case(method) {
        return false;
    }
    let whole = if wanted.contains('?') { format!("{path}?{query}") } else { path.to_owned() };
    let below = whole.strip_prefix("/v1.0").unwrap_or(&whole);
    matches(wanted, below) || matches(wanted, &whole)
}

/// Whether a text fits a pattern in which `*` stands for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The first place where a part is found leaves the most for the others.
    for part in middle.split('*') {
        let Some((_, tail)) = text.split_once(part) else { return false };
        text = tail;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("GET /users", "/v1.0/users", true),
            ("get /v1.0/users", "/v1.0/users", true),
            ("POST /users", "/v1.0/users", false),
            ("GET /users", "/v1.0/users/1", false),
            ("GET /users*", "/v1.0/users/1", true),
            ("* *", "/", true),
            ("* /*/oauth2/*", "/tid/oauth2/v2.0/token", true),
            ("* /*/oauth2/*/token", "/tid/oauth2/token", false),
            ("* /a*b", "/acd", false),
            ("* /a*b*c*d", "/a-b-c-c-d", true),
            ("* /a*b*a", "/aba", true),
            ("* /ab*ba", "/aba", false),
            ("GET /users?*skiptoken=*", "/v1.0/users", true),
            ("GET /users?$top=1", "/v1.0/users", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(fits(pattern, "GET", path, "$top=1&$skiptoken=x"), expected, "{pattern} {path}");
        }
        assert!(!fits(&format!("* /{}", "*a".repeat(1_000)), "GET", &"a".repeat(60_000), ""), "it does not take long");
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in
            ["", "GET", "/users", "GET users", "GET  /users", "G-T /users", &format!("* /{}", "a".repeat(2_048))]
        {
            assert!(check(pattern).unwrap_err().starts_with("`match` has to be"), "{pattern}");
        }
        assert_eq!(check("GET /users"), Ok(()));
        assert_eq!(check("* *"), Ok(()));
    }
}
