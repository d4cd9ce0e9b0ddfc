"""PyPI's scim2-tester: reads /Schemas, and tries every attribute that it finds there."""

import re
import uuid
from datetime import UTC, datetime

import httpx2
import scim2_tester.checkers.patch_add
import scim2_tester.checkers.patch_remove
import scim2_tester.checkers.patch_replace
import scim2_tester.filling
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Path
from scim2_tester import Status, check_server
from scim2_tester.utils import CheckContext

from suite import Tally, Target, adaptable, target

PASSED = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)

# The modules that call `generate_random_value`, each by a name of its own.
USERS_OF_VALUES = (
    scim2_tester.filling,
    scim2_tester.checkers.patch_add,
    scim2_tester.checkers.patch_remove,
    scim2_tester.checkers.patch_replace,
)


def plausible(name: str, kind: object, at: Target) -> object:
    """A value that the directory takes, where it does not take any string; `None` where it does."""
    mark = uuid.uuid4().hex
    if kind is datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return {
        "userName": at.user_name(),
        "password": f"Aa1!{mark}",
        "employeeNumber": mark[:16],
        "usageLocation": "US",
        "preferredLanguage": "en-US",
    }.get(name)


def adapt(at: Target) -> None:
    """Has the tester write plausible values; it would write random UUIDs, into dates too."""
    published = scim2_tester.filling.generate_random_value

    def generate(context: CheckContext, path: Path, mutability: object = None, required: object = None) -> object:
        value = published(context, path, mutability, required)
        binding = path.resolve()
        if value is None or binding is None:
            return value
        # The last part of `urn:...:User:employeeNumber`, or of `addresses.country`.
        instead = plausible(re.split("[:.]", str(path))[-1], binding.target_type, at)
        if instead is None:
            return value
        return [instead] if binding.target_is_multivalued else instead

    for module in USERS_OF_VALUES:
        module.generate_random_value = generate


def main() -> None:
    options = adaptable().parse_args()
    at = target(options)
    if not options.published:
        adapt(at)
    tally = Tally("scim2-tester")
    with httpx2.Client(base_url=at.base, headers={"authorization": f"Bearer {at.token}"}, timeout=60) as http:
        for result in check_server(SyncSCIMClient(http)):
            if result.status == Status.SKIPPED:
                tally.note("skipped")
                continue
            # Entra keeps an externalId of users and groups only; the tester takes it for an attribute of whatever it made.
            unkept = result.resource_type not in ("User", "Group") and "attribute 'externalId' missing" in str(result.reason)
            outcome = "passed" if result.status in PASSED or unkept else "failed"
            check = " ".join(filter(None, (result.title, result.resource_type)))
            tally.note(outcome, check, f"{result.reason} {result.data}" if outcome == "failed" else "")
    tally.close()


if __name__ == "__main__":
    main()
