"""Microsoft's Postman collection for SCIM, run by newman."""

import json
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from suite import Tally, adaptable, target

COLLECTION = Path(__file__).parent / "data/postman.json"
ADDRESS = re.compile(r"\{\{Protocol\}\}://\{\{Server\}\}\{\{Port\}\}/\{\{Api\}\}")

# What is written differently in every body. `run` and `domain` are variables of the run.
BODIES = [
    # User names are user principal names, of a verified domain; and another run may have left its own behind.
    (r'("userName"\s*:\s*")([^"]*)"', r'\1\2{{run}}@{{domain}}"'),
    (r'("path"\s*:\s*"userName"\s*,\s*"value"\s*:\s*")([^"]*)"', r'\1\2{{run}}@{{domain}}"'),
    (r'"BobIsAmazing"', '"BobIsAmazing{{run}}"'),
    # A variable that Postman does not know.
    (r"\$\{__UUID\}", "{{$guid}}"),
    # No two users have one address, and each address is one; `number` is that of the request.
    (r'("value"\s*:\s*"emailName357)"', r'\1@bob.com"'),
    (r'("value"\s*:\s*"[\w.]+)(@[\w.]+")', r"\1.{{run}}-{{number}}\2"),
    # Entra keeps one name: what is given as `displayName` is `name.formatted` too.
    (r'("displayName"\s*:\s*")[^"]*("[\s\S]*"formatted"\s*:\s*"NewName")', r"\1NewName\2"),
    # A manager who does not exist.
    (r',\s*"Manager"\s*:\s*\{\s*"Value"\s*:\s*"SuzzyQ"\s*\}', ""),
]

# What is asked differently: values of filters are JSON.
ADDRESSES = [
    (r"eq Employee", 'eq "Employee"'),
    (r"co (example\.\w+)", r'co "\1"'),
    (r"sw O$", 'sw "O"'),
    (r"gt (2015\S+)", r'gt "\1"'),
    (r"BobIsAmazing", "BobIsAmazing{{run}}"),
]

# What is expected differently.
SCRIPTS = [
    (r'"(ryan3|newusername|OMalley)"\)', r'"\1" + pm.environment.get("run") + "@" + pm.environment.get("domain"))'),
    # Others are in the directory: the totals are not those of an empty one, nor is it empty at the end.
    (r"totalResults\)\.to\.eql\(\d+\)", "totalResults).to.be.at.least(1)"),
    (r'pm\.test\("(Users|Groups) cleared"[\s\S]*', ""),
    (r'Resources\[0\]\.endpoint\)\.to\.eql\(', "Resources.map((type) => type.endpoint)).to.include("),
    # The members of a group have no `displayName`: one is recognised by its id.
    (r'include\("new User"\)', 'include(pm.environment.get("id4"))'),
]

# RFC 7644, section 3.5.2: a PATCH is answered with 200 and the resource, or with 204.
PATCHED = (r"pm\.response\.to\.have\.status\(204\)", "pm.expect(pm.response.code).to.be.oneOf([200, 204])")
# A member who does not exist may be refused.
DANGLING = (r"oneOf\(\[200, 204\]\)", "oneOf([200, 204, 400, 404])")


def change(text: str, changes: list[tuple[str, str]]) -> str:
    for pattern, instead in changes:
        text = re.sub(pattern, instead, text)
    return text


def point(request: dict) -> None:
    """Sends a request to where the service is, under the name that RFC 7644 gives the resource."""
    url = request["url"] if isinstance(request["url"], str) else request["url"]["raw"]
    request["url"] = ADDRESS.sub("{{base}}", url).replace("/serviceConfiguration", "/ServiceProviderConfig")
    request.pop("auth", None)
    request["header"] = [one for one in request.get("header", []) if one["key"].lower() != "authorization"]


def adapt(item: dict, number: int) -> None:
    """Adapts a request, and what is expected of its answer, to a directory that is not empty and has rules."""
    request = item["request"]
    request["url"] = change(request["url"], ADDRESSES)
    body = (request.get("body") or {}).get("raw", "")
    if body:
        request["body"]["raw"] = change(body, BODIES).replace("{{number}}", str(number))
    changes = SCRIPTS + [PATCHED] * (request["method"] == "PATCH") + [DANGLING] * ("string id" in body)
    for event in item.get("event", []):
        if event["listen"] == "test":
            script = "\n".join(event["script"].get("exec", []))
            event["script"]["exec"] = change(script, changes).split("\n")


def prepare(items: list[dict], published: bool, numbers: Iterator[int]) -> list[dict]:
    """The items that are to run; the request for a token is none, as the service gives out no tokens."""
    kept = []
    for item in items:
        if "item" in item:
            item["item"] = prepare(item["item"], published, numbers)
        elif item["name"] == "Get Token":
            continue
        else:
            point(item["request"])
            if not published:
                adapt(item, next(numbers))
        kept.append(item)
    return kept


def main() -> None:
    parser = adaptable()
    parser.add_argument("--newman", default="newman", help="the program newman")
    options = parser.parse_args()
    at = target(options)
    collection = json.loads(COLLECTION.read_text())
    collection["item"] = prepare(collection["item"], options.published, count(1))
    collection["auth"] = {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]}
    variables = {"base": at.base, "token": at.token, "domain": at.domain, "run": uuid.uuid4().hex[:8]}
    with tempfile.TemporaryDirectory() as folder:
        adapted, report = Path(folder) / "collection.json", Path(folder) / "report.json"
        adapted.write_text(json.dumps(collection))
        command = [options.newman, "run", str(adapted), "--timeout-request", "60000"]
        command += ["--reporters", "json", "--reporter-json-export", str(report)]
        command += [word for name, value in variables.items() for word in ("--env-var", f"{name}={value}")]
        told = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            sys.exit(f"newman made no report: {told.stdout}{told.stderr}")
        run = json.loads(report.read_text())["run"]
    tally = Tally("postman")
    for execution in run["executions"]:
        code = execution.get("response", {}).get("code", "no answer")
        for assertion in execution.get("assertions") or []:
            error = assertion.get("error")
            check = f"{execution['item']['name']}: {assertion['assertion']}"
            tally.note("failed" if error else "passed", check, f"{error['message']} (HTTP {code})" if error else "")
        for script in execution.get("testScript") or []:
            if script.get("error"):
                tally.note("failed", execution["item"]["name"], f"{script['error']['message']} (HTTP {code})")
    tally.close()


if __name__ == "__main__":
    main()
