"""The JSON Schema of packs, for editors that complete and check while one types; the compiler checks far more."""

from typing import TYPE_CHECKING, Any, Final

from reality_engine.packs.definitions.pack import PackDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED: Final = ("roles", "kinds", "actions", "reactions", "schedules", "fields", "input")
_NAMES: "Final[Mapping[str, Any]]" = {"pattern": "^[a-z][a-z0-9_]*$", "maxLength": 60}


def pack_schema() -> dict[str, Any]:
    """Return the schema, in the dialect of 2020-12, that `docs/pack.schema.json` holds."""
    schema = PackDefinition.model_json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, member in model.get("properties", {}).items():
            _name_keys(name, member)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Reality Engine pack"}
    return {**head, **{key: value for key, value in schema.items() if key != "title"}}


def _name_keys(name: str, member: dict[str, Any]) -> None:
    """Say which names may be given, and take away the titles that Pydantic makes up from the keys."""
    member.pop("title", None)
    if name in _NAMED:
        for part in (member, *member.get("anyOf", ())):
            # Where texts are named, these are the present names of what has other ones there.
            if part.get("type") == "object" and part.get("additionalProperties", {}).get("type") != "string":
                part["propertyNames"] = dict(_NAMES)
