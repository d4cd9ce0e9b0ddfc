//! The columns of a user in the warehouse: one for each person attribute of an identity-governance system.

/// A column of the warehouse and where its value is in a Graph object.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The column's name: the person attribute in snake case.
    pub name: &'static str,
    /// The type of its values.
    pub kind: ColumnKind,
    /// Where the value comes from.
    pub source: ColumnSource,
    /// The person attribute and the Graph property behind it.
    pub description: &'static str,
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ColumnKind {
    /// Text; points in time are RFC 3339 text.
    Text,
    /// True or false.
    Boolean,
}

/// Where a column's value is in a Graph object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ColumnSource {
    /// At this JSON path.
    Path(&'static str),
    /// In the relationship `manager`.
    Manager,
    /// A delta query cannot give it.
    Nowhere,
}

impl Column {
    const fn new(name: &'static str, kind: ColumnKind, source: ColumnSource, description: &'static str) -> Self {
        Self { name, kind, source, description }
    }
}

/// What the delta query of users selects.
///
/// `employeeLeaveDateTime` is left out: a tenant that has not granted User-LifeCycleInfo.Read.All refuses the whole query.
pub static DELTA_SELECT: &[&str] = &[
    "id",
    "accountEnabled",
    "businessPhones",
    "city",
    "companyName",
    "employeeOrgData",
    "country",
    "usageLocation",
    "department",
    "employeeHireDate",
    "mail",
    "mailNickname",
    "employeeId",
    "employeeType",
    "onPremisesExtensionAttributes",
    "faxNumber",
    "givenName",
    "displayName",
    "surname",
    "userPrincipalName",
    "mobilePhone",
    "officeLocation",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "jobTitle",
    "createdDateTime",
    "userType",
    "onPremisesSyncEnabled",
    "onPremisesImmutableId",
    "onPremisesSamAccountName",
    "otherMails",
    "proxyAddresses",
    "manager",
];

/// The columns, in the order of the person attributes.
pub static COLUMNS: &[Column] = &[
    Column::new("about_me", ColumnKind::Text, ColumnSource::Nowhere, "AboutMe: Graph mySite, not part of a delta"),
    Column::new("active", ColumnKind::Boolean, ColumnSource::Path("$.accountEnabled"), "Active: Graph accountEnabled"),
    Column::new(
        "business_phone",
        ColumnKind::Text,
        ColumnSource::Path("$.businessPhones[0]"),
        "BusinessPhone: Graph businessPhones[0]",
    ),
    Column::new("city", ColumnKind::Text, ColumnSource::Path("$.city"), "City: Graph city"),
    Column::new("company", ColumnKind::Text, ColumnSource::Path("$.companyName"), "Company: Graph companyName"),
    Column::new(
        "cost_center",
        ColumnKind::Text,
        ColumnSource::Path("$.employeeOrgData.costCenter"),
        "CostCenter: Graph employeeOrgData.costCenter",
    ),
    Column::new("country", ColumnKind::Text, ColumnSource::Path("$.country"), "Country: Graph country"),
    Column::new(
        "custom_attribute10",
        ColumnKind::Text,
        ColumnSource::Path("$.usageLocation"),
        "CustomAttribute10: Graph usageLocation",
    ),
    Column::new("department", ColumnKind::Text, ColumnSource::Path("$.department"), "Department: Graph department"),
    Column::new("description", ColumnKind::Text, ColumnSource::Nowhere, "Description: no Graph property"),
    Column::new(
        "division",
        ColumnKind::Text,
        ColumnSource::Path("$.employeeOrgData.division"),
        "Division: Graph employeeOrgData.division",
    ),
    Column::new(
        "effective_end_date",
        ColumnKind::Text,
        ColumnSource::Path("$.employeeLeaveDateTime"),
        "EffectiveEndDate: Graph employeeLeaveDateTime",
    ),
    Column::new(
        "effective_start_date",
        ColumnKind::Text,
        ColumnSource::Path("$.employeeHireDate"),
        "EffectiveStartDate: Graph employeeHireDate",
    ),
    Column::new("email", ColumnKind::Text, ColumnSource::Path("$.mail"), "Email: Graph mail"),
    Column::new(
        "email_alias",
        ColumnKind::Text,
        ColumnSource::Path("$.mailNickname"),
        "EmailAlias: Graph mailNickname",
    ),
    Column::new("employee_id", ColumnKind::Text, ColumnSource::Path("$.employeeId"), "EmployeeID: Graph employeeId"),
    Column::new(
        "employee_type",
        ColumnKind::Text,
        ColumnSource::Path("$.employeeType"),
        "EmployeeType: Graph employeeType",
    ),
    Column::new(
        "extension_attribute1",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute1"),
        "ExtensionAttribute1: Graph onPremisesExtensionAttributes.extensionAttribute1",
    ),
    Column::new(
        "extension_attribute2",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute2"),
        "ExtensionAttribute2: Graph onPremisesExtensionAttributes.extensionAttribute2",
    ),
    Column::new(
        "extension_attribute3",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute3"),
        "ExtensionAttribute3: Graph onPremisesExtensionAttributes.extensionAttribute3",
    ),
    Column::new(
        "extension_attribute4",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute4"),
        "ExtensionAttribute4: Graph onPremisesExtensionAttributes.extensionAttribute4",
    ),
    Column::new(
        "extension_attribute5",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute5"),
        "ExtensionAttribute5: Graph onPremisesExtensionAttributes.extensionAttribute5",
    ),
    Column::new(
        "extension_attribute6",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute6"),
        "ExtensionAttribute6: Graph onPremisesExtensionAttributes.extensionAttribute6",
    ),
    Column::new(
        "extension_attribute7",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute7"),
        "ExtensionAttribute7: Graph onPremisesExtensionAttributes.extensionAttribute7",
    ),
    Column::new(
        "extension_attribute8",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute8"),
        "ExtensionAttribute8: Graph onPremisesExtensionAttributes.extensionAttribute8",
    ),
    Column::new(
        "extension_attribute9",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute9"),
        "ExtensionAttribute9: Graph onPremisesExtensionAttributes.extensionAttribute9",
    ),
    Column::new(
        "extension_attribute10",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute10"),
        "ExtensionAttribute10: Graph onPremisesExtensionAttributes.extensionAttribute10",
    ),
    Column::new(
        "extension_attribute11",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute11"),
        "ExtensionAttribute11: Graph onPremisesExtensionAttributes.extensionAttribute11",
    ),
    Column::new(
        "extension_attribute12",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute12"),
        "ExtensionAttribute12: Graph onPremisesExtensionAttributes.extensionAttribute12",
    ),
    Column::new(
        "extension_attribute13",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute13"),
        "ExtensionAttribute13: Graph onPremisesExtensionAttributes.extensionAttribute13",
    ),
    Column::new(
        "extension_attribute14",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute14"),
        "ExtensionAttribute14: Graph onPremisesExtensionAttributes.extensionAttribute14",
    ),
    Column::new(
        "extension_attribute15",
        ColumnKind::Text,
        ColumnSource::Path("$.onPremisesExtensionAttributes.extensionAttribute15"),
        "ExtensionAttribute15: Graph onPremisesExtensionAttributes.extensionAttribute15",
    ),
    Column::new("fax", ColumnKind::Text, ColumnSource::Path("$.faxNumber"), "Fax: Graph faxNumber"),
    Column::new("first_name", ColumnKind::Text, ColumnSource::Path("$.givenName"), "FirstName: Graph givenName"),
    Column::new(
        "friendly_name",
        ColumnKind::Text,
        ColumnSource::Path("$.displayName"),
        "FriendlyName: Graph displayName",
    ),
    Column::new(
        "generational_suffix",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "GenerationalSuffix: no Graph property",
    ),
    Column::new("home_telephone", ColumnKind::Text, ColumnSource::Nowhere, "HomeTelephone: no Graph property"),
    Column::new("last_name", ColumnKind::Text, ColumnSource::Path("$.surname"), "LastName: Graph surname"),
    Column::new("login", ColumnKind::Text, ColumnSource::Path("$.userPrincipalName"), "Login: Graph userPrincipalName"),
    Column::new("manager_person_id", ColumnKind::Text, ColumnSource::Manager, "ManagerPersonID: Graph manager, its id"),
    Column::new("middle_name", ColumnKind::Text, ColumnSource::Nowhere, "MiddleName: no Graph property"),
    Column::new(
        "mobile_phone",
        ColumnKind::Text,
        ColumnSource::Path("$.mobilePhone"),
        "MobilePhone: Graph mobilePhone",
    ),
    Column::new("office", ColumnKind::Text, ColumnSource::Path("$.officeLocation"), "Office: Graph officeLocation"),
    Column::new(
        "oof_audience",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofAudience: Graph mailboxSettings.automaticRepliesSetting.externalAudience, not part of a delta",
    ),
    Column::new(
        "oof_end_date",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofEndDate: Graph mailboxSettings.automaticRepliesSetting.scheduledEndDateTime, not part of a delta",
    ),
    Column::new(
        "oof_external_msg",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofExternalMsg: Graph mailboxSettings.automaticRepliesSetting.externalReplyMessage, not part of a delta",
    ),
    Column::new(
        "oof_internal_msg",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofInternalMsg: Graph mailboxSettings.automaticRepliesSetting.internalReplyMessage, not part of a delta",
    ),
    Column::new(
        "oof_start_date",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofStartDate: Graph mailboxSettings.automaticRepliesSetting.scheduledStartDateTime, not part of a delta",
    ),
    Column::new(
        "oof_status",
        ColumnKind::Text,
        ColumnSource::Nowhere,
        "OofStatus: Graph mailboxSettings.automaticRepliesSetting.status, not part of a delta",
    ),
    Column::new("photo_url", ColumnKind::Text, ColumnSource::Nowhere, "PhotoURL: Graph photo, not part of a delta"),
    Column::new("postal_code", ColumnKind::Text, ColumnSource::Path("$.postalCode"), "PostalCode: Graph postalCode"),
    Column::new(
        "preferred_language",
        ColumnKind::Text,
        ColumnSource::Path("$.preferredLanguage"),
        "PreferredLanguage: Graph preferredLanguage",
    ),
    Column::new("state", ColumnKind::Text, ColumnSource::Path("$.state"), "State: Graph state"),
    Column::new(
        "street_address",
        ColumnKind::Text,
        ColumnSource::Path("$.streetAddress"),
        "StreetAddress: Graph streetAddress",
    ),
    Column::new("telephone", ColumnKind::Text, ColumnSource::Nowhere, "Telephone: no Graph property"),
    Column::new("title", ColumnKind::Text, ColumnSource::Path("$.jobTitle"), "Title: Graph jobTitle"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_a_column_reads_is_selected() {
        for column in COLUMNS {
            if let ColumnSource::Path(path) = column.source {
                let root = path.trim_start_matches("$.").split(['.', '[']).next().unwrap();
                assert!(DELTA_SELECT.contains(&root) || root == "employeeLeaveDateTime", "{path}");
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        assert_eq!(names.len(), 56);
    }
}
