"""Microsoft's SDK for Graph (msgraph-sdk), pointed at the tenant in a box: roles, who has them, and where."""

import uuid

from msgraph.generated.directory.administrative_units.administrative_units_request_builder import (
    AdministrativeUnitsRequestBuilder,
)
from msgraph.generated.directory_roles.directory_roles_request_builder import DirectoryRolesRequestBuilder
from msgraph.generated.models.administrative_unit import AdministrativeUnit
from msgraph.generated.models.directory_object import DirectoryObject
from msgraph.generated.models.directory_role import DirectoryRole
from msgraph.generated.models.group import Group
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.scoped_role_membership import ScopedRoleMembership
from msgraph.generated.models.unified_role_assignment import UnifiedRoleAssignment
from msgraph.generated.models.unified_role_definition import UnifiedRoleDefinition
from msgraph.generated.models.unified_role_permission import UnifiedRolePermission
from msgraph.generated.models.user import User
from msgraph.generated.role_management.directory.role_assignment_schedules.role_assignment_schedules_request_builder import (
    RoleAssignmentSchedulesRequestBuilder,
)
from msgraph.generated.role_management.directory.role_assignments.role_assignments_request_builder import (
    RoleAssignmentsRequestBuilder,
)
from msgraph.generated.role_management.directory.role_definitions.role_definitions_request_builder import (
    RoleDefinitionsRequestBuilder,
)
from msgraph.generated.role_management.directory.role_eligibility_schedules.role_eligibility_schedules_request_builder import (
    RoleEligibilitySchedulesRequestBuilder,
)

from graph import Client, advanced, found, ids, names, plain, refused, some
from steps import Box, Steps, equal

RolesQuery = DirectoryRolesRequestBuilder.DirectoryRolesRequestBuilderGetQueryParameters
DefinitionsQuery = RoleDefinitionsRequestBuilder.RoleDefinitionsRequestBuilderGetQueryParameters
AssignmentsQuery = RoleAssignmentsRequestBuilder.RoleAssignmentsRequestBuilderGetQueryParameters
EligibleQuery = RoleEligibilitySchedulesRequestBuilder.RoleEligibilitySchedulesRequestBuilderGetQueryParameters
SchedulesQuery = RoleAssignmentSchedulesRequestBuilder.RoleAssignmentSchedulesRequestBuilderGetQueryParameters
UnitsQuery = AdministrativeUnitsRequestBuilder.AdministrativeUnitsRequestBuilderGetQueryParameters

USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
# Nobody is one in the sample tenant.
GROUPS_ADMINISTRATOR = "fdd7a751-b60b-444a-984c-02652fe8fa1c"

steps = Steps()


class Context(Client):
    """The client, what the sample tenant has of roles, and what one step leaves for the next."""

    def __init__(self, box: Box) -> None:
        super().__init__(box)
        directory, self.resources = self.sample("sample-directory.json"), self.sample("sample-resources.json")
        self.known = {role["displayName"]: role for role in directory["directoryRoles"]}
        self.units = {unit["displayName"]: unit for unit in directory["administrativeUnits"]}
        self.definitions = {one["id"]: one["displayName"] for one in self.resources["roleDefinitions"]}
        self.people: list[str] = []
        self.role = DirectoryRole()
        self.unit = AdministrativeUnit()

    def assigned(self) -> set[tuple[str, str, str]]:
        """The assignments of the sample tenant, which are of directory roles and others."""
        whole = {(one, role["roleTemplateId"], "/") for role in self.known.values() for one in role["members"]}
        return whole | {triple(one) for one in self.resources["roleAssignments"]}


def triple(one: dict[str, str]) -> tuple[str, str, str]:
    return one["principalId"], one["roleDefinitionId"], one["directoryScopeId"]


def triple_of(one: UnifiedRoleAssignment) -> tuple[str, str, str]:
    return some(one.principal_id), some(one.role_definition_id), some(one.directory_scope_id)


@steps.step("directory roles: list with $filter, get, and their templates")
async def directory_roles(context: Context) -> None:
    context.people = ids(found(await context.graph.users.get()))
    roles = {role.display_name: role for role in found(await context.graph.directory_roles.get())}
    known = {name: (role["id"], role["roleTemplateId"]) for name, role in context.known.items()}
    equal({name: (role.id, role.role_template_id) for name, role in roles.items()}, known)
    query = RolesQuery(filter=f"roleTemplateId eq '{USER_ADMINISTRATOR}'")
    equal(names(found(await context.graph.directory_roles.get(plain(query)))), ["User Administrator"])
    by_template = context.graph.directory_roles_with_role_template_id(USER_ADMINISTRATOR)
    equal(some(await by_template.get()).id, context.known["User Administrator"]["id"])
    templates = found(await context.graph.directory_role_templates.get())
    built_in = {one["id"]: one["displayName"] for one in context.resources["roleDefinitions"] if one["isBuiltIn"]}
    equal({one.id: one.display_name for one in templates}, built_in)
    one = some(await context.graph.directory_role_templates.by_directory_role_template_id(USER_ADMINISTRATOR).get())
    equal(one.display_name, "User Administrator")


@steps.step("directory roles: members, who can be groups")
async def role_members(context: Context) -> None:
    for name, kind in (("Global Administrator", User), ("Helpdesk Administrator", Group)):
        members = context.graph.directory_roles.by_directory_role_id(context.known[name]["id"]).members
        equal(
            {one.id: type(one) for one in found(await members.get())},
            dict.fromkeys(context.known[name]["members"], kind),
        )


@steps.step("directory roles: activate from a template")
async def activate(context: Context) -> None:
    wanted = DirectoryRole(role_template_id=GROUPS_ADMINISTRATOR)
    context.role = some(await context.graph.directory_roles.post(wanted))
    equal(context.role.role_template_id, GROUPS_ADMINISTRATOR)
    equal(context.role.display_name, context.definitions[GROUPS_ADMINISTRATOR])
    assert context.role.id in ids(found(await context.graph.directory_roles.get()))
    await refused(context.graph.directory_roles.post(wanted), 400)
    await refused(context.graph.directory_roles.post(DirectoryRole(role_template_id=str(uuid.uuid4()))), 404)


@steps.step("directory roles: add and remove members")
async def change_members(context: Context) -> None:
    members = context.graph.directory_roles.by_directory_role_id(some(context.role.id)).members
    person = context.people[4]
    await members.ref.post(context.reference("directoryObjects", person))
    equal(ids(found(await members.get())), [person])
    await refused(members.ref.post(context.reference("directoryObjects", person)), 400)
    ordinary = next(group for group in found(await context.graph.groups.get()) if not group.is_assignable_to_role)
    await refused(members.ref.post(context.reference("directoryObjects", ordinary.id)), 400)
    of_person = found(await context.graph.users.by_user_id(person).member_of.get())
    assert context.role.id in {one.id for one in of_person if isinstance(one, DirectoryRole)}
    query = AssignmentsQuery(filter=f"roleDefinitionId eq '{GROUPS_ADMINISTRATOR}'")
    [assignment] = found(await context.graph.role_management.directory.role_assignments.get(plain(query)))
    equal(triple_of(assignment), (person, GROUPS_ADMINISTRATOR, "/"))
    await members.by_directory_object_id(person).ref.delete()
    equal(found(await members.get()), [])
    await refused(members.by_directory_object_id(person).ref.delete(), 404)


@steps.step("role definitions: list with $filter, get, create, patch, delete")
async def definitions(context: Context) -> None:
    definitions = context.graph.role_management.directory.role_definitions
    page = found(await definitions.get())
    equal({one.id: one.display_name for one in page}, context.definitions)
    query = DefinitionsQuery(filter="isBuiltIn eq false")
    own = {one["displayName"] for one in context.resources["roleDefinitions"] if not one["isBuiltIn"]}
    equal(set(names(found(await definitions.get(plain(query))))), own)

    def permissions(action: str) -> list[UnifiedRolePermission]:
        return [UnifiedRolePermission(allowed_resource_actions=[f"microsoft.directory/{action}"])]

    wanted = UnifiedRoleDefinition(
        display_name="Reader of the SDK", is_enabled=True, role_permissions=permissions("users/standard/read")
    )
    created = some(await definitions.post(wanted))
    equal((created.display_name, created.is_built_in, created.template_id), (wanted.display_name, False, created.id))
    await refused(definitions.post(wanted), 400)
    item = definitions.by_unified_role_definition_id(some(created.id))
    await item.patch(UnifiedRoleDefinition(description="Reads", role_permissions=permissions("groups/standard/read")))
    now = some(await item.get())
    equal((now.display_name, now.description), ("Reader of the SDK", "Reads"))
    [permission] = some(now.role_permissions)
    equal(permission.allowed_resource_actions, ["microsoft.directory/groups/standard/read"])
    built_in = definitions.by_unified_role_definition_id(USER_ADMINISTRATOR)
    await refused(built_in.patch(UnifiedRoleDefinition(description="Changed")), 400)
    await refused(built_in.delete(), 400)
    await item.delete()
    await refused(item.get(), 404)


@steps.step("role assignments: list with $filter and $expand")
async def assignments(context: Context) -> None:
    assignments = context.graph.role_management.directory.role_assignments
    equal({triple_of(one) for one in found(await assignments.get())}, context.assigned())
    query = AssignmentsQuery(filter=f"roleDefinitionId eq '{USER_ADMINISTRATOR}'", expand=["principal"])
    page = found(await assignments.get(plain(query)))
    equal({triple_of(one) for one in page}, {one for one in context.assigned() if one[1] == USER_ADMINISTRATOR})
    for one in page:
        assert isinstance(one.principal, User)
        equal(one.principal.id, one.principal_id)
    query = AssignmentsQuery(filter=f"principalId eq '{page[0].principal_id}'", expand=["roleDefinition"])
    for one in found(await assignments.get(plain(query))):
        equal(some(one.role_definition).display_name, context.definitions[some(one.role_definition_id)])


@steps.step("role assignments: create and delete, as members of the directory role")
async def assign(context: Context) -> None:
    assignments = context.graph.role_management.directory.role_assignments
    members = context.graph.directory_roles.by_directory_role_id(some(context.role.id)).members
    wanted = UnifiedRoleAssignment(
        principal_id=context.people[5], role_definition_id=GROUPS_ADMINISTRATOR, directory_scope_id="/"
    )
    created = some(await assignments.post(wanted))
    equal(triple_of(created), (context.people[5], GROUPS_ADMINISTRATOR, "/"))
    equal(ids(found(await members.get())), [context.people[5]])
    await refused(assignments.post(wanted), 400)
    item = assignments.by_unified_role_assignment_id(some(created.id))
    equal(triple_of(some(await item.get())), triple_of(created))
    await item.delete()
    await refused(item.get(), 404)
    equal(found(await members.get()), [])
    wanted.role_definition_id = str(uuid.uuid4())
    await refused(assignments.post(wanted), 404)


@steps.step("schedules of roles: list with $filter and $expand")
async def schedules(context: Context) -> None:
    management = context.graph.role_management.directory
    eligible, known = (
        found(await management.role_eligibility_schedules.get()),
        context.resources["roleEligibilitySchedules"],
    )
    told = {(one.id, one.principal_id, one.role_definition_id, one.directory_scope_id) for one in eligible}
    equal(told, {(one["id"], *triple(one)) for one in known})
    equal({one.status for one in eligible}, {"Provisioned"})
    assert all(some(one.schedule_info).start_date_time for one in eligible)
    query = EligibleQuery(filter=f"principalId eq '{known[0]['principalId']}'", expand=["principal", "roleDefinition"])
    [one] = found(await management.role_eligibility_schedules.get(plain(query)))
    assert isinstance(one.principal, User)
    equal((one.principal.id, some(one.role_definition).id), triple(known[0])[:2])

    known = context.resources["roleAssignmentSchedules"]
    active = found(await management.role_assignment_schedules.get())
    equal({one.id: one.assignment_type for one in active}, {one["id"]: one["assignmentType"] for one in known})
    role = known[0]["roleDefinitionId"]
    query = SchedulesQuery(filter=f"roleDefinitionId eq '{role}'", expand=["principal"], count=True)
    page = await management.role_assignment_schedules.get(plain(query))
    expected = {one["principalId"] for one in known if one["roleDefinitionId"] == role}
    equal(({some(one.principal).id for one in found(page)}, some(page).odata_count), (expected, len(expected)))


@steps.step("administrative units: list with $filter and $search")
async def units(context: Context) -> None:
    units = context.graph.directory.administrative_units
    page = found(await units.get())
    equal({unit.id: unit.display_name for unit in page}, {unit["id"]: name for name, unit in context.units.items()})
    query = UnitsQuery(filter="startswith(displayName,'Red')", select=["id", "displayName"])
    equal(names(found(await units.get(plain(query)))), ["Redmond campus"])
    query = UnitsQuery(search='"displayName:Germany"', count=True)
    equal(names(found(await units.get(advanced(query)))), ["Germany and Switzerland"])


@steps.step("administrative units: create, patch, members")
async def change_units(context: Context) -> None:
    units = context.graph.directory.administrative_units
    context.unit = some(await units.post(AdministrativeUnit(display_name="Unit of the SDK", description="First")))
    equal((context.unit.display_name, context.unit.description), ("Unit of the SDK", "First"))
    item = units.by_administrative_unit_id(some(context.unit.id))
    await item.patch(AdministrativeUnit(description="Second", visibility="HiddenMembership"))
    now = some(await item.get())
    equal((now.display_name, now.description, now.visibility), ("Unit of the SDK", "Second", "HiddenMembership"))
    group = some(found(await context.graph.groups.get())[0].id)
    await item.members.ref.post(context.reference("users", context.people[6]))
    await item.members.ref.post(context.reference("groups", group))
    members: list[DirectoryObject] = found(await item.members.get())
    equal({one.id: type(one) for one in members}, {context.people[6]: User, group: Group})
    of_person = found(await context.graph.users.by_user_id(context.people[6]).member_of.get())
    assert context.unit.id in {one.id for one in of_person if isinstance(one, AdministrativeUnit)}
    await item.members.by_directory_object_id(group).ref.delete()
    equal(ids(found(await item.members.get())), [context.people[6]])


@steps.step("administrative units: scoped role members")
async def scoped(context: Context) -> None:
    unit = context.graph.directory.administrative_units.by_administrative_unit_id(some(context.unit.id))
    role = context.known["User Administrator"]
    wanted = ScopedRoleMembership(role_id=role["id"], role_member_info=Identity(id=context.people[7]))
    made = some(await unit.scoped_role_members.post(wanted))
    person = some(await context.graph.users.by_user_id(context.people[7]).get())
    equal((made.administrative_unit_id, made.role_id), (context.unit.id, role["id"]))
    equal((some(made.role_member_info).id, some(made.role_member_info).display_name), (person.id, person.display_name))
    equal(ids(found(await unit.scoped_role_members.get())), [made.id])
    of_role = context.graph.directory_roles.by_directory_role_id(role["id"]).scoped_members
    assert made.id in ids(found(await of_role.get()))
    query = AssignmentsQuery(filter=f"principalId eq '{person.id}'")
    there = {
        triple_of(one)
        for one in found(await context.graph.role_management.directory.role_assignments.get(plain(query)))
    }
    assert (person.id, USER_ADMINISTRATOR, f"/administrativeUnits/{context.unit.id}") in there
    await unit.scoped_role_members.by_scoped_role_membership_id(some(made.id)).delete()
    equal(found(await unit.scoped_role_members.get()), [])


@steps.step("administrative units: delete")
async def delete(context: Context) -> None:
    units = context.graph.directory.administrative_units
    item = units.by_administrative_unit_id(some(context.unit.id))
    await item.delete()
    await refused(item.get(), 404)
    equal(set(names(found(await units.get()))), set(context.units))
    of_person = found(await context.graph.users.by_user_id(context.people[6]).member_of.get())
    assert context.unit.id not in ids(of_person)


if __name__ == "__main__":
    steps.main(Context)
