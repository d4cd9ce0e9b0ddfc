"""What the runners share: how they are told where the service is, and how they tell what came of it."""

import argparse
import sys
import uuid
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True)
class Target:
    """Where the service is, and what may be made there."""

    base: str
    token: str
    domain: str

    def user_name(self, mark: str = "t") -> str:
        """A user name that nobody has, in the domain."""
        return f"{mark}{uuid.uuid4().hex[:20]}@{self.domain}"


class Tally:
    """What came of the checks so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts = {"passed": 0, "failed": 0}

    def note(self, outcome: str, check: str = "", reason: object = "") -> None:
        """Counts a check; tells of it unless it passed or was skipped."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if outcome not in ("passed", "skipped"):
            print(f"{outcome}: {check}: {' '.join(str(reason).split())[:4000]}")

    def close(self) -> NoReturn:
        """Tells the counts in the last line, and ends the process: with 1 when a check failed or none passed."""
        print(f"{self.name}: " + ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items()))
        sys.exit(0 if self.counts["passed"] and not self.counts["failed"] else 1)


def arguments() -> argparse.ArgumentParser:
    """The arguments that every runner takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base", help="where the service is, such as http://127.0.0.1:3000/scim/v2")
    parser.add_argument("token", help="the token that a caller shows")
    parser.add_argument("--domain", required=True, help="a verified domain of the tenant, for user names")
    return parser


def adaptable() -> argparse.ArgumentParser:
    """The same for a suite that has to be adapted to a directory with rules of its own."""
    parser = arguments()
    parser.add_argument("--published", action="store_true", help="leave the suite as its makers published it")
    return parser


def target(options: argparse.Namespace) -> Target:
    """The target among the arguments."""
    return Target(options.base.rstrip("/"), options.token, options.domain)
