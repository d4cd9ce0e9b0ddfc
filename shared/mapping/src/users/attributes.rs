//! The attributes of users, as `/Schemas` describes them.

use scim::schema::{Attribute, Returned, Uniqueness};

use super::roles::ROLE;
use crate::{
    licenses::ENTITLEMENT,
    parts::{APP_ROLE_ASSIGNMENT, GROUP_LINK},
};

/// The service says which it is: the one of type work, else the first.
const PRIMARY: Attribute =
    Attribute::boolean("primary").canonical(&["true"]).describe("True for the one of type work, else for the first");

static NAME: &[Attribute] = &[
    Attribute::string("formatted").describe("The name as it is shown, as in displayName"),
    Attribute::string("givenName").describe("The given name"),
    Attribute::string("familyName").describe("The family name"),
    Attribute::string("middleName").unkept(),
    Attribute::string("honorificPrefix").unkept(),
    Attribute::string("honorificSuffix").unkept(),
];

static EMAIL: &[Attribute] = &[
    Attribute::string("value").describe("The address"),
    Attribute::string("type").canonical(&["work", "other"]).describe("work for the one, other for all others"),
    PRIMARY,
    Attribute::string("display").unkept(),
];

static PHONE_NUMBER: &[Attribute] = &[
    Attribute::string("value").describe("The number"),
    Attribute::string("type").canonical(&["work", "mobile", "fax"]).describe("What the number is for"),
    PRIMARY,
    Attribute::string("display").unkept(),
];

static ADDRESS: &[Attribute] = &[
    Attribute::string("formatted").describe("The office location, in the address of type other"),
    Attribute::string("streetAddress").describe("Street and number"),
    Attribute::string("locality").describe("The city"),
    Attribute::string("region").describe("The state or province"),
    Attribute::string("postalCode").describe("The postal code"),
    Attribute::string("country").describe("The country or region"),
    Attribute::string("type").canonical(&["work"]).describe("What the address is for"),
    PRIMARY,
];

static IM: &[Attribute] = &[
    Attribute::string("value").read_only().describe("The address"),
    Attribute::string("type").canonical(&["work"]).read_only().describe("What the address is for"),
];

static PHOTO: &[Attribute] = &[
    Attribute::reference("value", &["external"]).describe("Where the picture is; asked for as the user is"),
    Attribute::string("type").canonical(&["work"]).describe("work"),
];

static EMPLOYEE_ORG_DATA: &[Attribute] = &[
    Attribute::string("costCenter").describe("The cost centre"),
    Attribute::string("division").describe("The division"),
];

static MANAGER: &[Attribute] = &[
    Attribute::string("value").case_exact().describe("The id of the manager"),
    Attribute::reference("$ref", &["User"]).describe("The address of the manager's resource"),
    Attribute::string("displayName").read_only().returned(Returned::Request).describe("The manager's display name"),
];

static SIGN_IN_ACTIVITY: &[Attribute] = &[
    Attribute::date_time("lastSignInDateTime").read_only().describe("The last interactive try, successful or not"),
    Attribute::date_time("lastNonInteractiveSignInDateTime").read_only().describe("The last try by a client"),
    Attribute::date_time("lastSuccessfulSignInDateTime").read_only().describe("The last success"),
];

static EXTENSION_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("extensionAttribute1").describe("Extension attribute 1"),
    Attribute::string("extensionAttribute2").describe("Extension attribute 2"),
    Attribute::string("extensionAttribute3").describe("Extension attribute 3"),
    Attribute::string("extensionAttribute4").describe("Extension attribute 4"),
    Attribute::string("extensionAttribute5").describe("Extension attribute 5"),
    Attribute::string("extensionAttribute6").describe("Extension attribute 6"),
    Attribute::string("extensionAttribute7").describe("Extension attribute 7"),
    Attribute::string("extensionAttribute8").describe("Extension attribute 8"),
    Attribute::string("extensionAttribute9").describe("Extension attribute 9"),
    Attribute::string("extensionAttribute10").describe("Extension attribute 10"),
    Attribute::string("extensionAttribute11").describe("Extension attribute 11"),
    Attribute::string("extensionAttribute12").describe("Extension attribute 12"),
    Attribute::string("extensionAttribute13").describe("Extension attribute 13"),
    Attribute::string("extensionAttribute14").describe("Extension attribute 14"),
    Attribute::string("extensionAttribute15").describe("Extension attribute 15"),
];

pub(super) static CORE_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("userName")
        .required()
        .unique(Uniqueness::Server)
        .describe("The user principal name: the name the user signs in with"),
    Attribute::complex("name", NAME).describe("The parts of the name"),
    Attribute::string("displayName").describe("The name as it is shown; made from the name where it is missing"),
    Attribute::string("title").describe("The job title"),
    Attribute::string("preferredLanguage").describe("The preferred language, such as en-US"),
    Attribute::string("userType").describe("The kind of worker, such as Employee or Contractor"),
    Attribute::boolean("active").describe("Whether the account is enabled"),
    Attribute::string("password").write_only().describe("The password; made up where a new account brings none"),
    Attribute::reference("profileUrl", &["external"])
        .returned(Returned::Request)
        .describe("The user's site; read for one user at a time"),
    Attribute::complex("emails", EMAIL).many().describe("E-mail addresses"),
    Attribute::complex("phoneNumbers", PHONE_NUMBER).many().describe("Telephone numbers"),
    Attribute::complex("addresses", ADDRESS)
        .many()
        .describe("Postal addresses, and the office as the one of type other"),
    Attribute::complex("groups", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that the user is directly a member of; all of them"),
    Attribute::complex("ims", IM).many().read_only().describe("Instant messaging addresses"),
    Attribute::string("city").describe("The city, as in the address of type work"),
    Attribute::string("state").describe("The state or province, as in the address of type work"),
    Attribute::string("country").describe("The country or region, as in the address of type work"),
    Attribute::string("companyName").describe("The company"),
    Attribute::string("usageLocation").describe("The country of use, ISO 3166-1 alpha-2; a licence needs it"),
    Attribute::string("employeeType").describe("The kind of worker, such as Employee or Contractor"),
    Attribute::complex("employeeOrgData", EMPLOYEE_ORG_DATA).describe("Where in the organisation the user is"),
    Attribute::date_time("startDateTime").describe("When the user starts to work"),
    Attribute::date_time("endDateTime").describe("When the user leaves; needs a User-LifeCycleInfo permission"),
    Attribute::string("status")
        .canonical(&["disabled", "alwaysEnabled", "scheduled"])
        .returned(Returned::Request)
        .describe("Whether mail is answered automatically; this and the next five need a MailboxSettings permission"),
    Attribute::date_time("scheduledStartDateTime")
        .returned(Returned::Request)
        .describe("When automatic replies begin, where they are scheduled"),
    Attribute::date_time("scheduledEndDateTime")
        .returned(Returned::Request)
        .describe("When automatic replies end, where they are scheduled"),
    Attribute::string("internalReplyMessage")
        .returned(Returned::Request)
        .describe("What people of the organisation are answered"),
    Attribute::string("externalReplyMessage").returned(Returned::Request).describe("What other people are answered"),
    Attribute::string("externalAudience")
        .canonical(&["none", "contactsOnly", "all"])
        .returned(Returned::Request)
        .describe("Which other people are answered"),
    Attribute::complex("photos", PHOTO)
        .many()
        .returned(Returned::Request)
        .describe("The picture; read for one user at a time"),
    Attribute::complex("entitlements", ENTITLEMENT)
        .many()
        .returned(Returned::Request)
        .describe("The user's licences, those that come by a group too"),
    Attribute::complex("roles", ROLE)
        .many()
        .returned(Returned::Request)
        .describe("The directory roles that are assigned to the user itself"),
    // What RFC 7643 defines and Entra cannot keep.
    Attribute::string("nickName").unkept(),
    Attribute::string("description").unkept(),
    Attribute::string("locale").unkept(),
    Attribute::string("timezone").unkept(),
    Attribute::complex("x509Certificates", &[]).many().unkept(),
];

pub(super) static ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("employeeNumber").canonical(&["1001"]).describe("The employee number, 16 characters at most"),
    Attribute::string("costCenter").describe("The cost centre"),
    Attribute::string("organization").describe("The company"),
    Attribute::string("division").describe("The division"),
    Attribute::string("department").describe("The department"),
    Attribute::complex("manager", MANAGER).describe("The user's manager"),
];

pub(super) static ENTRA_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("creationType").read_only().returned(Returned::Request).describe("How the account came to be"),
    Attribute::date_time("employeeHireDate").describe("When the user starts to work"),
    Attribute::date_time("employeeLeaveDateTime")
        .describe("When the user leaves; needs a User-LifeCycleInfo permission"),
    Attribute::date_time("lastPasswordChangeDateTime")
        .read_only()
        .returned(Returned::Request)
        .describe("When the password last changed"),
    Attribute::string("mailNickname").lasting().describe("The mail alias; made from the user name where it is missing"),
    Attribute::string("officeLocation").describe("The office"),
    Attribute::string("onPremisesDistinguishedName").read_only().describe("The distinguished name on premises"),
    Attribute::string("onPremisesDomainName").read_only().describe("The domain on premises"),
    Attribute::string("onPremisesImmutableId").case_exact().describe("What ties the account to one on premises"),
    Attribute::string("onPremisesSAMAccountName").read_only().describe("The account name on premises"),
    Attribute::string("onPremisesSecurityIdentifier").read_only().describe("The security identifier on premises"),
    Attribute::boolean("onPremisesSyncEnabled").read_only().describe("Whether the account comes from on premises"),
    Attribute::string("onPremisesUserPrincipalName").read_only().describe("The user principal name on premises"),
    Attribute::boolean("passwordForceChangeOnNextSignIn")
        .write_only()
        .describe("Whether the user must change the password at the next sign-in"),
    Attribute::boolean("passwordForceChangeOnNextSignInWithMFA")
        .write_only()
        .describe("Whether the user must do so after multi-factor authentication"),
    Attribute::string("proxyAddresses")
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("All e-mail addresses, each with its protocol, such as SMTP:"),
    Attribute::string("preferredDataLocation").read_only().describe("Where the user's data is kept"),
    Attribute::complex("signInActivity", SIGN_IN_ACTIVITY)
        .read_only()
        .returned(Returned::Request)
        .describe("When the user last signed in; needs AuditLog.Read.All and a P1 or P2 licence"),
    Attribute::complex("transitiveGroups", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that the user is a member of, directly or through others"),
    Attribute::complex("ownedGroups", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that the user owns"),
    Attribute::complex("appRoleAssignments", APP_ROLE_ASSIGNMENT)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The roles of applications that the user is assigned to, directly or through groups"),
    Attribute::string("usageLocation").lasting().describe("The country of use, ISO 3166-1 alpha-2"),
    Attribute::string("userType").canonical(&["Member", "Guest"]).describe("Member or Guest"),
    // Microsoft's clients send it here too; the one of the core schema is kept.
    Attribute::string("preferredLanguage").unkept(),
];

pub(super) static ON_PREMISES_ATTRIBUTES: &[Attribute] =
    &[Attribute::complex("onPremisesExtensionAttributes", EXTENSION_ATTRIBUTES)
        .describe("Read-only for a user that is synchronised from on premises")];

/// What stands for any attribute of a set.
static SECURITY_ATTRIBUTE: &[Attribute] = &[Attribute::complex("attribute", &[]).open()];

pub(super) static SECURITY_ATTRIBUTES: &[Attribute] = &[Attribute::complex("set", SECURITY_ATTRIBUTE).open()];
