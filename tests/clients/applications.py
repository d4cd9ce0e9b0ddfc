"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: applications, and what they are made of."""

import uuid
from datetime import datetime, timedelta, timezone

from msgraph.generated.application_templates.application_templates_request_builder import (
    ApplicationTemplatesRequestBuilder,
)
from msgraph.generated.application_templates.item.instantiate.instantiate_post_request_body import (
    InstantiatePostRequestBody,
)
from msgraph.generated.applications.applications_request_builder import ApplicationsRequestBuilder
from msgraph.generated.applications.count.count_request_builder import CountRequestBuilder
from msgraph.generated.applications.item.add_password.add_password_post_request_body import AddPasswordPostRequestBody
from msgraph.generated.applications.item.application_item_request_builder import ApplicationItemRequestBuilder
from msgraph.generated.applications.item.federated_identity_credentials.federated_identity_credentials_request_builder import (
    FederatedIdentityCredentialsRequestBuilder,
)
from msgraph.generated.applications.item.remove_password.remove_password_post_request_body import (
    RemovePasswordPostRequestBody,
)
from msgraph.generated.directory.deleted_items.graph_application.graph_application_request_builder import (
    GraphApplicationRequestBuilder,
)
from msgraph.generated.models.api_application import ApiApplication
from msgraph.generated.models.app_role import AppRole
from msgraph.generated.models.application import Application
from msgraph.generated.models.extension_property import ExtensionProperty
from msgraph.generated.models.federated_identity_credential import FederatedIdentityCredential
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.permission_scope import PermissionScope
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.user import User
from msgraph.generated.models.web_application import WebApplication

from graph import Client, advanced, found, ids, names, plain, refused, some
from steps import Box, Steps, equal

ListQuery = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters
ItemQuery = ApplicationItemRequestBuilder.ApplicationItemRequestBuilderGetQueryParameters
CountQuery = CountRequestBuilder.CountRequestBuilderGetQueryParameters
FederatedQuery = FederatedIdentityCredentialsRequestBuilder.FederatedIdentityCredentialsRequestBuilderGetQueryParameters
TemplatesQuery = ApplicationTemplatesRequestBuilder.ApplicationTemplatesRequestBuilderGetQueryParameters
DeletedQuery = GraphApplicationRequestBuilder.GraphApplicationRequestBuilderGetQueryParameters

GITHUB = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"

steps = Steps()


class Context(Client):
    """The client, the applications that the sample tenant has, and what one step leaves for the next."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        self.known = {one["displayName"]: one for one in self.sample("sample-directory.json")["applications"]}
        self.application = Application()

    def item(self) -> ApplicationItemRequestBuilder:
        """The application that a step before created."""
        return self.graph.applications.by_application_id(some(self.application.id))


@steps.step("applications: list, the default page, $count and $search")
async def list_default(context: Context) -> None:
    applications = found(await context.graph.applications.get())
    known = {one["id"]: (name, one["appId"]) for name, one in context.known.items()}
    equal({one.id: (one.display_name, one.app_id) for one in applications}, known)
    equal(await context.graph.applications.count.get(advanced(CountQuery())), len(known))
    query = ListQuery(search='"displayName:contoso"', select=["displayName"], count=True)
    page = await context.graph.applications.get(advanced(query))
    expected = {name for name in context.known if "contoso" in name.casefold()}
    equal((set(names(found(page))), some(page).odata_count), (expected, len(expected)))


@steps.step("applications: list with $filter and $top, get by id and by client id")
async def list_filter(context: Context) -> None:
    known = context.known["Contoso Orders API"]
    query = ListQuery(filter=f"appId eq '{known['appId']}'")
    [one] = found(await context.graph.applications.get(plain(query)))
    equal((one.id, one.display_name), (known["id"], "Contoso Orders API"))
    by_id = some(await context.graph.applications.by_application_id(known["id"]).get())
    by_client_id = some(await context.graph.applications_with_app_id(known["appId"]).get())
    for one in (by_id, by_client_id):
        scopes = some(some(one.api).oauth2_permission_scopes)
        equal({scope.value for scope in scopes}, {scope["value"] for scope in known["api"]["oauth2PermissionScopes"]})
    page = await context.graph.applications.get(plain(ListQuery(select=["id"], top=7)))
    more = await context.graph.applications.with_url(some(some(page).odata_next_link)).get()
    equal(len({*ids(found(page)), *ids(found(more))}), 14)


@steps.step("applications: create")
async def create(context: Context) -> None:
    application = Application(
        display_name="SDK trial",
        sign_in_audience="AzureADMyOrg",
        web=WebApplication(redirect_uris=["https://trial.contoso.com/signin-oidc"]),
        api=ApiApplication(requested_access_token_version=2),
    )
    context.application = some(await context.graph.applications.post(application))
    created = context.application
    equal((created.display_name, created.publisher_domain), ("SDK trial", "contoso.onmicrosoft.com"))
    equal(some(created.web).redirect_uris, ["https://trial.contoso.com/signin-oidc"])
    equal(some(created.api).requested_access_token_version, 2)
    assert created.app_id and created.app_id != created.id and created.created_date_time
    await refused(context.graph.applications.post(Application(description="Without a name")), 400)


@steps.step("applications: patch roles, scopes and identifiers")
async def patch(context: Context) -> None:
    item, app_id = context.item(), context.application.app_id
    role = AppRole(
        id=uuid.uuid4(),
        allowed_member_types=["User"],
        description="Reads trials",
        display_name="Reader",
        is_enabled=True,
        value="Trial.Read",
    )
    scope = PermissionScope(
        id=uuid.uuid4(),
        admin_consent_description="Reads trials",
        admin_consent_display_name="Read trials",
        is_enabled=True,
        type="User",
        value="Trial.Read.Own",
    )
    change = Application(
        app_roles=[role],
        api=ApiApplication(oauth2_permission_scopes=[scope]),
        description="For trials",
        identifier_uris=[f"api://{app_id}"],
        tags=["trial"],
    )
    await item.patch(change)
    query = ItemQuery(select=["displayName", "description", "appRoles", "api", "identifierUris", "tags", "web"])
    now = some(await item.get(plain(query)))
    equal((now.display_name, now.description, now.tags), ("SDK trial", "For trials", ["trial"]))
    equal(now.identifier_uris, [f"api://{app_id}"])
    equal([(one.id, one.value) for one in some(now.app_roles)], [(role.id, "Trial.Read")])
    equal([one.id for one in some(some(now.api).oauth2_permission_scopes)], [scope.id])
    equal(some(now.api).requested_access_token_version, 2)
    equal(some(now.web).redirect_uris, ["https://trial.contoso.com/signin-oidc"])
    await refused(item.patch(Application(identifier_uris=["https://elsewhere.example"])), 400)
    # A role has to be switched off before it is taken away.
    await refused(item.patch(Application(app_roles=[])), 400)
    role.is_enabled = False
    await item.patch(Application(app_roles=[role]))
    await item.patch(Application(app_roles=[]))
    equal(some(await item.get()).app_roles, [])


@steps.step("applications: addPassword and removePassword")
async def passwords(context: Context) -> None:
    item = context.item()
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
    wanted = PasswordCredential(display_name="for a month", end_date_time=end)
    added = some(await item.add_password.post(AddPasswordPostRequestBody(password_credential=wanted)))
    equal((added.display_name, added.end_date_time), ("for a month", end))
    assert added.key_id and added.secret_text and added.hint
    assert added.secret_text.startswith(added.hint)
    [kept] = some(some(await item.get()).password_credentials)
    equal((kept.key_id, kept.hint, kept.secret_text), (added.key_id, added.hint, None))
    await item.remove_password.post(RemovePasswordPostRequestBody(key_id=added.key_id))
    equal(some(await item.get()).password_credentials, [])
    await refused(item.remove_password.post(RemovePasswordPostRequestBody(key_id=added.key_id)), 400)


@steps.step("applications: add, list and remove owners")
async def owners(context: Context) -> None:
    owners_of = context.item().owners
    person = found(await context.graph.users.get())[0]
    program = context.sample("sample-groups.json")["servicePrincipals"][0]["id"]
    equal(found(await owners_of.get()), [])
    await owners_of.ref.post(context.reference("directoryObjects", person.id))
    await owners_of.ref.post(context.reference("directoryObjects", program))
    await refused(owners_of.ref.post(context.reference("directoryObjects", person.id)), 400)
    found_owners = {one.id: type(one) for one in found(await owners_of.get())}
    equal(found_owners, {person.id: User, program: ServicePrincipal})
    await owners_of.by_directory_object_id(program).ref.delete()
    equal(ids(found(await owners_of.get())), [person.id])


@steps.step("federated identity credentials: create, list, patch, delete")
async def federated(context: Context) -> None:
    credentials = context.item().federated_identity_credentials
    wanted = FederatedIdentityCredential(name="main", issuer=GITHUB, subject="repo:a/b:ref:main", audiences=[AUDIENCE])
    created = some(await credentials.post(wanted))
    equal((created.name, created.issuer, created.audiences), ("main", GITHUB, [AUDIENCE]))
    await refused(credentials.post(wanted), 409)
    other = FederatedIdentityCredential(name="tags", issuer=GITHUB, subject="repo:a/b:ref:tags", audiences=[AUDIENCE])
    await credentials.post(other)
    equal([one.name for one in found(await credentials.get())], ["main", "tags"])
    [by_subject] = found(await credentials.get(plain(FederatedQuery(filter="subject eq 'repo:a/b:ref:main'"))))
    equal(by_subject.id, created.id)
    item = credentials.by_federated_identity_credential_id(some(created.id))
    await item.patch(FederatedIdentityCredential(subject="repo:a/b:environment:production", description="Deploys"))
    now = some(await item.get())
    equal((now.name, now.subject, now.description), ("main", "repo:a/b:environment:production", "Deploys"))
    await item.delete()
    await refused(item.get(), 404)
    equal([one.name for one in found(await credentials.get())], ["tags"])


@steps.step("extension properties: create, list, delete")
async def extension_properties(context: Context) -> None:
    properties = context.item().extension_properties
    wanted = ExtensionProperty(name="badge", data_type="String", target_objects=["User"])
    created = some(await properties.post(wanted))
    name = f"extension_{some(context.application.app_id).replace('-', '')}_badge"
    equal((created.name, created.data_type, created.target_objects), (name, "String", ["User"]))
    equal([one.name for one in found(await properties.get())], [name])
    await properties.by_extension_property_id(some(created.id)).delete()
    equal(found(await properties.get()), [])


@steps.step("applications: delete, find among the deleted items, restore, delete for good")
async def delete(context: Context) -> None:
    item, deleted = context.item(), context.graph.directory.deleted_items
    gone = deleted.by_directory_object_id(some(context.application.id))
    await item.delete()
    await refused(item.get(), 404)
    query = DeletedQuery(select=["id", "displayName", "deletedDateTime"])
    page = found(await deleted.graph_application.get(plain(query)))
    known = {one["id"]: one["displayName"] for one in context.sample("sample-deleted.json")["applications"]}
    equal({one.id: one.display_name for one in page}, known | {context.application.id: "SDK trial"})
    assert all(one.deleted_date_time for one in page)
    one = some(await gone.get())
    assert isinstance(one, Application)
    equal(one.app_id, context.application.app_id)
    equal(some(await gone.restore.post()).id, context.application.id)
    equal(some(await item.get()).identifier_uris, [f"api://{context.application.app_id}"])
    await item.delete()
    await gone.delete()
    await refused(gone.get(), 404)
    equal(set(ids(found(await deleted.graph_application.get()))), set(known))


@steps.step("application templates: list with $filter, and get")
async def templates(context: Context) -> None:
    templates = context.graph.application_templates
    known = {one["id"]: one["displayName"] for one in context.sample("sample-resources.json")["applicationTemplates"]}
    equal({one.id: one.display_name for one in found(await templates.get())}, known)
    name = sorted(known.values())[-1]
    [one] = found(await templates.get(plain(TemplatesQuery(filter=f"displayName eq '{name}'"))))
    same = some(await templates.by_application_template_id(some(one.id)).get())
    equal((same.display_name, same.publisher), (name, one.publisher))
    query = TemplatesQuery(orderby=["displayName"], top=2)
    equal(names(found(await templates.get(plain(query)))), sorted(known.values(), key=str.lower)[:2])


@steps.step("application templates: instantiate")
async def instantiate(context: Context) -> None:
    template = found(await context.graph.application_templates.get())[1]
    builder = context.graph.application_templates.by_application_template_id(some(template.id))
    made = some(await builder.instantiate.post(InstantiatePostRequestBody(display_name="Made by the SDK")))
    application, principal = some(made.application), some(made.service_principal)
    equal((application.display_name, principal.display_name), ("Made by the SDK", "Made by the SDK"))
    equal((application.app_id, application.application_template_id), (principal.app_id, template.id))
    there = some(await context.graph.applications.by_application_id(some(application.id)).get())
    equal(there.app_id, application.app_id)
    works = some(await context.graph.service_principals.by_service_principal_id(some(principal.id)).get())
    equal((works.app_id, works.application_template_id), (application.app_id, template.id))
    await context.graph.applications.by_application_id(some(application.id)).delete()
    await refused(context.graph.service_principals.by_service_principal_id(some(principal.id)).get(), 404)


if __name__ == "__main__":
    steps.main(Context)
