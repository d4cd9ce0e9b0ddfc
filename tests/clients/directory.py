"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: contacts, domains, logs and licences."""

import uuid
from datetime import datetime
from uuid import UUID

from msgraph.generated.audit_logs.directory_audits.directory_audits_request_builder import DirectoryAuditsRequestBuilder
from msgraph.generated.audit_logs.sign_ins.sign_ins_request_builder import SignInsRequestBuilder
from msgraph.generated.contacts.contacts_request_builder import ContactsRequestBuilder
from msgraph.generated.contacts.count.count_request_builder import CountRequestBuilder
from msgraph.generated.contacts.item.org_contact_item_request_builder import OrgContactItemRequestBuilder
from msgraph.generated.directory.subscriptions.subscriptions_request_builder import SubscriptionsRequestBuilder
from msgraph.generated.groups.item.assign_license.assign_license_post_request_body import (
    AssignLicensePostRequestBody as GroupOrder,
)
from msgraph.generated.groups.item.group_item_request_builder import GroupItemRequestBuilder
from msgraph.generated.models.assigned_license import AssignedLicense
from msgraph.generated.models.group import Group
from msgraph.generated.models.subscribed_sku import SubscribedSku
from msgraph.generated.models.user import User
from msgraph.generated.organization.organization_request_builder import OrganizationRequestBuilder
from msgraph.generated.users.item.assign_license.assign_license_post_request_body import (
    AssignLicensePostRequestBody as UserOrder,
)
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from graph import DOMAIN, Client, advanced, found, ids, names, plain, refused, some
from steps import Box, Steps, equal

ContactsQuery = ContactsRequestBuilder.ContactsRequestBuilderGetQueryParameters
ContactQuery = OrgContactItemRequestBuilder.OrgContactItemRequestBuilderGetQueryParameters
CountQuery = CountRequestBuilder.CountRequestBuilderGetQueryParameters
OrganizationQuery = OrganizationRequestBuilder.OrganizationRequestBuilderGetQueryParameters
SubscriptionsQuery = SubscriptionsRequestBuilder.SubscriptionsRequestBuilderGetQueryParameters
UsersQuery = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
UserQuery = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters
GroupQuery = GroupItemRequestBuilder.GroupItemRequestBuilderGetQueryParameters
SignInsQuery = SignInsRequestBuilder.SignInsRequestBuilderGetQueryParameters
AuditsQuery = DirectoryAuditsRequestBuilder.DirectoryAuditsRequestBuilderGetQueryParameters

steps = Steps()


class Context(Client):
    """The client, and what the sample tenant has."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        self.people = {person["displayName"]: person for person in self.sample("sample.json")}
        self.groups = {group["displayName"]: group for group in self.sample("sample-groups.json")["groups"]}
        self.contacts = {one["displayName"]: one for one in self.sample("sample-groups.json")["contacts"]}
        self.resources = self.sample("sample-resources.json")

    def sku(self, name: str) -> UUID:
        return next(UUID(sku["skuId"]) for sku in self.resources["subscribedSkus"] if sku["skuPartNumber"] == name)

    async def used(self, name: str) -> int:
        """How many units of what was bought are in use."""
        skus: list[SubscribedSku] = found(await self.graph.subscribed_skus.get())
        return next(some(sku.consumed_units) for sku in skus if sku.sku_part_number == name)


def moment(time: datetime) -> str:
    """A time as a filter has it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


@steps.step("contacts: list with $filter, $search and $count")
async def contacts(context: Context) -> None:
    contacts = context.graph.contacts
    page = found(await contacts.get())
    known = {one["id"]: (name, one["mail"]) for name, one in context.contacts.items()}
    equal({one.id: (one.display_name, one.mail) for one in page}, known)
    query = ContactsQuery(filter="startswith(mail,'katri')", select=["displayName", "companyName"])
    [one] = found(await contacts.get(plain(query)))
    equal((one.display_name, one.company_name, one.id), ("Katri Niemi", "Fabrikam", None))
    query = ContactsQuery(search='"displayName:herrera"', count=True)
    equal(names(found(await contacts.get(advanced(query)))), ["Tomás Herrera"])
    equal(await contacts.count.get(advanced(CountQuery())), len(context.contacts))


@steps.step("contacts: get, with the manager and the groups")
async def contact(context: Context) -> None:
    known = context.contacts["Katri Niemi"]
    item = context.graph.contacts.by_org_contact_id(known["id"])
    one = some(await item.get(plain(ContactQuery(select=["id", "jobTitle", "phones", "addresses"]))))
    equal((one.id, one.job_title), (known["id"], known["jobTitle"]))
    equal([phone.number for phone in some(one.phones)], [phone["number"] for phone in known["phones"]])
    equal([address.city for address in some(one.addresses)], ["Helsinki"])
    manager = await item.manager.get()
    assert isinstance(manager, User)
    equal(manager.id, known["manager"])
    direct = {name for name, group in context.groups.items() if known["id"] in group["members"]}
    equal(set(names(found(await item.member_of.get()))), direct)
    assert direct <= set(names(found(await item.transitive_member_of.get())))
    await refused(context.graph.contacts.by_org_contact_id(str(uuid.uuid4())).get(), 404)


@steps.step("organization and domains: list, and get a domain")
async def domains(context: Context) -> None:
    query = OrganizationQuery(select=["id", "displayName", "verifiedDomains"])
    [organization] = found(await context.graph.organization.get(plain(query)))
    equal((organization.id, organization.display_name), (context.box.tenant_id, "Contoso"))
    known = {one["id"]: (one["isDefault"], one["authenticationType"]) for one in context.resources["domains"]}
    page = found(await context.graph.domains.get())
    equal({one.id: (one.is_default, one.authentication_type) for one in page}, known)
    equal({one.name for one in some(organization.verified_domains)}, {one.id for one in page if one.is_verified})
    one = some(await context.graph.domains.by_domain_id(DOMAIN).get())
    equal((one.id, one.is_initial, one.supported_services), (DOMAIN, True, page[0].supported_services))
    await refused(context.graph.domains.by_domain_id("nobody.example").get(), 404)


@steps.step("auditLogs/signIns: list with $top, $filter and $orderby, and get")
async def sign_ins(context: Context) -> None:
    sign_ins = context.graph.audit_logs.sign_ins
    first = await sign_ins.get(plain(SignInsQuery(top=30)))
    second = await sign_ins.with_url(some(some(first).odata_next_link)).get()
    latest = found(first) + found(second)
    times = [some(one.created_date_time) for one in latest]
    equal(times, sorted(times, reverse=True))
    equal(len(set(ids(latest))), 60)

    since = f"createdDateTime ge {moment(times[40])}"
    query = SignInsQuery(filter=since, orderby=["createdDateTime"])
    equal(ids(found(await sign_ins.get(plain(query)))), ids(latest[40::-1]))
    name = latest[3].user_principal_name
    query = SignInsQuery(filter=f"userPrincipalName eq '{name}' and {since}")
    fitting = [one for one in latest[:41] if one.user_principal_name == name]
    equal(ids(found(await sign_ins.get(plain(query)))), ids(fitting))
    query = SignInsQuery(filter=f"status/errorCode eq 50126 and {since}")
    failed = [one for one in latest[:41] if some(one.status).error_code == 50126]
    assert failed
    equal(ids(found(await sign_ins.get(plain(query)))), ids(failed))
    one = some(await sign_ins.by_sign_in_id(ids(failed)[0]).get())
    equal((one.user_id, some(one.location).city), (failed[0].user_id, some(failed[0].location).city))
    await refused(sign_ins.get(plain(SignInsQuery(filter="nothing eq 'x'"))), 400)


@steps.step("auditLogs/directoryAudits: list with $top and $filter, and get")
async def audits(context: Context) -> None:
    audits = context.graph.audit_logs.directory_audits
    first = await audits.get(plain(AuditsQuery(top=40)))
    second = await audits.with_url(some(some(first).odata_next_link)).get()
    latest = found(first) + found(second)
    times = [some(one.activity_date_time) for one in latest]
    equal(times, sorted(times, reverse=True))
    equal(len(set(ids(latest))), 80)

    between = f"activityDateTime ge {moment(times[50])} and activityDateTime le {moment(times[20])}"
    equal(ids(found(await audits.get(plain(AuditsQuery(filter=between))))), ids(latest[20:51]))
    query = AuditsQuery(filter=f"activityDisplayName eq 'Add user' and result eq 'success' and {between}")
    fitting = [one for one in latest[20:51] if (one.activity_display_name, one.result) == ("Add user", "success")]
    assert fitting
    equal(ids(found(await audits.get(plain(query)))), ids(fitting))
    one = some(await audits.by_directory_audit_id(ids(fitting)[0]).get())
    equal((one.category, one.correlation_id), ("UserManagement", fitting[0].correlation_id))
    await refused(audits.get(plain(AuditsQuery(filter="category ne 'UserManagement'"))), 400)


@steps.step("auditLogs/directoryAudits: what the client itself wrote")
async def own_audits(context: Context) -> None:
    user = context.people["Ravi Kumar"]["id"]
    await context.graph.users.by_user_id(user).patch(User(office_location="Cork"))
    query = AuditsQuery(filter=f"initiatedBy/app/appId eq '{context.box.client_id}'", top=1)
    [one] = found(await context.graph.audit_logs.directory_audits.get(plain(query)))
    equal((one.activity_display_name, one.result), ("Update user", "success"))
    equal([target.id for target in some(one.target_resources)], [user])


@steps.step("subscribedSkus: list and get, with the units that users have")
async def skus(context: Context) -> None:
    skus = found(await context.graph.subscribed_skus.get())
    known = {
        one["id"]: (one["skuPartNumber"], one["prepaidUnits"]["enabled"]) for one in context.resources["subscribedSkus"]
    }
    equal({sku.id: (sku.sku_part_number, some(sku.prepaid_units).enabled) for sku in skus}, known)
    people = found(await context.graph.users.get(plain(UsersQuery(select=["id", "assignedLicenses"], top=999))))
    for sku in skus:
        users = [one for one in people if sku.sku_id in {license.sku_id for license in some(one.assigned_licenses)}]
        equal((sku.sku_part_number, sku.consumed_units), (sku.sku_part_number, len(users)))
    assert sum(some(sku.consumed_units) for sku in skus)
    one = some(await context.graph.subscribed_skus.by_subscribed_sku_id(some(skus[0].id)).get())
    equal((one.sku_id, one.consumed_units), (skus[0].sku_id, skus[0].consumed_units))
    equal(len(some(one.service_plans)), len(some(skus[0].service_plans)))


@steps.step("directory/subscriptions: list with $filter, and get")
async def subscriptions(context: Context) -> None:
    subscriptions = context.graph.directory.subscriptions
    known = {one["id"]: (one["skuPartNumber"], one["totalLicenses"]) for one in context.resources["subscriptions"]}
    page = found(await subscriptions.get())
    equal({one.id: (one.sku_part_number, one.total_licenses) for one in page}, known)
    assert all(one.created_date_time and one.status for one in page)
    [one] = found(await subscriptions.get(plain(SubscriptionsQuery(filter=f"skuId eq '{page[1].sku_id}'"))))
    same = some(await subscriptions.by_company_subscription_id(some(one.id)).get())
    equal((same.id, same.sku_part_number), (page[1].id, page[1].sku_part_number))


@steps.step("users: assignLicense, licenseDetails, and take it away again")
async def license_of_user(context: Context) -> None:
    user = context.graph.users.by_user_id(context.people["Ravi Kumar"]["id"])
    equal(found(await user.license_details.get()), [])
    sku, before = context.sku("SPE_E5"), await context.used("SPE_E5")
    plans = next(one["servicePlans"] for one in context.resources["subscribedSkus"] if one["skuId"] == str(sku))
    off = UUID(plans[0]["servicePlanId"])
    order = UserOrder(add_licenses=[AssignedLicense(sku_id=sku, disabled_plans=[off])], remove_licenses=[])
    equal(some(await user.assign_license.post(order)).id, context.people["Ravi Kumar"]["id"])
    now = some(await user.get(plain(UserQuery(select=["assignedLicenses", "licenseAssignmentStates"]))))
    equal([(one.sku_id, one.disabled_plans) for one in some(now.assigned_licenses)], [(sku, [off])])
    equal([(one.sku_id, one.assigned_by_group) for one in some(now.license_assignment_states)], [(sku, None)])
    [details] = found(await user.license_details.get())
    equal((details.sku_id, details.sku_part_number), (sku, "SPE_E5"))
    told = {one.service_plan_id: one.provisioning_status for one in some(details.service_plans)}
    equal((len(told), told[off]), (len(plans), "Disabled"))
    equal(await context.used("SPE_E5"), before + 1)

    order = UserOrder(add_licenses=[], remove_licenses=[sku])
    await user.assign_license.post(order)
    equal(found(await user.license_details.get()), [])
    equal(await context.used("SPE_E5"), before)
    await refused(user.assign_license.post(order), 400)


@steps.step("users: no licence without a usage location, or that was not bought")
async def refused_licenses(context: Context) -> None:
    nowhere = context.graph.users.by_user_id(context.people["Front Desk (Dublin)"]["id"])
    order = UserOrder(add_licenses=[AssignedLicense(sku_id=context.sku("SPE_E5"))], remove_licenses=[])
    error = await refused(nowhere.assign_license.post(order), 400)
    assert "usage location" in (some(error.error).message or "")
    somewhere = context.graph.users.by_user_id(context.people["Ravi Kumar"]["id"])
    order = UserOrder(add_licenses=[AssignedLicense(sku_id=uuid.uuid4())], remove_licenses=[])
    await refused(somewhere.assign_license.post(order), 400)
    equal(found(await somewhere.license_details.get()), [])


@steps.step("groups: assignLicense, which the members inherit")
async def license_of_group(context: Context) -> None:
    person = context.people["Ravi Kumar"]["id"]
    wanted = Group(display_name="Licensed", mail_enabled=False, mail_nickname="licensed", security_enabled=True)
    made = some(await context.graph.groups.post(wanted))
    group, user = context.graph.groups.by_group_id(some(made.id)), context.graph.users.by_user_id(person)
    await group.members.ref.post(context.reference("users", person))
    sku, before = context.sku("EMS"), await context.used("EMS")
    order = GroupOrder(add_licenses=[AssignedLicense(sku_id=sku, disabled_plans=[])], remove_licenses=[])
    equal(some(await group.assign_license.post(order)).id, made.id)
    now = some(await group.get(plain(GroupQuery(select=["assignedLicenses"]))))
    equal([one.sku_id for one in some(now.assigned_licenses)], [sku])
    states = some(await user.get(plain(UserQuery(select=["licenseAssignmentStates"])))).license_assignment_states
    equal([(one.sku_id, one.assigned_by_group, one.state) for one in some(states)], [(sku, made.id, "Active")])
    equal([one.sku_part_number for one in found(await user.license_details.get())], ["EMS"])
    equal(await context.used("EMS"), before + 1)
    # What is inherited is not taken away from a member alone.
    await refused(user.assign_license.post(UserOrder(add_licenses=[], remove_licenses=[sku])), 400)
    await group.assign_license.post(GroupOrder(add_licenses=[], remove_licenses=[sku]))
    equal(found(await user.license_details.get()), [])
    await group.delete()


if __name__ == "__main__":
    steps.main(Context)
