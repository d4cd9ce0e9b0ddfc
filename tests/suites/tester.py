"""PyPI's scim2-tester: reads /Schemas, and tries every attribute that it finds there."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx2
import scim2_tester.checkers.patch_add
import scim2_tester.checkers.patch_remove
import scim2_tester.checkers.patch_replace
import scim2_tester.filling
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import ComplexAttribute, MutabilityException, NotImplementedException, Path, Resource, SearchRequest
from scim2_tester import CheckResult, Status, check_server
from scim2_tester.utils import CheckContext, ResourceManager

from suite import Tally, Target, adaptable, target

PASSED = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)

# The modules that call `generate_random_value`, each by a name of its own.
USERS_OF_VALUES = (
    scim2_tester.filling,
    scim2_tester.checkers.patch_add,
    scim2_tester.checkers.patch_remove,
    scim2_tester.checkers.patch_replace,
)

# Nobody can make one of these by SCIM: what the tenant has is read, and a write has to be refused in so many words.
READ_ONLY = {
    "ApplicationTemplate",
    "Contact",
    "DeletedApplication",
    "DeletedGroup",
    "DeletedServicePrincipal",
    "DeletedUser",
    "DirectoryAudit",
    "DirectoryRoleTemplate",
    "DirectorySubscription",
    "Domain",
    "License",
    "Organization",
    "RoleAssignmentSchedule",
    "RoleEligibilitySchedule",
    "SignIn",
}

# What Graph shows once or never, so that what is read is not what was written.
SECRET = {"keyCredentials", "passwordCredentials", "tokenSigningCertificates"}

# What Graph cannot do; each is refused with the reason (RFC 7644 section 3.12: 501).
IMPOSSIBLE = {
    ("object_deletion", "DirectoryRole"),
    ("object_replacement", "RoleAssignment"),
    ("check_add_attribute", "RoleAssignment"),
}

# The largest page.
MOST = 999

# The client id of Microsoft Graph.
GRAPH = "00000003-0000-0000-c000-000000000000"

# A value that leaves the attribute out.
ABSENT = object()


class Directory:
    """What is in the directory, for attributes that name something in it."""

    def __init__(self, at: Target, http: httpx2.Client) -> None:
        self.at = at
        self.http = http
        self.activated: set[str] = set()

    def made(self, endpoint: str, schema: str, **attributes: object) -> dict[str, object]:
        """A new resource."""
        answer = self.http.post(f"/{endpoint}", json={"schemas": [schema], **attributes})
        answer.raise_for_status()
        return answer.json()

    def found(self, endpoint: str) -> list[dict[str, object]]:
        """The resources on the first page."""
        answer = self.http.get(f"/{endpoint}", params={"count": 200})
        answer.raise_for_status()
        return answer.json()["Resources"]

    def user(self) -> str:
        """The id of a new user."""
        schema = "urn:ietf:params:scim:schemas:core:2.0:User"
        return str(self.made("Users", schema, userName=self.at.user_name(), displayName="Tested")["id"])

    def application(self) -> str:
        """The client id of a new application, which has no service principal yet."""
        schema = "urn:ietf:params:scim:schemas:extension:entra:2.0:Application"
        return str(self.made("Applications", schema, displayName="Tested")["appId"])

    def service_principal(self) -> str:
        """The id of a new service principal."""
        schema = "urn:ietf:params:scim:schemas:extension:entra:2.0:ServicePrincipal"
        return str(self.made("ServicePrincipals", schema, appId=self.application())["id"])

    def inactive_role(self) -> str:
        """The template of a directory role that is not activated yet."""
        active = {role["roleTemplateId"] for role in self.found("DirectoryRoles")} | self.activated
        template = next(t["id"] for t in self.found("DirectoryRoleTemplates") if t["id"] not in active)
        self.activated.add(str(template))
        return str(template)

    def custom_role(self) -> str:
        """The id of a role."""
        return str(self.found("RoleDefinitions")[0]["id"])


def address() -> str:
    """An address that nobody has."""
    return f"https://{uuid.uuid4()}.example.com/"


def by_attribute(at: Target, directory: Directory) -> dict[str, Callable[[], object]]:
    """Values that the directory takes, where it does not take any string: of an attribute, or of one of a type."""
    mark = uuid.uuid4().hex
    return {
        "userName": at.user_name,
        "password": lambda: f"Aa1!{mark}",
        "employeeNumber": lambda: mark[:16],
        "usageLocation": lambda: "US",
        "preferredLanguage": lambda: "en-US",
        # The template for any application.
        "Application.applicationTemplateId": lambda: "8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
        # Of an administrative unit it can only be said when it is made, and false is what it is already.
        "isMemberManagementRestricted": lambda: True,
        "DirectoryRole.roleTemplateId": directory.inactive_role,
        "RoleAssignment.principalId": directory.user,
        "RoleAssignment.roleDefinitionId": directory.custom_role,
        "RoleAssignment.directoryScopeId": lambda: "/",
        # One of both scopes.
        "RoleAssignment.appScopeId": lambda: ABSENT,
        "allowedResourceActions": lambda: "microsoft.directory/applications/basic/update",
        # Only Entra's own roles have such.
        "excludedResourceActions": lambda: ABSENT,
        "condition": lambda: ABSENT,
        "identifierUris": lambda: f"https://{at.domain}/{uuid.uuid4()}",
        "redirectUris": address,
        "defaultRedirectUri": address,
        "homePageUrl": address,
        "logoutUrl": address,
        "marketingUrl": address,
        "privacyStatementUrl": address,
        "supportUrl": address,
        "termsOfServiceUrl": address,
        "requiredResourceAccess": lambda: {
            "resourceAppId": GRAPH,
            "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
            "type": "Scope",
        },
        "appRoles": lambda: {
            "id": str(uuid.uuid4()),
            "value": mark,
            "displayName": "Tested",
            "description": "Tested",
            "allowedMemberTypes": ["User"],
            "isEnabled": False,
        },
        "oauth2PermissionScopes": lambda: {
            "id": str(uuid.uuid4()),
            "value": mark,
            "type": "User",
            "adminConsentDisplayName": "Tested",
            "adminConsentDescription": "Tested",
            "isEnabled": False,
        },
        "ServicePrincipal.appId": directory.application,
        "OAuth2PermissionGrant.clientId": directory.service_principal,
        "OAuth2PermissionGrant.resourceId": directory.service_principal,
        "OAuth2PermissionGrant.consentType": lambda: "AllPrincipals",
        # Whom it is for, which is everybody.
        "OAuth2PermissionGrant.principalId": lambda: ABSENT,
        "OAuth2PermissionGrant.scope": lambda: "User.Read",
        "ClaimsMappingPolicy.definition": lambda: '{"ClaimsMappingPolicy":{"Version":1}}',
    }


def adapt(at: Target, directory: Directory) -> None:
    """Has the tester write plausible values; it would write random UUIDs, into dates too."""
    published = scim2_tester.filling.generate_random_value

    def generate(context: CheckContext, path: Path, mutability: object = None, required: object = None) -> object:
        value = published(context, path, mutability, required)
        binding = path.resolve()
        if value is None or binding is None:
            return value
        kind = binding.target_type
        if kind is datetime:
            return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        # The last part of `urn:...:User:employeeNumber`, or of `addresses.country`.
        name = re.split("[:.]", str(path))[-1]
        values = by_attribute(at, directory)
        instead = values.get(f"{binding.model.__name__}.{name}", values.get(name))
        if instead is None:
            return value
        instead = instead()
        if instead is ABSENT:
            return None
        if issubclass(kind, ComplexAttribute):
            instead = kind.model_validate(instead)
        return [instead] if binding.target_is_multivalued else instead

    for module in USERS_OF_VALUES:
        module.generate_random_value = generate

    make = ResourceManager.create_and_register

    def existing(manager: ResourceManager, model: type[Resource], fill_all: bool = False) -> Resource:
        if model.__name__ not in READ_ONLY:
            return make(manager, model, fill_all)
        return manager.context.client.query(model).resources[0]

    ResourceManager.create_and_register = existing

    paths = Path.iter_paths.__func__

    def comparable(kind: type[Path], **options: object) -> Iterator[Path]:
        return (path for path in paths(kind, **options) if not SECRET & set(re.split("[:.]", str(path))))

    Path.iter_paths = classmethod(comparable)

    search = SyncSCIMClient.search

    def searched(client: SyncSCIMClient, search_request: SearchRequest, **options: object) -> object:
        """All pages: the tester looks for what it made on the first, which the directory has filled before."""
        found, start = None, 1
        while found is None or start <= found.total_results:
            request = search_request.model_copy(update={"start_index": start, "count": MOST})
            page = search(client, search_request=request, **options)
            if found is None:
                found = page
            elif page.resources:
                found.resources += page.resources
            else:
                break
            start = len(found.resources) + 1
        return found

    SyncSCIMClient.search = searched


def is_answered(result: CheckResult) -> bool:
    """Whether a check that failed tells of what SCIM leaves to the service."""
    data = result.data if isinstance(result.data, dict) else {}
    # Entra keeps an externalId of users and groups only; the tester takes it for an attribute of whatever it made.
    if "'externalId'" in str(result.reason):
        return result.resource_type not in ("User", "Group")
    if (result.title, result.resource_type) in IMPOSSIBLE:
        return isinstance(data.get("error"), NotImplementedException) or data.get("status") == "501"
    # Graph takes them with a new object only. RFC 7643 section 2.2: an immutable attribute shall not be updated.
    return isinstance(data.get("error"), MutabilityException)


def refusals(http: httpx2.Client, tally: Tally) -> None:
    """A write to what can only be read is refused with the reason, and not as if the place were not there."""
    types = {kind["name"]: kind for kind in http.get("/ResourceTypes").json()["Resources"]}
    for name in sorted(READ_ONLY & types.keys()):
        kind = types[name]
        answer = http.post(kind["endpoint"], json={"schemas": [kind["schema"]]})
        told = answer.status_code in (403, 501) and len(answer.json().get("detail", "")) > 20
        tally.note("passed" if told else "failed", f"refusal {name}", answer.text)


def main() -> None:
    options = adaptable().parse_args()
    at = target(options)
    tally = Tally("scim2-tester")
    with httpx2.Client(base_url=at.base, headers={"authorization": f"Bearer {at.token}"}, timeout=60) as http:
        client = SyncSCIMClient(http)
        types = [kind["name"] for kind in http.get("/ResourceTypes").json()["Resources"]]
        if options.published:
            results = check_server(client)
        else:
            adapt(at, Directory(at, http))
            refusals(http, tally)
            results = check_server(client, resource_types=[name for name in types if name not in READ_ONLY])
            reads = [name for name in types if name in READ_ONLY]
            results += check_server(client, resource_types=reads, include_tags={"crud:read"})
        for result in results:
            if result.status == Status.SKIPPED:
                tally.note("skipped")
                continue
            outcome = "passed" if result.status in PASSED or (not options.published and is_answered(result)) else "failed"
            check = " ".join(filter(None, (result.title, result.resource_type)))
            tally.note(outcome, check, f"{result.reason} {result.data}" if outcome == "failed" else "")
    tally.close()


if __name__ == "__main__":
    main()
