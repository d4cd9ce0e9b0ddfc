"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: service principals, and what is granted."""

import json
import uuid
from datetime import datetime, timedelta, timezone
from uuid import UUID

from msgraph.generated.models.app_role import AppRole
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.application import Application
from msgraph.generated.models.claims_mapping_policy import ClaimsMappingPolicy
from msgraph.generated.models.o_auth2_permission_grant import OAuth2PermissionGrant
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.oauth2_permission_grants.oauth2_permission_grants_request_builder import (
    Oauth2PermissionGrantsRequestBuilder,
)
from msgraph.generated.service_principals.count.count_request_builder import CountRequestBuilder
from msgraph.generated.service_principals.item.add_password.add_password_post_request_body import (
    AddPasswordPostRequestBody,
)
from msgraph.generated.service_principals.item.add_token_signing_certificate.add_token_signing_certificate_post_request_body import (
    AddTokenSigningCertificatePostRequestBody,
)
from msgraph.generated.service_principals.item.app_role_assigned_to.app_role_assigned_to_request_builder import (
    AppRoleAssignedToRequestBuilder,
)
from msgraph.generated.service_principals.item.remove_password.remove_password_post_request_body import (
    RemovePasswordPostRequestBody,
)
from msgraph.generated.service_principals.item.service_principal_item_request_builder import (
    ServicePrincipalItemRequestBuilder,
)
from msgraph.generated.service_principals.service_principals_request_builder import ServicePrincipalsRequestBuilder

from graph import Client, advanced, found, ids, names, plain, refused, some
from steps import Box, Steps, equal

ListQuery = ServicePrincipalsRequestBuilder.ServicePrincipalsRequestBuilderGetQueryParameters
ItemQuery = ServicePrincipalItemRequestBuilder.ServicePrincipalItemRequestBuilderGetQueryParameters
CountQuery = CountRequestBuilder.CountRequestBuilderGetQueryParameters
AssignedQuery = AppRoleAssignedToRequestBuilder.AppRoleAssignedToRequestBuilderGetQueryParameters
GrantsQuery = Oauth2PermissionGrantsRequestBuilder.Oauth2PermissionGrantsRequestBuilderGetQueryParameters

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"

steps = Steps()


class Context(Client):
    """The client, the service principals that the sample tenant has, and what one step leaves for the next."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        self.known = {one["id"]: one["appId"] for one in self.sample("sample-directory.json")["servicePrincipals"]}
        self.application = Application()
        self.reader = AppRole()
        self.program = AppRole()
        self.principal = ServicePrincipal()

    def item(self) -> ServicePrincipalItemRequestBuilder:
        """The service principal that a step before created."""
        return self.graph.service_principals.by_service_principal_id(some(self.principal.id))

    def id(self) -> UUID:
        return UUID(some(self.principal.id))


def role(member: str, value: str) -> AppRole:
    """A role that users, or applications, can have."""
    return AppRole(
        id=uuid.uuid4(),
        allowed_member_types=[member],
        description=value,
        display_name=value,
        is_enabled=True,
        value=value,
    )


@steps.step("service principals: list, $count, $filter and $search")
async def list_all(context: Context) -> None:
    everything = found(await context.graph.service_principals.get(plain(ListQuery(top=999))))
    equal({one.id: one.app_id for one in everything}, context.known)
    equal(await context.graph.service_principals.count.get(advanced(CountQuery())), len(context.known))
    query = ListQuery(filter="startswith(displayName,'Contoso')", orderby=["displayName"], count=True)
    page = await context.graph.service_principals.get(advanced(query))
    expected = [name for name in names(everything) if name.startswith("Contoso")]
    equal((names(found(page)), some(page).odata_count), (sorted(expected, key=str.casefold), len(expected)))
    query = ListQuery(search='"displayName:api"', select=["displayName"])
    searched = names(found(await context.graph.service_principals.get(advanced(query))))
    equal(set(searched), {name for name in names(everything) if "api" in name.casefold().split()})


@steps.step("service principals: get by id and by client id")
async def get(context: Context) -> None:
    by_client_id = some(await context.graph.service_principals_with_app_id(MICROSOFT_GRAPH).get())
    equal((by_client_id.display_name, by_client_id.app_id), ("Microsoft Graph", MICROSOFT_GRAPH))
    builder = context.graph.service_principals.by_service_principal_id(some(by_client_id.id))
    query = ItemQuery(select=["appRoles", "oauth2PermissionScopes", "servicePrincipalNames"])
    one = some(await builder.get(plain(query)))
    assert "User.ReadWrite.All" in {role.value for role in some(one.app_roles)}
    assert "User.Read" in {scope.value for scope in some(one.oauth2_permission_scopes)}
    assert MICROSOFT_GRAPH in some(one.service_principal_names)
    equal(one.display_name, None)


@steps.step("service principals: create for an application")
async def create(context: Context) -> None:
    context.reader, context.program = role("User", "Reader"), role("Application", "Program")
    application = Application(display_name="SDK service", app_roles=[context.reader, context.program])
    context.application = some(await context.graph.applications.post(application))
    wanted = ServicePrincipal(app_id=context.application.app_id)
    context.principal = some(await context.graph.service_principals.post(wanted))
    created = context.principal
    equal((created.app_id, created.display_name), (context.application.app_id, "SDK service"))
    equal((created.account_enabled, created.service_principal_type), (True, "Application"))
    equal(str(created.app_owner_organization_id), context.box.tenant_id)
    equal({one.id for one in some(created.app_roles)}, {context.reader.id, context.program.id})
    await refused(context.graph.service_principals.post(wanted), 409)
    await refused(context.graph.service_principals.post(ServicePrincipal(app_id=str(uuid.uuid4()))), 400)


@steps.step("service principals: patch, and follow the application")
async def patch(context: Context) -> None:
    item = context.item()
    change = ServicePrincipal(
        account_enabled=False,
        app_role_assignment_required=True,
        notes="By the SDK",
        preferred_single_sign_on_mode="saml",
        tags=["HideApp"],
    )
    await item.patch(change)
    now = some(await item.get())
    equal((now.account_enabled, now.app_role_assignment_required, now.notes), (False, True, "By the SDK"))
    equal((now.preferred_single_sign_on_mode, now.tags), ("saml", ["HideApp"]))
    await refused(item.patch(ServicePrincipal(preferred_single_sign_on_mode="telepathy")), 400)
    await refused(item.patch(ServicePrincipal(app_id=str(uuid.uuid4()))), 400)
    application = context.graph.applications.by_application_id(some(context.application.id))
    await application.patch(Application(display_name="SDK service, renamed"))
    equal(some(await item.get()).app_display_name, "SDK service, renamed")


@steps.step("service principals: addPassword and removePassword")
async def passwords(context: Context) -> None:
    item = context.item()
    wanted = PasswordCredential(display_name="own")
    added = some(await item.add_password.post(AddPasswordPostRequestBody(password_credential=wanted)))
    assert added.secret_text and added.hint and added.secret_text.startswith(added.hint)
    [kept] = some(some(await item.get()).password_credentials)
    equal((kept.key_id, kept.display_name, kept.secret_text), (added.key_id, "own", None))
    await item.remove_password.post(RemovePasswordPostRequestBody(key_id=added.key_id))
    equal(some(await item.get()).password_credentials, [])


@steps.step("service principals: addTokenSigningCertificate, and prefer it")
async def token_signing_certificate(context: Context) -> None:
    item = context.item()
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=365)
    wanted = AddTokenSigningCertificatePostRequestBody(display_name="CN=trial", end_date_time=end)
    added = some(await item.add_token_signing_certificate.post(wanted))
    equal((added.display_name, added.end_date_time), ("CN=trial", end))
    equal((added.type, added.usage), ("AsymmetricX509Cert", "Verify"))
    assert added.thumbprint
    await item.patch(ServicePrincipal(preferred_token_signing_key_thumbprint=added.thumbprint))
    now = some(await item.get())
    equal(now.preferred_token_signing_key_thumbprint, added.thumbprint)
    keys, [password] = some(now.key_credentials), some(now.password_credentials)
    equal({(key.type, key.usage) for key in keys}, {("X509CertAndPassword", "Sign"), ("AsymmetricX509Cert", "Verify")})
    equal([key.key_id for key in keys if key.usage == "Verify"], [added.key_id])
    equal([key.key_id for key in keys if key.usage == "Sign"], [password.key_id])
    await refused(
        item.add_token_signing_certificate.post(AddTokenSigningCertificatePostRequestBody(display_name="trial")), 400
    )


@steps.step("app roles: assign to a user, a group and a program, from every side")
async def app_roles(context: Context) -> None:
    person = UUID(found(await context.graph.users.get())[0].id)
    group = UUID(found(await context.graph.groups.get())[0].id)
    other = UUID(next(iter(context.known)))
    item = context.item()

    def assignment(principal: UUID, role_id: UUID | None) -> AppRoleAssignment:
        return AppRoleAssignment(principal_id=principal, resource_id=context.id(), app_role_id=role_id)

    to_person = some(await item.app_role_assigned_to.post(assignment(person, context.reader.id)))
    equal((to_person.principal_type, to_person.resource_display_name), ("User", "SDK service, renamed"))
    of_group = context.graph.groups.by_group_id(str(group)).app_role_assignments
    to_group = some(await of_group.post(assignment(group, context.reader.id)))
    equal((to_group.principal_type, to_group.app_role_id), ("Group", context.reader.id))
    of_other = context.graph.service_principals.by_service_principal_id(str(other)).app_role_assignments
    to_other = some(await of_other.post(assignment(other, context.program.id)))
    equal(to_other.principal_type, "ServicePrincipal")
    await refused(item.app_role_assigned_to.post(assignment(person, context.reader.id)), 400)
    await refused(item.app_role_assigned_to.post(assignment(person, context.program.id)), 400)

    assigned = found(await item.app_role_assigned_to.get())
    equal(
        {one.id: one.principal_id for one in assigned}, {to_person.id: person, to_group.id: group, to_other.id: other}
    )
    query = AssignedQuery(filter=f"principalDisplayName eq '{to_person.principal_display_name}'")
    equal(ids(found(await item.app_role_assigned_to.get(plain(query)))), [to_person.id])
    of_person = context.graph.users.by_user_id(str(person)).app_role_assignments
    assert to_person.id in ids(found(await of_person.get()))
    await of_person.by_app_role_assignment_id(some(to_person.id)).delete()
    await of_other.by_app_role_assignment_id(some(to_other.id)).delete()
    equal(ids(found(await item.app_role_assigned_to.get())), [to_group.id])
    await item.app_role_assigned_to.by_app_role_assignment_id(some(to_group.id)).delete()
    equal(found(await item.app_role_assigned_to.get()), [])


@steps.step("oauth2PermissionGrants: create, list, patch, delete")
async def grants(context: Context) -> None:
    grants = context.graph.oauth2_permission_grants
    resource = some(await context.graph.service_principals_with_app_id(MICROSOFT_GRAPH).get()).id
    person = found(await context.graph.users.get())[0].id
    wanted = OAuth2PermissionGrant(
        client_id=context.principal.id, consent_type="AllPrincipals", resource_id=resource, scope="User.Read"
    )
    for_all = some(await grants.post(wanted))
    equal((for_all.client_id, for_all.scope, for_all.principal_id), (context.principal.id, "User.Read", None))
    await refused(grants.post(wanted), 409)
    wanted.consent_type, wanted.principal_id = "Principal", person
    for_one = some(await grants.post(wanted))
    equal((for_one.consent_type, for_one.principal_id), ("Principal", person))

    query = GrantsQuery(filter=f"clientId eq '{context.principal.id}'")
    equal(ids(found(await grants.get(plain(query)))), [for_all.id, for_one.id])
    equal(ids(found(await context.item().oauth2_permission_grants.get())), [for_all.id, for_one.id])
    of_person = context.graph.users.by_user_id(some(person)).oauth2_permission_grants
    assert for_one.id in ids(found(await of_person.get()))
    item = grants.by_o_auth2_permission_grant_id(some(for_all.id))
    await item.patch(OAuth2PermissionGrant(scope="User.Read openid"))
    equal(some(await item.get()).scope, "User.Read openid")
    await item.delete()
    await refused(item.get(), 404)
    equal(ids(found(await grants.get(plain(query)))), [for_one.id])


@steps.step("claims mapping policies: create, assign by reference, patch, delete")
async def policies(context: Context) -> None:
    policies, assigned = context.graph.policies.claims_mapping_policies, context.item().claims_mapping_policies
    known = [one["id"] for one in context.sample("sample-resources.json")["claimsMappingPolicies"]]
    equal(ids(found(await policies.get())), known)
    definition = json.dumps({"ClaimsMappingPolicy": {"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": []}})
    policy = some(await policies.post(ClaimsMappingPolicy(display_name="Of the SDK", definition=[definition])))
    equal((policy.display_name, policy.definition), ("Of the SDK", [definition]))
    await refused(policies.post(ClaimsMappingPolicy(display_name="No JSON", definition=["{"])), 400)
    await assigned.ref.post(context.reference("policies/claimsMappingPolicies", policy.id))
    equal(ids(found(await assigned.get())), [policy.id])
    await refused(assigned.ref.post(context.reference("policies/claimsMappingPolicies", known[0])), 400)
    item = policies.by_claims_mapping_policy_id(some(policy.id))
    await item.patch(ClaimsMappingPolicy(display_name="Still of the SDK"))
    equal(names(found(await assigned.get())), ["Still of the SDK"])
    await assigned.by_claims_mapping_policy_id(some(policy.id)).ref.delete()
    equal(found(await assigned.get()), [])
    await item.delete()
    await refused(item.get(), 404)
    equal(ids(found(await policies.get())), known)


@steps.step("service principals: add and remove owners")
async def owners(context: Context) -> None:
    owners_of = context.item().owners
    one, other = ids(found(await context.graph.users.get()))[:2]
    for person in (one, other):
        await owners_of.ref.post(context.reference("directoryObjects", person))
    equal(set(ids(found(await owners_of.get()))), {one, other})
    await owners_of.by_directory_object_id(one).ref.delete()
    equal(ids(found(await owners_of.get())), [other])


@steps.step("service principals: delete, find among the deleted items, restore, delete for good")
async def delete(context: Context) -> None:
    item, deleted = context.item(), context.graph.directory.deleted_items
    gone = deleted.by_directory_object_id(some(context.principal.id))
    await item.delete()
    await refused(item.get(), 404)
    assert context.principal.id in ids(found(await deleted.graph_service_principal.get()))
    equal(some(await gone.restore.post()).id, context.principal.id)
    equal(some(await item.get()).app_id, context.application.app_id)
    await item.delete()
    await gone.delete()
    await refused(gone.get(), 404)
    still = await context.graph.applications.by_application_id(some(context.application.id)).get()
    equal(some(still).app_id, context.application.app_id)


if __name__ == "__main__":
    steps.main(Context)
