"""Holds an answer against what the recorded session expects of it."""


def differences(body: object, expected: dict, schemas: set[str]) -> list[str]:
    """What is not as expected; `schemas` are those that the service has."""
    found = _missing(body, expected["has"], "") if "has" in expected else []
    for schema, part in expected.get("where", {}).items():
        if schema in schemas:
            found += _missing(body, part, "")
    for path in expected.get("unassigned", []):
        value = _at(body, path)
        if not _is_unassigned(value):
            found.append(f"{path}: expected to be unassigned, not {value!r}")
    for path in expected.get("left_out", []):
        value = _at(body, path)
        if value is not None:
            found.append(f"{path}: expected to be left out, not {value!r}")
    if "members" in expected:
        members = _at(body, ["members"])
        if not isinstance(members, list) or len(members) != expected["members"]:
            found.append(f"expected {expected['members']} members, not {members!r}")
    return found


def _missing(actual: object, expected: object, place: str) -> list[str]:
    """What the actual value lacks of the expected one: it may have more keys, and its arrays more elements."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key, value in expected.items():
            inner = _get(actual, key)
            found += _missing(inner, value, f"{place}/{key}") if inner is not None else [f"{place}/{key} is missing"]
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        strays = [one for one in expected if not any(not _missing(other, one, place) for other in actual)]
        return [f"{place}: nothing like {stray!r} in {actual!r}" for stray in strays]
    return [] if actual == expected else [f"{place}: expected {expected!r}, not {actual!r}"]


def _at(body: object, path: list) -> object:
    """The value at a path of keys and positions, or `None`."""
    for part in path:
        if isinstance(part, int):
            body = body[part] if isinstance(body, list) and part < len(body) else None
        else:
            body = _get(body, part) if isinstance(body, dict) else None
    return body


def _get(value: dict, key: str) -> object:
    """The value of a key. The service of the recording writes `resources`, as Microsoft's own API does."""
    return value.get(key, value.get("Resources") if key == "resources" else None)


def _is_unassigned(value: object) -> bool:
    """Whether it is as good as not there (RFC 7643, section 2.5)."""
    return value in (None, "", [], {}) or (isinstance(value, dict) and all(map(_is_unassigned, value.values())))
