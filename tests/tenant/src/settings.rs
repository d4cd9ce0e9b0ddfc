//! What can be changed about the tenant while it runs.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::throttle::Throttle;

/// What the tenant allows, has and withholds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The application permissions of the connector's application. As in Entra they are the `roles` of a token, so a
    /// change concerns the tokens issued after it; [`Change::revoke_tokens`] puts an end to the others.
    pub permissions: Vec<String>,
    /// Whether the tenant has a premium licence, without which Graph refuses `signInActivity`.
    pub premium: bool,
    /// Milliseconds until a write is seen by the reads of Graph. Until then a new user is unknown (also to updates and
    /// as a manager), a changed one is as it was, and a deleted one is still there. 0, as without replicas.
    pub replication_delay: u64,
    /// Milliseconds until an application that was made of a template is there; 0, at once.
    pub instantiation_delay: u64,
    /// Milliseconds after which the link to a next page has expired; 0, never.
    pub page_token_lifetime: u64,
    /// Whether requests over a limit are refused.
    pub throttle: Throttle,
    /// Whether the connector's application has defined its directory extension for external ids of users and groups.
    /// Without it, `POST /applications/{id}/extensionProperties` can define it.
    pub external_id_extension: bool,
}

/// A change of [`Settings`]: what it does not name stays as it is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields, remote = "Self")]
pub struct Change {
    /// See [`Settings::permissions`].
    pub permissions: Option<Vec<String>>,
    /// See [`Settings::premium`].
    pub premium: Option<bool>,
    /// See [`Settings::replication_delay`]; at most ten minutes.
    pub replication_delay: Option<u64>,
    /// See [`Settings::instantiation_delay`]; at most ten minutes.
    pub instantiation_delay: Option<u64>,
    /// See [`Settings::page_token_lifetime`].
    pub page_token_lifetime: Option<u64>,
    /// See [`Settings::throttle`].
    pub throttle: Option<Throttle>,
    /// See [`Settings::external_id_extension`].
    pub external_id_extension: Option<bool>,
    /// Whether all tokens issued so far are refused from now on.
    pub revoke_tokens: bool,
}

/// The longest delay, in milliseconds.
const MAX_DELAY: u64 = 600_000;

impl Default for Settings {
    fn default() -> Self {
        let permissions = [
            "User.ReadWrite.All",
            "User-LifeCycleInfo.ReadWrite.All",
            "Directory.Read.All",
            "AuditLog.Read.All",
            "Group.ReadWrite.All",
        ];
        Self {
            permissions: permissions.map(str::to_owned).to_vec(),
            premium: true,
            replication_delay: 0,
            instantiation_delay: 0,
            page_token_lifetime: 0,
            throttle: Throttle::Off,
            external_id_extension: true,
        }
    }
}

impl Settings {
    /// The permissions for all that the connector can do.
    #[must_use]
    pub fn with_every_permission(mut self) -> Self {
        const FURTHER: [&str; 9] = [
            "AdministrativeUnit.ReadWrite.All",
            "AppRoleAssignment.ReadWrite.All",
            "Application.ReadWrite.All",
            "DelegatedPermissionGrant.ReadWrite.All",
            "LicenseAssignment.ReadWrite.All",
            "Organization.Read.All",
            "Policy.Read.All",
            "Policy.ReadWrite.ApplicationConfiguration",
            "RoleManagement.ReadWrite.Directory",
        ];
        self.permissions.extend(FURTHER.map(str::to_owned));
        self
    }

    /// The same with a change made.
    pub fn with(mut self, change: &Change) -> Self {
        if let Some(permissions) = &change.permissions {
            self.permissions.clone_from(permissions);
        }
        self.premium = change.premium.unwrap_or(self.premium);
        self.replication_delay = change.replication_delay.unwrap_or(self.replication_delay);
        self.instantiation_delay = change.instantiation_delay.unwrap_or(self.instantiation_delay);
        self.page_token_lifetime = change.page_token_lifetime.unwrap_or(self.page_token_lifetime);
        self.throttle = change.throttle.unwrap_or(self.throttle);
        self.external_id_extension = change.external_id_extension.unwrap_or(self.external_id_extension);
        self
    }
}

// What is read is checked, so that the place in the text is known when it makes no sense.
impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let change = Change::deserialize(deserializer)?;
        if change.replication_delay.is_some_and(|delay| delay > MAX_DELAY) {
            return Err(D::Error::custom(format!("`replicationDelay` can be at most {MAX_DELAY} milliseconds")));
        }
        if change.instantiation_delay.is_some_and(|delay| delay > MAX_DELAY) {
            return Err(D::Error::custom(format!("`instantiationDelay` can be at most {MAX_DELAY} milliseconds")));
        }
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::throttle::Limits;

    #[test]
    fn a_change_leaves_the_rest_alone() {
        let before = Settings::default();
        assert_eq!(before.clone().with(&Change::default()), before);
        let limits = Limits { units: 1, unit_seconds: 2, writes: 3, write_seconds: 4 };
        let cases = [
            (json!({"premium": false}), Settings { premium: false, ..before.clone() }),
            (json!({"permissions": []}), Settings { permissions: vec![], ..before.clone() }),
            (json!({"replicationDelay": 5}), Settings { replication_delay: 5, ..before.clone() }),
            (json!({"instantiationDelay": 5}), Settings { instantiation_delay: 5, ..before.clone() }),
            (json!({"pageTokenLifetime": 5}), Settings { page_token_lifetime: 5, ..before.clone() }),
            (json!({"externalIdExtension": false}), Settings { external_id_extension: false, ..before.clone() }),
            (json!({"throttle": "documented"}), Settings { throttle: Throttle::Documented, ..before.clone() }),
            (json!({"throttle": "off"}), before.clone()),
            (
                json!({"throttle": {"units": 1, "unitSeconds": 2, "writes": 3, "writeSeconds": 4}}),
                Settings { throttle: Throttle::Own(limits), ..before.clone() },
            ),
        ];
        for (change, expected) in cases {
            let after = before.clone().with(&serde_json::from_value(change.clone()).unwrap());
            assert_eq!(after, expected);
            let told = serde_json::to_value(&after).unwrap();
            assert!(change.as_object().unwrap().iter().all(|(name, value)| told[name] == *value), "{told}");
        }
    }

    #[test]
    fn what_is_no_change_is_refused() {
        let cases = [
            (json!({"nothing": 1}), "unknown field `nothing`, expected one of `permissions`, `premium`"),
            (json!({"replicationDelay": 600_001}), "`replicationDelay` can be at most 600000 milliseconds"),
            (json!({"premium": "no"}), "invalid type: string \"no\", expected a boolean"),
            (json!({"throttle": "on"}), "`throttle` has to be \"documented\", \"off\" or {\"units\": N,"),
            (
                json!({"throttle": {"units": 0, "unitSeconds": 1, "writes": 1, "writeSeconds": 1}}),
                "`throttle` has to be \"documented\", \"off\" or {\"units\": N,",
            ),
        ];
        for (change, expected) in cases {
            let error = serde_json::from_value::<Change>(change).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
