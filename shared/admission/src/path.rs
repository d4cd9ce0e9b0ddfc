/// The first segments of the paths of the default tenant; no tenant is called so.
const RESERVED: [&str; 4] = ["scim", "rp", "inventory", "audit"];

/// The tenant that a path names, as it names it: `contoso` in `/contoso/scim/v2/Users`. None for the default one.
///
/// The path itself is what tells, and not a header that goes with it: a stranger can send headers.
#[must_use]
pub fn tenant_in(path: &str) -> Option<&str> {
    let first = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default();
    (!RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(first))).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::tenant_in;

    #[test]
    fn the_path_names_the_tenant() {
        for (path, expected) in [
            ("/scim/v2/Users", None),
            ("/SCIM/v2/Users", None),
            ("/rp/scim", None),
            ("/audit", None),
            ("/contoso/scim/v2/Users", Some("contoso")),
            ("//contoso/scim/v2/Users", Some("")),
            ("/Contoso/audit", Some("Contoso")),
            ("/%63ontoso/scim/v2", Some("%63ontoso")),
            ("/scimmer/scim/v2", Some("scimmer")),
            ("/", Some("")),
        ] {
            assert_eq!(tenant_in(path), expected, "{path}");
        }
    }
}
