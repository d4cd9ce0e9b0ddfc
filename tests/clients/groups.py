"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: groups, and who is in them."""

import uuid

from msgraph.generated.directory.deleted_items.graph_group.graph_group_request_builder import GraphGroupRequestBuilder
from msgraph.generated.groups.count.count_request_builder import CountRequestBuilder
from msgraph.generated.groups.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.groups.item.group_item_request_builder import GroupItemRequestBuilder
from msgraph.generated.groups.item.members.count.count_request_builder import CountRequestBuilder as MemberCountBuilder
from msgraph.generated.groups.item.members.graph_user.graph_user_request_builder import GraphUserRequestBuilder
from msgraph.generated.groups.item.members.members_request_builder import MembersRequestBuilder
from msgraph.generated.groups.item.transitive_members.transitive_members_request_builder import (
    TransitiveMembersRequestBuilder,
)
from msgraph.generated.models.directory_object import DirectoryObject
from msgraph.generated.models.group import Group
from msgraph.generated.models.org_contact import OrgContact
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.user import User
from msgraph_core.tasks import PageIterator

from graph import DOMAIN, Client, advanced, found, ids, names, plain, refused, some
from steps import Box, Steps, equal

ListQuery = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters
ItemQuery = GroupItemRequestBuilder.GroupItemRequestBuilderGetQueryParameters
CountQuery = CountRequestBuilder.CountRequestBuilderGetQueryParameters
DeltaQuery = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters
MembersQuery = MembersRequestBuilder.MembersRequestBuilderGetQueryParameters
MemberCountQuery = MemberCountBuilder.CountRequestBuilderGetQueryParameters
MemberUsersQuery = GraphUserRequestBuilder.GraphUserRequestBuilderGetQueryParameters
TransitiveQuery = TransitiveMembersRequestBuilder.TransitiveMembersRequestBuilderGetQueryParameters
DeletedQuery = GraphGroupRequestBuilder.GraphGroupRequestBuilderGetQueryParameters

steps = Steps()


class Context(Client):
    """The client, the groups that the sample tenant has, and what one step leaves for the next."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        self.known = {group["displayName"]: group for group in self.sample("sample-groups.json")["groups"]}
        self.people: list[str] = []
        self.group = Group()
        self.team = Group()
        self.delta_link = ""

    def item(self, group: Group) -> GroupItemRequestBuilder:
        return self.graph.groups.by_group_id(some(group.id))

    def sampled(self, name: str) -> GroupItemRequestBuilder:
        """The group of the sample tenant with this name."""
        return self.graph.groups.by_group_id(self.known[name]["id"])


async def members(context: Context) -> list[DirectoryObject]:
    return found(await context.item(context.group).members.get())


@steps.step("groups: list, the default page")
async def list_default(context: Context) -> None:
    groups = found(await context.graph.groups.get())
    known_names = {group["id"]: name for name, group in context.known.items()}
    equal({group.id: group.display_name for group in groups}, known_names)
    equal({type(group) for group in groups}, {Group})
    for group in groups:
        known = context.known[some(group.display_name)]
        equal((group.group_types, group.mail_enabled), (known["groupTypes"], known["mailEnabled"]))
        equal((group.mail, group.security_identifier), (known.get("mail"), known["securityIdentifier"]))


@steps.step("groups: list, page by page with PageIterator")
async def list_pages(context: Context) -> None:
    first = await context.graph.groups.get(plain(ListQuery(select=["id", "displayName"], top=5)))
    equal(len(found(first)), 5)
    groups: list[Group] = []

    def keep(group: Group) -> bool:
        groups.append(group)
        return True

    await PageIterator(first, context.graph.request_adapter).iterate(keep)
    equal(len(groups), len(context.known))
    equal(set(names(groups)), set(context.known))


@steps.step("groups: list with $filter, $orderby, $search and $count")
async def list_filter(context: Context) -> None:
    query = ListQuery(filter="groupTypes/any(type:type eq 'Unified')", select=["displayName"])
    unified = {name for name, group in context.known.items() if "Unified" in group["groupTypes"]}
    equal(set(names(found(await context.graph.groups.get(plain(query))))), unified)
    query = ListQuery(filter="mailEnabled eq true", orderby=["displayName"], count=True, top=2)
    page = await context.graph.groups.get(advanced(query))
    mailed = sorted((name for name, group in context.known.items() if group["mailEnabled"]), key=str.casefold)
    equal((names(found(page)), some(page).odata_count), (mailed[:2], len(mailed)))
    await refused(context.graph.groups.get(plain(query)), 400)
    query = ListQuery(search='"displayName:office"', select=["displayName"])
    offices = {name for name in context.known if "office" in name.casefold()}
    equal(set(names(found(await context.graph.groups.get(advanced(query))))), offices)
    equal(await context.graph.groups.count.get(advanced(CountQuery())), len(context.known))


@steps.step("groups: delta, to the end of its pages")
async def delta(context: Context) -> None:
    page = await context.graph.groups.delta.get(plain(DeltaQuery(select=["displayName", "members"])))
    groups = found(page)
    while some(page).odata_next_link is not None:
        page = await context.graph.groups.delta.with_url(some(some(page).odata_next_link)).get()
        groups += found(page)
    context.delta_link = some(some(page).odata_delta_link)
    equal(set(names(groups)), set(context.known))
    told: dict[str, set[str]] = {name: set() for name in context.known}
    for group in groups:
        told[some(group.display_name)] |= {str(one["id"]) for one in group.additional_data.get("members@delta", [])}
    for name in ("Offices", "Redmond office", "Partners"):
        equal(told[name], set(context.known[name]["members"]))


@steps.step("groups: create, with owners and members")
async def create(context: Context) -> None:
    context.people = ids(found(await context.graph.users.get()))
    owner, *others = context.people[:3]
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    group = Group(
        display_name="Engines of the SDK",
        description="Analytical ones",
        mail_enabled=False,
        mail_nickname=name,
        security_enabled=True,
        additional_data={
            "owners@odata.bind": [context.url("users", owner)],
            "members@odata.bind": [context.url("users", other) for other in others],
        },
    )
    context.group = some(await context.graph.groups.post(group))
    equal((context.group.display_name, context.group.mail_nickname), ("Engines of the SDK", name))
    equal((context.group.group_types, context.group.security_enabled), ([], True))
    assert context.group.security_identifier and context.group.created_date_time
    equal(ids(found(await context.item(context.group).owners.get())), [owner])
    equal(set(ids(await members(context))), set(others))
    group = Group(display_name="No kind of group", mail_enabled=True, mail_nickname=name, security_enabled=False)
    await refused(context.graph.groups.post(group), 400)


@steps.step("groups: create one of Microsoft 365")
async def create_team(context: Context) -> None:
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    team = Group(
        display_name="Team of the SDK",
        group_types=["Unified"],
        mail_enabled=True,
        mail_nickname=name,
        security_enabled=False,
    )
    context.team = some(await context.graph.groups.post(team))
    equal((context.team.mail, context.team.visibility), (f"{name}@{DOMAIN}", "Public"))
    equal(context.team.proxy_addresses, [f"SMTP:{name}@{DOMAIN}"])
    equal(context.team.group_types, ["Unified"])


@steps.step("groups: patch, and get with $select and $expand")
async def patch(context: Context) -> None:
    item = context.item(context.group)
    await item.patch(Group(display_name="Difference engines", description="Those too"))
    query = ItemQuery(select=["displayName", "description", "mailNickname"], expand=["members($select=id)"])
    group = some(await item.get(plain(query)))
    equal((group.display_name, group.description), ("Difference engines", "Those too"))
    equal((group.mail_nickname, group.mail_enabled), (context.group.mail_nickname, None))
    equal(set(ids(some(group.members))), set(context.people[1:3]))
    await item.patch(Group(additional_data={"description": None}))
    equal(some(await item.get()).description, None)


@steps.step("groups: add and remove members by reference")
async def members_by_reference(context: Context) -> None:
    refs, before = context.item(context.group).members, ids(await members(context))
    person, office = context.people[3], context.known["Offices"]["id"]
    await refs.ref.post(context.reference("directoryObjects", person))
    await refs.ref.post(context.reference("groups", office))
    await refused(refs.ref.post(context.reference("directoryObjects", person)), 400)
    await refused(refs.ref.post(context.reference("directoryObjects", str(uuid.uuid4()))), 404)
    now = {one.id: type(one) for one in await members(context)}
    equal(now, {one: User for one in [*before, person]} | {office: Group})
    await refs.by_directory_object_id(person).ref.delete()
    await refs.by_directory_object_id(office).ref.delete()
    equal(set(ids(await members(context))), set(before))
    await refused(refs.by_directory_object_id(person).ref.delete(), 404)


@steps.step("groups: patch with members to add, all or none")
async def members_by_patch(context: Context) -> None:
    item, before = context.item(context.group), ids(await members(context))
    added = [context.url("directoryObjects", one) for one in context.people[3:8]]
    await item.patch(Group(additional_data={"members@odata.bind": added}))
    equal(set(ids(await members(context))), {*before, *context.people[3:8]})
    again = [context.url("directoryObjects", one) for one in context.people[7:10]]
    await refused(item.patch(Group(additional_data={"members@odata.bind": again})), 400)
    many = [context.url("directoryObjects", one) for one in context.people[:21]]
    await refused(item.patch(Group(additional_data={"members@odata.bind": many})), 400)
    equal(len(await members(context)), len(before) + 5)


@steps.step("groups: list members, with paging, casts and counts")
async def members_list(context: Context) -> None:
    everyone = await members(context)
    members_of = context.item(context.group).members
    first = await members_of.get(plain(MembersQuery(select=["id", "displayName"], top=3)))
    equal(len(found(first)), 3)
    second = await members_of.with_url(some(some(first).odata_next_link)).get()
    third = await members_of.with_url(some(some(second).odata_next_link)).get()
    equal(
        [ids(found(page)) for page in (first, second, third)],
        [ids(everyone)[:3], ids(everyone)[3:6], ids(everyone)[6:]],
    )
    equal(some(third).odata_next_link, None)
    equal(await members_of.count.get(advanced(MemberCountQuery())), len(everyone))
    query = MemberUsersQuery(select=["displayName"], orderby=["displayName"], count=True)
    users = await members_of.graph_user.get(advanced(query))
    equal(some(users).odata_count, len(everyone))
    equal(names(found(users)), sorted(names(found(users)), key=str.casefold))
    equal(found(await members_of.graph_service_principal.get(advanced(MemberUsersQuery(count=True)))), [])


@steps.step("groups: members of every type, and those within groups")
async def transitive_members(context: Context) -> None:
    kinds = {one.id: type(one) for one in found(await context.sampled("Partners").members.get())}
    equal(set(kinds), set(context.known["Partners"]["members"]))
    assert OrgContact in kinds.values() and User in kinds.values()
    backup = found(await context.sampled("Backup operators").members.get())
    assert ServicePrincipal in {type(one) for one in backup}

    ids_of = {group["id"]: group for group in context.known.values()}
    reached: set[str] = set()
    waiting = [context.known["Building access"]["id"]]
    while waiting:
        inner = [one for one in ids_of.get(waiting.pop(), {}).get("members", []) if one not in reached]
        reached |= set(inner)
        waiting += inner
    query = TransitiveQuery(select=["id"], top=999)
    transitive = found(await context.sampled("Building access").transitive_members.get(plain(query)))
    equal(set(ids(transitive)), reached)
    assert reached > set(context.known["Building access"]["members"])
    equal({type(one) for one in transitive}, {User, Group})


@steps.step("groups: what a group is a member of")
async def member_of(context: Context) -> None:
    redmond = context.sampled("Redmond office")
    direct = [one for one in found(await redmond.member_of.get()) if isinstance(one, Group)]
    equal(names(direct), ["Offices"])
    deep = [one for one in found(await redmond.transitive_member_of.get()) if isinstance(one, Group)]
    equal(set(names(deep)), {"Offices", "Building access"})


@steps.step("groups: add and remove owners")
async def owners(context: Context) -> None:
    owned = context.item(context.group).owners
    first, second = context.people[0], context.people[9]
    await owned.ref.post(context.reference("users", second))
    equal({one.id: type(one) for one in found(await owned.get())}, {first: User, second: User})
    objects = found(await context.graph.users.by_user_id(second).owned_objects.get())
    assert context.group.id in ids(objects)
    await owned.by_directory_object_id(first).ref.delete()
    equal(ids(found(await owned.get())), [second])
    await refused(owned.by_directory_object_id(second).ref.delete(), 400)


@steps.step("groups: delta, what changed since")
async def delta_changes(context: Context) -> None:
    page = await context.graph.groups.delta.with_url(context.delta_link).get()
    changes = {group.id: group for group in found(page)}
    equal(set(changes), {context.group.id, context.team.id})
    equal(changes[context.group.id].display_name, "Difference engines")
    told = changes[context.group.id].additional_data["members@delta"]
    equal({str(one["id"]) for one in told if "@removed" not in one}, set(ids(await members(context))))
    after = await context.graph.groups.delta.with_url(some(some(page).odata_delta_link)).get()
    equal(found(after), [])


@steps.step("groups: delete, find among the deleted items, restore")
async def delete(context: Context) -> None:
    item, deleted = context.item(context.team), context.graph.directory.deleted_items
    await item.delete()
    await refused(item.get(), 404)
    page = found(await deleted.graph_group.get(plain(DeletedQuery(select=["id", "displayName", "deletedDateTime"]))))
    sampled = {group["id"] for group in context.sample("sample-deleted.json")["groups"]}
    equal(set(ids(page)), {*sampled, context.team.id})
    assert all(group.deleted_date_time for group in page)
    one = some(await deleted.by_directory_object_id(some(context.team.id)).get())
    assert isinstance(one, Group)
    equal(one.display_name, "Team of the SDK")
    restored = some(await deleted.by_directory_object_id(some(context.team.id)).restore.post())
    equal(restored.id, context.team.id)
    equal(some(await item.get()).mail, context.team.mail)


@steps.step("deleted items: delete groups for good")
async def purge(context: Context) -> None:
    deleted = context.graph.directory.deleted_items
    for group in (context.team, context.group):
        gone = deleted.by_directory_object_id(some(group.id))
        await refused(gone.delete(), 404)
        await context.item(group).delete()
        equal(some(await gone.get()).id, group.id)
        await gone.delete()
        await refused(gone.get(), 404)
        await refused(gone.restore.post(), 404)
    equal({group.display_name for group in found(await context.graph.groups.get())}, set(context.known))


if __name__ == "__main__":
    steps.main(Context)
