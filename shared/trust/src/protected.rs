//! What no caller may change: break-glass accounts, groups that carry roles, holders of high roles.

use std::collections::BTreeSet;

/// The objects of a tenant that are not touched from here, whatever rights a caller has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Protected {
    /// Ids in lower case.
    objects: BTreeSet<String>,
    /// Whether groups that can be given directory roles are protected.
    pub role_assignable_groups: bool,
    /// The template ids, in lower case, of directory roles whose holders are protected.
    pub roles: BTreeSet<String>,
}

impl Protected {
    /// Protects objects by their ids.
    #[must_use]
    pub fn new(objects: impl IntoIterator<Item = String>) -> Self {
        Self { objects: objects.into_iter().map(|id| id.to_ascii_lowercase()).collect(), ..Self::default() }
    }

    /// Whether this object is protected by its id; ids are compared without regard to case.
    ///
    /// ```
    /// let protected = trust::Protected::new(["0d6F8e0e-3f9c-4f0e-9d43-7f1b8f6f7f01".to_owned()]);
    /// assert!(protected.is_protected("0D6F8E0E-3f9c-4f0e-9d43-7f1b8f6f7f01"));
    /// ```
    #[must_use]
    pub fn is_protected(&self, id: &str) -> bool {
        !self.objects.is_empty() && self.objects.contains(&id.trim().to_ascii_lowercase())
    }

    /// Whether nothing is protected, so that nothing has to be looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && !self.role_assignable_groups && self.roles.is_empty()
    }
}

/// The template id of a directory role, by its name or by the id itself; `None` for a name that is not known here.
#[must_use]
pub fn role_template(role: &str) -> Option<String> {
    let role = role.trim();
    if is_guid(role) {
        return Some(role.to_ascii_lowercase());
    }
    ROLE_TEMPLATES.iter().find(|(name, _)| name.eq_ignore_ascii_case(role)).map(|(_, id)| (*id).to_owned())
}

/// Whether a text is a GUID, as object ids and tenant ids are.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The privileged directory roles and what else can take over an account.
///
/// Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
const ROLE_TEMPLATES: [(&str, &str); 30] = [
    ("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    ("Application Developer", "cf1c38e5-3621-4004-a7cb-879624dced7c"),
    ("Attribute Assignment Administrator", "58a13ea3-c632-46ae-9ee0-9c0d43cd7f3d"),
    ("Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"),
    ("Billing Administrator", "b0f54661-2d74-4c50-afa3-1ec803f12efe"),
    ("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"),
    ("Conditional Access Administrator", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"),
    ("Directory Synchronization Accounts", "d29b2b05-8046-44ba-8758-1e26182fcf32"),
    ("Directory Writers", "9360feb5-f418-4baa-8175-e2a00bac4301"),
    ("Domain Name Administrator", "8329153b-31d0-4727-b945-745eb3bc5f31"),
    ("Exchange Administrator", "29232cdf-9323-42fd-ade2-1d097af3e4de"),
    ("External Identity Provider Administrator", "be2f45a1-457d-42af-a067-6ec1fa63bc45"),
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ("Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c"),
    ("Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"),
    ("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"),
    ("Identity Governance Administrator", "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e"),
    ("Intune Administrator", "3a2c62db-5318-420d-8d74-23affee5d9d5"),
    ("Lifecycle Workflows Administrator", "59d46f88-662b-457b-bceb-5c3809e5908f"),
    ("Partner Tier2 Support", "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"),
    ("Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d"),
    ("Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"),
    ("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"),
    ("Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d"),
    ("Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f"),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"),
    ("SharePoint Administrator", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"),
    ("Teams Administrator", "69091246-20e8-4a56-aa4d-066075b2a7a8"),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
];

#[cfg(test)]
mod tests {
    use super::{Protected, ROLE_TEMPLATES, is_guid, role_template};

    #[test]
    fn ok_a_role_goes_by_name_or_template() {
        let id = "62e90394-69f5-4237-9190-012177145e10";
        assert_eq!(role_template("global administrator").as_deref(), Some(id));
        assert_eq!(role_template(&id.to_uppercase()).as_deref(), Some(id));
        assert_eq!(role_template("Company Administrator"), None);
        assert!(ROLE_TEMPLATES.iter().all(|(_, id)| is_guid(id)));
        assert!(ROLE_TEMPLATES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn ok_nothing_is_protected_that_is_not_named() {
        let protected = Protected::new(["A".to_owned()]);
        assert!(protected.is_protected("a") && protected.is_protected(" A ") && !protected.is_protected("b"));
        assert!(!Protected::default().is_protected("") && Protected::default().is_empty());
        assert!(!Protected { role_assignable_groups: true, ..Protected::default() }.is_empty());
    }
}
