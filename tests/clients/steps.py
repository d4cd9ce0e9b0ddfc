"""What the scripts share: how they are told where the tenant in a box is, and how they tell what they did."""

import argparse
import asyncio
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Where the tenant in a box is, and how to sign in."""

    url: str
    ca: str
    tenant_id: str
    client_id: str
    client_secret: str
    federated_token: str
    identity_header: str
    data: str


@dataclass(frozen=True)
class Step:
    """Something to do, with what it is called."""

    name: str
    run: Callable[..., Awaitable[None]]


class Steps:
    """The steps of a script, in the order in which they are written down."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, name: str) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
        """Marks a function as a step."""

        def add(run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
            self.steps.append(Step(name, run))
            return run

        return add

    def main(self, prepare: Callable[[Box], object]) -> None:
        """Runs all steps on what `prepare` makes; ends the process with 1 at the first that fails."""
        box = _arguments()
        asyncio.run(self._run(prepare(box)))
        print(f"{len(self.steps)} steps passed")

    async def _run(self, context: object) -> None:
        for step in self.steps:
            started = time.monotonic()
            try:
                await step.run(context)
            except Exception:
                traceback.print_exc()
                sys.exit(f"failed: {step.name}")
            print(f"ok: {step.name} ({(time.monotonic() - started) * 1000:.0f} ms)", flush=True)


def equal(actual: object, expected: object) -> None:
    """Fails with both values, which a plain `assert` would not show."""
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, not {actual!r}")


def _arguments() -> Box:
    parser = argparse.ArgumentParser()
    for field in Box.__dataclass_fields__:
        parser.add_argument("--" + field.replace("_", "-"), required=True)
    return Box(**vars(parser.parse_args()))
