"""PyPI's scim-sanity: the life of a user and of a group, strictly; with or without its profile of Entra."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import scim_sanity.probe.tests
from scim_sanity.http_client import SCIMClient
from scim_sanity.probe.runner import run_probe_api

from suite import Tally, Target, adaptable, target

# The member that the probe makes up.
NOBODY = "fake-member-id"
OUTCOMES = {"pass": "passed", "fail": "failed", "error": "failed", "warn": "warned", "skip": "skipped"}


@contextmanager
def adapted(at: Target) -> Iterator[None]:
    """Has the probe add a user to its group: where references have to lead somewhere, nobody is no member."""
    published = scim_sanity.probe.tests.make_patch
    client = SCIMClient(at.base, token=at.token)
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": at.user_name("member-")}
    member = client.post("/Users", user).json()["id"]

    def make(operations: list) -> dict:
        return json.loads(json.dumps(published(operations)).replace(NOBODY, member))

    scim_sanity.probe.tests.make_patch = make
    try:
        yield
    finally:
        client.delete(f"/Users/{member}")


def probe(at: Target, profile: str | None, fields: dict | None = None) -> dict:
    """Runs the probe: what it would tell as JSON."""
    return run_probe_api(
        at.base, token=at.token, profile=profile, user_domain=at.domain, extra_user_fields=fields, timeout=60
    )


def main() -> None:
    parser = adaptable()
    parser.add_argument("--profile", choices=["entra"], help="what the probe is to know of the service")
    options = parser.parse_args()
    at = target(options)
    if options.published:
        found = probe(at, options.profile)
    else:
        # Without a profile the probe makes no use of the domain.
        fields = None if options.profile else {"userName": at.user_name("scim-sanity-test-")}
        with adapted(at):
            found = probe(at, options.profile, fields)
    tally = Tally("scim-sanity")
    for result in found["results"]:
        tally.note(OUTCOMES[result["status"]], result["name"], result.get("message", ""))
    tally.close()


if __name__ == "__main__":
    main()
