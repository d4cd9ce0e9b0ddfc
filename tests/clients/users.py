"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: everything it can do with users."""

import json
import uuid

from kiota_abstractions.request_information import RequestInformation
from kiota_serialization_json.json_parse_node import JsonParseNode
from msgraph.generated.directory.deleted_items.graph_user.graph_user_request_builder import GraphUserRequestBuilder
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.reference_update import ReferenceUpdate
from msgraph.generated.models.user import User
from msgraph.generated.models.user_collection_response import UserCollectionResponse
from msgraph.generated.users.count.count_request_builder import CountRequestBuilder
from msgraph.generated.users.delta.delta_get_response import DeltaGetResponse
from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.requests.batch_response_content import BatchResponseContent
from msgraph_core.tasks import PageIterator

from graph import DOMAIN, Client, advanced, found, names, plain, refused
from steps import Box, Steps, equal

ListQuery = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
ItemQuery = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters
DeltaQuery = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters
CountQuery = CountRequestBuilder.CountRequestBuilderGetQueryParameters
DeletedQuery = GraphUserRequestBuilder.GraphUserRequestBuilderGetQueryParameters

# One more than fit on a page of delta. More only take longer: this SDK needs a second for a hundred users.
USERS = 201

steps = Steps()


class Context(Client):
    """The client, and what one step leaves for the next."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        self.everyone: list[User] = []
        self.user = User()
        self.deltas: dict[str, User] = {}
        self.delta_link = ""

    def id(self) -> str:
        """The id of the user that a step before created."""
        assert self.user.id
        return self.user.id


def batched(request: RequestInformation, name: str, context: Context) -> BatchRequestItem:
    """A request of a batch. This SDK leaves its address absolute, which Graph refuses (msgraph-sdk-python 1015)."""
    item = BatchRequestItem(request, name)
    item.url = item.url.removeprefix(f"{context.box.url}/v1.0")
    return item


async def batch_bodies(content: BatchRequestContent, context: Context) -> dict[str, JsonParseNode]:
    """The bodies in the answer to a batch. This release of the SDK keeps none that is an object: its JSON reader takes
    them for base64, so they are taken from the answer as it came."""
    request = await context.graph.batch.to_post_request_information(content)
    answer = await context.graph.request_adapter.send_primitive_async(request, "bytes", {})
    assert isinstance(answer, bytes)
    return {one["id"]: JsonParseNode(one.get("body")) for one in json.loads(answer)["responses"]}


@steps.step("organization: get")
async def organization(context: Context) -> None:
    page = await context.graph.organization.get()
    assert page is not None and page.value
    equal(page.value[0].id, context.box.tenant_id)


@steps.step("users: list, the default page")
async def list_default(context: Context) -> None:
    page = await context.graph.users.get()
    users = found(page)
    equal(len(users), 100)
    assert page is not None and page.odata_next_link
    assert all(user.id and user.display_name and user.user_principal_name for user in users)
    equal({user.department for user in users}, {None})


@steps.step("users: list, page by page with PageIterator")
async def list_pages(context: Context) -> None:
    select = ["id", "displayName", "userPrincipalName", "accountEnabled", "onPremisesSyncEnabled"]
    first = await context.graph.users.get(plain(ListQuery(select=select, top=40)))
    everyone: list[User] = []

    def keep(user: User) -> bool:
        everyone.append(user)
        return True

    assert first is not None
    await PageIterator(first, context.graph.request_adapter).iterate(keep)
    equal(len(everyone), USERS)
    equal(len({user.id for user in everyone}), USERS)
    equal({type(user) for user in everyone}, {User})
    context.everyone = everyone


@steps.step("users: list with $select and $top")
async def list_select(context: Context) -> None:
    users = found(await context.graph.users.get(plain(ListQuery(select=["id", "displayName"], top=3))))
    equal([user.id for user in users], [user.id for user in context.everyone[:3]])
    equal(names(users), names(context.everyone[:3]))
    equal({user.user_principal_name for user in users}, {None})


@steps.step("users: list with $filter")
async def list_filter(context: Context) -> None:
    one = context.everyone[7]
    by_name = await context.graph.users.get(plain(ListQuery(filter=f"userPrincipalName eq '{one.user_principal_name}'")))
    equal([user.id for user in found(by_name)], [one.id])
    start = (one.display_name or "")[:2]
    query = ListQuery(filter=f"startswith(displayName,'{start}') and accountEnabled eq true", top=999)
    expected = {user.id for user in context.everyone if (user.display_name or "").startswith(start) and user.account_enabled}
    assert one.id in expected or not one.account_enabled
    equal({user.id for user in found(await context.graph.users.get(plain(query)))}, expected)


@steps.step("users: list with $orderby")
async def list_order(context: Context) -> None:
    query = ListQuery(select=["displayName"], orderby=["displayName"], top=25)
    ordered = names(found(await context.graph.users.get(plain(query))))
    equal(ordered, sorted(names(context.everyone), key=str.casefold)[:25])


@steps.step("users: list with $count, $filter and $orderby, an advanced query")
async def list_count(context: Context) -> None:
    query = ListQuery(filter=f"endsWith(userPrincipalName,'{DOMAIN}')", orderby=["displayName"], count=True, top=5)
    page = await context.graph.users.get(advanced(query))
    equal(len(found(page)), 5)
    assert page is not None
    expected = [user for user in context.everyone if (user.user_principal_name or "").endswith(DOMAIN)]
    equal(page.odata_count, len(expected))
    await refused(context.graph.users.get(plain(query)), 400)


@steps.step("users: $count")
async def count(context: Context) -> None:
    equal(await context.graph.users.count.get(advanced(CountQuery())), USERS)
    query = CountQuery(filter="accountEnabled eq false")
    expected = [user for user in context.everyone if user.account_enabled is False]
    equal(await context.graph.users.count.get(advanced(query)), len(expected))


@steps.step("users: list with $search")
async def search(context: Context) -> None:
    word = (context.everyone[11].display_name or "").split()[0]
    query = ListQuery(search=f'"displayName:{word}"', select=["id", "displayName"], count=True)
    users = found(await context.graph.users.get(advanced(query)))
    assert context.everyone[11].id in {user.id for user in users}
    assert all(word.casefold() in name.casefold() for name in names(users)), names(users)


@steps.step("users: get by id and by name, with $select and $expand")
async def get(context: Context) -> None:
    one = context.everyone[3]
    assert one.id and one.user_principal_name
    for key in (one.id, one.user_principal_name):
        user = await context.graph.users.by_user_id(key).get()
        assert user is not None
        equal((user.id, user.display_name), (one.id, one.display_name))
    query = ItemQuery(select=["id", "createdDateTime", "businessPhones"], expand=["manager($select=id,displayName)"])
    managed = []
    for candidate in context.everyone[:20]:
        user = await context.graph.users.by_user_id(candidate.id or "").get(plain(query))
        assert user is not None and user.created_date_time is not None and user.business_phones is not None
        if user.manager is not None:
            managed.append(user.manager)
    assert managed
    everyone = {user.id: user.display_name for user in context.everyone}
    for manager in managed:
        assert isinstance(manager, User)
        equal(manager.display_name, everyone[manager.id])


@steps.step("users: delta, to the end of its pages")
async def delta(context: Context) -> None:
    query = DeltaQuery(select=["id", "displayName", "department"])
    page = await context.graph.users.delta.get(plain(query))
    pages = 0
    while True:
        assert page is not None and page.value is not None
        pages += 1
        context.deltas |= {user.id or "": user for user in page.value}
        if page.odata_next_link is None:
            break
        assert page.odata_delta_link is None
        page = await context.graph.users.delta.with_url(page.odata_next_link).get()
    assert page.odata_delta_link is not None
    context.delta_link = page.odata_delta_link
    equal(pages, 2)
    equal({key: user.display_name for key, user in context.deltas.items()}, {user.id: user.display_name for user in context.everyone})


@steps.step("users: create")
async def create(context: Context) -> None:
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    user = User(
        account_enabled=True,
        display_name="Ada from the SDK",
        mail_nickname=name,
        user_principal_name=f"{name}@{DOMAIN}",
        department="Engines",
        business_phones=["+44 20 7946 0001"],
        password_profile=PasswordProfile(password=f"Aa1!{uuid.uuid4()}", force_change_password_next_sign_in=True),
    )
    created = await context.graph.users.post(user)
    assert created is not None and created.id
    equal(created.user_principal_name, user.user_principal_name)
    equal(created.business_phones, user.business_phones)
    context.user = created
    await refused(context.graph.users.post(user), 400)


@steps.step("users: patch, values and nothing")
async def patch(context: Context) -> None:
    item = context.graph.users.by_user_id(context.id())
    changed = User(display_name="Ada Lovelace", job_title="Analyst", employee_id="1815")
    await item.patch(changed)
    query = ItemQuery(select=["displayName", "jobTitle", "department", "employeeId"])
    user = await item.get(plain(query))
    assert user is not None
    equal((user.display_name, user.job_title, user.department), ("Ada Lovelace", "Analyst", "Engines"))
    # This SDK sends no null, but for what is named among the additional data.
    await item.patch(User(additional_data={"department": None}))
    user = await item.get(plain(query))
    assert user is not None
    equal((user.department, user.employee_id), (None, "1815"))


@steps.step("users: set, read and remove the manager")
async def manager(context: Context) -> None:
    item = context.graph.users.by_user_id(context.id())
    boss = context.everyone[0]
    await item.manager.ref.put(ReferenceUpdate(odata_id=f"{context.box.url}/v1.0/users/{boss.id}"))
    found_boss = await item.manager.get()
    assert isinstance(found_boss, User)
    equal((found_boss.id, found_boss.display_name), (boss.id, boss.display_name))
    await item.manager.ref.delete()
    await refused(item.manager.get(), 404)


@steps.step("batch: several requests, each with its own outcome")
async def batch(context: Context) -> None:
    users, item = context.graph.users, context.graph.users.by_user_id(context.id())
    get_one = item.to_get_request_information(plain(ItemQuery(select=["id", "displayName"])))
    get_some = users.to_get_request_information(plain(ListQuery(select=["id"], top=4)))
    change = item.to_patch_request_information(User(office_location="London"))
    nobody = users.by_user_id(str(uuid.uuid4())).to_get_request_information()
    content = BatchRequestContent()
    for name, request in (("one", get_one), ("some", get_some), ("change", change), ("nobody", nobody)):
        content.add_request(name, batched(request, name, context))
    answer = await context.graph.batch.post(content)
    assert isinstance(answer, BatchResponseContent)
    equal(answer.get_response_status_codes(), {"one": 200, "some": 200, "change": 204, "nobody": 404})
    user = await item.get(plain(ItemQuery(select=["officeLocation"])))
    assert user is not None
    equal(user.office_location, "London")

    bodies = await batch_bodies(content, context)
    one = bodies["one"].get_object_value(User)
    equal((one.id, one.display_name), (context.id(), "Ada Lovelace"))
    some = found(bodies["some"].get_object_value(UserCollectionResponse))
    equal([user.id for user in some], [user.id for user in context.everyone[:4]])
    error = bodies["nobody"].get_object_value(ODataError)
    assert error.error is not None
    equal(error.error.code, "Request_ResourceNotFound")


@steps.step("users: delete, find among the deleted items, restore")
async def delete(context: Context) -> None:
    item = context.graph.users.by_user_id(context.id())
    deleted = context.graph.directory.deleted_items
    await item.delete()
    await refused(item.get(), 404)
    page = await deleted.graph_user.get(plain(DeletedQuery(select=["id", "displayName", "deletedDateTime"])))
    assert context.id() in {user.id for user in found(page)}
    one = await deleted.by_directory_object_id(context.id()).get()
    assert one is not None
    equal(one.id, context.id())
    restored = await deleted.by_directory_object_id(context.id()).restore.post()
    assert restored is not None
    equal(restored.id, context.id())
    user = await item.get()
    assert user is not None
    equal(user.display_name, "Ada Lovelace")


@steps.step("users: delta, what changed since")
async def delta_changes(context: Context) -> None:
    # Graph lets nobody write to those that are mastered on premises.
    changed, removed, *_ = [user for user in context.everyone if not user.on_premises_sync_enabled]
    await context.graph.users.by_user_id(changed.id or "").patch(User(department="Changed by the SDK"))
    await context.graph.users.by_user_id(removed.id or "").delete()
    page: DeltaGetResponse | None = await context.graph.users.delta.with_url(context.delta_link).get()
    assert page is not None and page.value is not None and page.odata_delta_link
    changes = {user.id: user for user in page.value}
    equal(set(changes), {context.user.id, changed.id, removed.id})
    equal(changes[context.user.id].display_name, "Ada Lovelace")
    equal(changes[changed.id].department, "Changed by the SDK")
    equal(changes[removed.id].additional_data["@removed"], {"reason": "changed"})
    after = await context.graph.users.delta.with_url(page.odata_delta_link).get()
    assert after is not None
    equal(after.value, [])


@steps.step("errors: 404 and 400 arrive as ODataError")
async def errors(context: Context) -> None:
    nobody = str(uuid.uuid4())
    missing = await refused(context.graph.users.by_user_id(nobody).get(), 404)
    assert missing.error is not None and missing.error.inner_error is not None
    equal(missing.error.code, "Request_ResourceNotFound")
    assert nobody in (missing.error.message or "")
    assert missing.error.inner_error.request_id and missing.error.inner_error.client_request_id
    assert missing.error.inner_error.date is not None
    for query in (ListQuery(filter="nothing eq 'x'"), ListQuery(select=["nothing"]), ListQuery(top=1_000)):
        await refused(context.graph.users.get(plain(query)), 400)


@steps.step("errors: after a 429 the SDK waits and tries again")
async def throttled(context: Context) -> None:
    context.control("POST", "/_tenant/faults", b'{"match": "GET /users", "status": 429, "retryAfter": 1}')
    equal(len(found(await context.graph.users.get(plain(ListQuery(top=2))))), 2)


@steps.step("errors: after its token was revoked the SDK gets another one")
async def revoked(context: Context) -> None:
    context.control("POST", "/_tenant/revoke", b'{"tokens": true}')
    equal(len(found(await context.graph.users.get(plain(ListQuery(top=2))))), 2)


if __name__ == "__main__":
    steps.main(Context)
