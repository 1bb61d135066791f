"""What can be read of a world over HTTP, as the application's own OpenAPI document says it; not what to ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ROOT: Final = "/api/v1/worlds/{world}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a request: where it stands, and the JSON Schema of its values."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that can be read."""

    path: str
    parameters: tuple[Parameter, ...]


class UnknownParameterError(LookupError):
    """The proof knows no values for a parameter, and so would leave an endpoint out."""


def endpoints(document: Mapping[str, Any]) -> list[Endpoint]:
    """Return every endpoint that reads a world."""
    found = []
    for path, methods in document["paths"].items():
        if path.startswith(ROOT) and "get" in methods:
            shared = methods.get("parameters", [])
            given = [_parameter(document, one) for one in (*shared, *methods["get"].get("parameters", []))]
            found.append(Endpoint(path, tuple(one for one in given if one.name != "world")))
    return found


def _parameter(document: Mapping[str, Any], given: Mapping[str, Any]) -> Parameter:
    given = _followed(document, given)
    return Parameter(
        given["name"], given["in"], bool(given.get("required")), _followed(document, given.get("schema", {}))
    )


def _followed(document: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to, and of a value that may be null the type that it has otherwise."""
    if "$ref" in given:
        for step in str(given["$ref"]).removeprefix("#/").split("/"):
            document = document[step]
        return document
    choices = [one for one in given.get("anyOf", ()) if one.get("type") != "null"]
    return {**given, **_followed(document, choices[0])} if choices else given
