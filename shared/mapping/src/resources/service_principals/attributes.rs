//! The attributes of service principals, as `/Schemas` describes them.

use scim::schema::{Attribute, Returned};

use super::{SIGN_ON_MODES, grants};
use crate::{
    credentials::{KEY_CREDENTIAL, PASSWORD_CREDENTIAL, SIGNING_CERTIFICATE},
    parts::{APP_ROLE, APP_ROLE_ASSIGNMENT, GROUP_LINK, LINKED, PERMISSION_SCOPE, VERIFIED_PUBLISHER},
};

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("appId").required().immutable().case_exact().describe("The client id of the application"),
    Attribute::string("displayName").read_only().describe("The name; the application has it"),
    Attribute::boolean("accountEnabled").lasting().describe("Whether it can sign in, and users to it"),
    Attribute::boolean("appRoleAssignmentRequired")
        .lasting()
        .describe("Whether only those can sign in who are assigned to it"),
    Attribute::string("servicePrincipalType").read_only().describe("Application, ManagedIdentity, Legacy or SocialIdp"),
    Attribute::string("preferredSingleSignOnMode").canonical(SIGN_ON_MODES).describe("How people sign in"),
    Attribute::string("loginUrl").case_exact().describe("Where people begin to sign in"),
    Attribute::string("logoutUrl").case_exact().describe("Where it is told that somebody signed out"),
    Attribute::string("homepage").case_exact().describe("The home page"),
    Attribute::string("description").describe("What people read of it"),
    Attribute::string("notes").describe("What those who manage it want to remember"),
    Attribute::string("notificationEmailAddresses").many().describe("Who is told that a certificate expires"),
    Attribute::string("replyUrls").many().case_exact().describe("Where tokens may go"),
    Attribute::string("servicePrincipalNames")
        .many()
        .read_only()
        .case_exact()
        .describe("What it is called as an API or by SAML"),
    Attribute::string("alternativeNames").many().describe("Further names, such as of a managed identity's resource"),
    Attribute::string("tags").many().describe("Words to find it by; some make it appear in the portal"),
    Attribute::string("appDisplayName").read_only().describe("The name that the publisher gave it"),
    Attribute::string("appDescription").read_only().describe("What the publisher says of it"),
    Attribute::string("appOwnerOrganizationId")
        .read_only()
        .case_exact()
        .describe("The tenant that the application is of"),
    Attribute::string("applicationTemplateId").read_only().case_exact().describe("The template that it is made of"),
    Attribute::string("signInAudience").read_only().describe("Whose accounts can sign in"),
    Attribute::string("disabledByMicrosoftStatus").read_only().describe("Whether Microsoft has disabled it, and why"),
    Attribute::complex("samlSingleSignOnSettings", SAML).describe("How it is used with SAML"),
    Attribute::string("preferredTokenSigningKeyThumbprint")
        .case_exact()
        .describe("The signing certificate in use, by its thumbprint"),
    Attribute::string("tokenEncryptionKeyId").case_exact().describe("The key credential that tokens are encrypted for"),
    Attribute::complex("keyCredentials", KEY_CREDENTIAL).many().describe("Its certificates"),
    Attribute::complex("passwordCredentials", PASSWORD_CREDENTIAL).many().describe("Its secrets"),
    Attribute::complex("tokenSigningCertificates", SIGNING_CERTIFICATE)
        .many()
        .describe("The certificates that Entra signs SAML tokens with; Entra makes them"),
    Attribute::complex("info", INFORMATION).read_only().describe("Where to read about it"),
    Attribute::complex("verifiedPublisher", VERIFIED_PUBLISHER).read_only().describe("Who publishes it, verified"),
    Attribute::complex("appRoles", APP_ROLE)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The roles that users, groups and clients can be assigned to"),
    Attribute::complex("oauth2PermissionScopes", PERMISSION_SCOPE)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The delegated permissions that it offers as an API"),
    Attribute::complex("owners", LINKED)
        .many()
        .returned(Returned::Request)
        .describe("Users and service principals that may manage it"),
    Attribute::complex("appRoleAssignedTo", APP_ROLE_ASSIGNMENT)
        .many()
        .returned(Returned::Request)
        .describe("Users, groups and clients that are assigned to its roles"),
    Attribute::complex("appRoleAssignments", APP_ROLE_ASSIGNMENT)
        .many()
        .returned(Returned::Request)
        .describe("The roles that it is assigned to itself: its application permissions"),
    Attribute::complex("oauth2PermissionGrants", grants::PARTS)
        .many()
        .returned(Returned::Request)
        .describe("The delegated permissions that it was granted"),
    Attribute::complex("claimsMappingPolicies", POLICY)
        .many()
        .returned(Returned::Request)
        .describe("The policy that says which claims its tokens carry; one at most"),
    Attribute::complex("groups", GROUP_LINK)
        .many()
        .read_only()
        .returned(Returned::Request)
        .describe("The groups that it is a member of"),
];

const SAML: &[Attribute] =
    &[Attribute::string("relayState").case_exact().describe("Where people are led when they have signed in")];

const INFORMATION: &[Attribute] = &[
    Attribute::string("logoUrl").read_only().case_exact().describe("The logo"),
    Attribute::string("marketingUrl").read_only().case_exact().describe("What it is good for"),
    Attribute::string("privacyStatementUrl").read_only().case_exact().describe("What it does with data"),
    Attribute::string("supportUrl").read_only().case_exact().describe("Where there is help"),
    Attribute::string("termsOfServiceUrl").read_only().case_exact().describe("On what terms it is used"),
];

const POLICY: &[Attribute] = &[
    Attribute::string("value").case_exact().immutable().describe("The id of the policy"),
    Attribute::reference("$ref", &["ClaimsMappingPolicy"]).immutable().describe("The address of the policy"),
    Attribute::string("type").canonical(&["ClaimsMappingPolicy"]).immutable().describe("The type of the resource"),
    Attribute::string("display").read_only().returned(Returned::Request).describe("The name of the policy"),
];
