"""A session of Microsoft's SCIM Validator, as it was recorded, replayed step by step."""

import json
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, unquote_plus
from urllib.request import Request, urlopen

from expect import differences
from suite import Tally, Target, arguments, target

SESSION = Path(__file__).parent / "data/validator.json"
ALIAS = re.compile(r"\{\{(\w+)\}\}")
FILTER = re.compile(r"(userName\+eq\+%22)(.+?)(%22)", re.IGNORECASE)

# What the recorded session fills with random text, and a directory has a type or a rule for: a value that it takes.
TYPED = {"employeeLeaveDateTime": "2031-05-01T00:00:00Z", "mailEnabled": False, "securityEnabled": True}
# What it cannot take at all: kinds of groups that there are not.
DROPPED = ("groupTypes",)


def typed(value: object) -> object:
    """The value as a client sends it that knows the types of what it sends."""
    if isinstance(value, list):
        return [typed(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, inner in value.items():
        # In an operation without a path the key is the whole path.
        name = key.split(":")[-1]
        is_stranger = name == "manager" and isinstance(inner, dict) and not ALIAS.match(str(inner.get("value")))
        if name not in DROPPED and not is_stranger:
            kept[key] = TYPED.get(name, typed(inner))
    return kept


def moved(name: str, domain: str) -> str:
    """The user name in the domain; what was its domain keeps it different from others."""
    instead = f"{name.replace('@', '.')}@{domain}"
    return instead.upper() if name.isupper() else instead


def in_domain(value: object, domain: str) -> object:
    """The value with every user name in the domain."""
    if isinstance(value, list):
        return [in_domain(one, domain) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: moved(inner, domain) if key == "userName" else in_domain(inner, domain) for key, inner in value.items()
    }


def prepared(step: dict, domain: str, is_typed: bool) -> dict:
    """The step as it is to be sent."""

    def search(found: re.Match) -> str:
        return found[1] + quote(moved(unquote_plus(found[2]), domain), safe="") + found[3]

    step = typed(step) if is_typed else step
    return in_domain(step, domain) | {"path": FILTER.sub(search, step["path"])}


class Session:
    """A session under way: the ids of what was made in it, and the schemas that the service has."""

    def __init__(self, at: Target) -> None:
        self.at = at
        self.ids: dict[str, str] = {}
        self.made: list[str] = []
        self.schemas: set[str] = set()

    def send(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """The status of the answer, and its body."""
        headers = {"authorization": f"Bearer {self.at.token}", "content-type": "application/scim+json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.at.base + path, data, headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def play(self, step: dict) -> list[str]:
        """Sends what a step sends; what is not as expected of the answer."""
        unknown = set(ALIAS.findall(json.dumps(step))) - self.ids.keys()
        if unknown:
            return [f"{', '.join(sorted(unknown))} was never made"]
        step = json.loads(ALIAS.sub(lambda found: self.ids[found[1]], json.dumps(step)))
        status, body = self.send(step["method"], step["path"], step.get("body"))
        if step["method"] == "POST" and status == 201:
            self.made.append(f"{step['path']}/{body['id']}")
        if status not in step["expect"]["status"]:
            return [f"expected {step['expect']['status']}, not {status}: {body}"]
        if step["path"] == "/Schemas":
            self.schemas = {schema["id"] for schema in body["Resources"]}
        if "keep" in step:
            self.ids[step["keep"]] = body["id"]
        if step["method"] == "PATCH" and body is None:
            status, body = self.send("GET", step["path"])
        return differences(body, step["expect"], self.schemas)

    def clear(self) -> None:
        """Deletes what the session leaves behind; most of it has been deleted in it."""
        for path in self.made:
            self.send("DELETE", path)


def main() -> None:
    parser = arguments()
    parser.add_argument("--typed", action="store_true", help="send dates as dates, and no manager that is nobody")
    parser.add_argument("--directory", action="store_true", help="only warn of what a directory cannot do")
    options = parser.parse_args()
    session = Session(target(options))
    tally = Tally("scim-validator")
    for step in json.loads(SESSION.read_text()):
        step = prepared(step, options.domain, options.typed)
        wrong = session.play(step)
        excused = options.directory and "cannot" in step["expect"]
        outcome = ("warned" if excused else "failed") if wrong else "passed"
        tally.note(outcome, f"step {step['n']}, {step['method']} {step['path']}", "; ".join(wrong))
    session.clear()
    tally.close()


if __name__ == "__main__":
    main()
