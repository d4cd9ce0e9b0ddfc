//! The attributes of applications, as `/Schemas` describes them.

use scim::schema::{Attribute, Returned};

use crate::{
    credentials::{KEY_CREDENTIAL, PASSWORD_CREDENTIAL},
    parts::{APP_ROLE, LINKED, PERMISSION_SCOPE, VERIFIED_PUBLISHER},
};

/// Which tokens can carry optional claims.
const TOKENS: &[&str] = &["idToken", "accessToken", "saml2Token"];

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName").required().describe("The name of the application; Entra does not keep it unique"),
    Attribute::string("appId").read_only().case_exact().describe("The client id: what the application calls itself"),
    Attribute::string("applicationTemplateId")
        .immutable()
        .case_exact()
        .describe("The template that the application is made of; ApplicationTemplates tells which there are"),
    Attribute::complex("singleSignOn", SINGLE_SIGN_ON)
        .write_only()
        .describe("How people sign in to an application that is made of a template, or, without one, of that for any SAML application; later its ServicePrincipal says"),
    Attribute::string("description").describe("What the application is for"),
    Attribute::string("notes").describe("What those who manage it want to remember"),
    Attribute::string("signInAudience")
        .lasting()
        .canonical(&[
            "AzureADMyOrg",
            "AzureADMultipleOrgs",
            "AzureADandPersonalMicrosoftAccount",
            "PersonalMicrosoftAccount",
        ])
        .describe("Whose accounts can sign in"),
    Attribute::string("identifierUris").many().case_exact().describe("What it is called as an API or by SAML; unique in the tenant"),
    Attribute::string("tags").many().describe("Words to find it by"),
    Attribute::string("publisherDomain").read_only().describe("The verified domain of the publisher"),
    Attribute::string("disabledByMicrosoftStatus").read_only().describe("Whether Microsoft has disabled it, and why"),
    Attribute::string("groupMembershipClaims")
        .canonical(&["None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"])
        .describe("Which groups a token names"),
    Attribute::boolean("isFallbackPublicClient").describe("Whether it counts as a public client where that cannot be told"),
    Attribute::boolean("isDeviceOnlyAuthSupported").describe("Whether devices can sign in without a person"),
    Attribute::string("serviceManagementReference").describe("The application in the inventory of the organisation"),
    Attribute::string("defaultRedirectUri").case_exact().describe("Where tokens go where the request does not say"),
    Attribute::string("samlMetadataUrl").case_exact().describe("Where it publishes its SAML metadata"),
    Attribute::string("tokenEncryptionKeyId").case_exact().describe("The key credential that tokens are encrypted for"),
    Attribute::complex("web", WEB).describe("What it is as a web application"),
    Attribute::complex("spa", REDIRECT_URIS).describe("What it is as a single-page application"),
    Attribute::complex("publicClient", REDIRECT_URIS).describe("What it is as an application on devices"),
    Attribute::complex("info", INFORMATION).describe("Where to read about it"),
    Attribute::complex("api", API).describe("What it is as an API"),
    Attribute::complex("oauth2PermissionScopes", PERMISSION_SCOPE)
        .many()
        .describe("The delegated permissions that it offers as an API"),
    Attribute::complex("preAuthorizedApplications", PRE_AUTHORIZED)
        .many()
        .describe("The clients that need no consent, and for which scopes"),
    Attribute::complex("appRoles", APP_ROLE).many().describe("The roles that users, groups and clients can be assigned to"),
    Attribute::complex("requiredResourceAccess", REQUIRED)
        .many()
        .describe("The permissions that it asks for, one by one"),
    Attribute::complex("optionalClaims", OPTIONAL_CLAIM).many().describe("What its tokens say beyond the usual"),
    Attribute::complex("keyCredentials", KEY_CREDENTIAL).many().describe("Its certificates"),
    Attribute::complex("passwordCredentials", PASSWORD_CREDENTIAL).many().describe("Its client secrets"),
    Attribute::complex("verifiedPublisher", VERIFIED_PUBLISHER).read_only().describe("Who publishes it, verified"),
    Attribute::complex("certification", CERTIFICATION).read_only().describe("How Microsoft has certified it"),
    Attribute::complex("owners", LINKED)
        .many()
        .returned(Returned::Request)
        .describe("Users and service principals that may manage it"),
    Attribute::complex("federatedIdentityCredentials", FEDERATED)
        .many()
        .returned(Returned::Request)
        .describe("Whose tokens it takes instead of a secret"),
];

const SINGLE_SIGN_ON: &[Attribute] = &[
    Attribute::string("mode").canonical(&["saml", "oidc", "password", "notSupported"]).describe("How people sign in"),
    Attribute::string("loginUrl").case_exact().describe("Where they begin"),
    Attribute::string("relayState").case_exact().describe("Where SAML leads them afterwards"),
    Attribute::string("notificationEmailAddresses").many().describe("Who is told that a certificate expires"),
];

const WEB: &[Attribute] = &[
    Attribute::string("redirectUris").many().describe("Where tokens may go"),
    Attribute::string("homePageUrl").case_exact().describe("The home page"),
    Attribute::string("logoutUrl").case_exact().describe("Where it is told that somebody signed out"),
    Attribute::boolean("enableIdTokenIssuance").describe("Whether it gets ID tokens by the implicit flow"),
    Attribute::boolean("enableAccessTokenIssuance").describe("Whether it gets access tokens by the implicit flow"),
];

const REDIRECT_URIS: &[Attribute] = &[Attribute::string("redirectUris").many().describe("Where tokens may go")];

const INFORMATION: &[Attribute] = &[
    Attribute::string("logoUrl").read_only().case_exact().describe("The logo"),
    Attribute::string("marketingUrl").case_exact().describe("What it is good for"),
    Attribute::string("privacyStatementUrl").case_exact().describe("What it does with data"),
    Attribute::string("supportUrl").case_exact().describe("Where there is help"),
    Attribute::string("termsOfServiceUrl").case_exact().describe("On what terms it is used"),
];

const API: &[Attribute] = &[
    Attribute::integer("requestedAccessTokenVersion")
        .describe("The version of the access tokens that it takes: 1 or 2"),
    Attribute::boolean("acceptMappedClaims").describe("Whether claims can be mapped without a signing key of its own"),
    Attribute::string("knownClientApplications")
        .many()
        .case_exact()
        .describe("The client ids that share consent with it"),
];

const PRE_AUTHORIZED: &[Attribute] = &[
    Attribute::string("appId").case_exact().describe("The client id"),
    Attribute::string("delegatedPermissionIds").many().case_exact().describe("The ids of the scopes"),
];

const REQUIRED: &[Attribute] = &[
    Attribute::string("resourceAppId").case_exact().describe("The client id of the API"),
    Attribute::string("id").case_exact().describe("The id of its scope or role"),
    Attribute::string("type").canonical(&["Scope", "Role"]).describe("Whether it is a scope or a role"),
];

const OPTIONAL_CLAIM: &[Attribute] = &[
    Attribute::string("token").canonical(TOKENS).describe("Which token says it"),
    Attribute::string("name").case_exact().describe("The claim"),
    Attribute::string("source").case_exact().describe("Where it comes from; none for a predefined one"),
    Attribute::boolean("essential").describe("Whether it is needed for a smooth authorisation"),
    Attribute::string("additionalProperties").many().case_exact().describe("What changes its value"),
];

const CERTIFICATION: &[Attribute] = &[
    Attribute::boolean("isPublisherAttested").read_only().describe("Whether the publisher has attested it"),
    Attribute::boolean("isCertifiedByMicrosoft").read_only().describe("Whether Microsoft has certified it"),
    Attribute::date_time("lastCertificationDateTime").read_only().describe("When it was last certified"),
    Attribute::date_time("certificationExpirationDateTime").read_only().describe("Until when"),
    Attribute::string("certificationDetailsUrl").read_only().case_exact().describe("Where to read about it"),
];

const FEDERATED: &[Attribute] = &[
    Attribute::string("name")
        .required()
        .case_exact()
        .immutable()
        .describe("The name; unique among those of the application"),
    Attribute::string("issuer").required().case_exact().describe("Who issues the tokens"),
    Attribute::string("subject").required().case_exact().describe("Whom they are about"),
    Attribute::string("audiences").many().case_exact().describe("Whom they are for; one"),
    Attribute::string("description").describe("What it is for"),
    Attribute::string("id").read_only().case_exact().describe("The id"),
];
