"""Every request body takes the JSON types that OpenAPI gives it: no number for a boolean, no text for a number."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from typing import Annotated, Any, Final, Literal

import pytest
from pydantic import AwareDatetime, Field, ValidationError

from reality_engine.web.bodies import RequestBody

Place = tuple[str | int, ...]
# What Pydantic would read as each type, unless it is told not to.
WRONG: Final[dict[str, tuple[Any, ...]]] = {
    "boolean": (0, 1, 0.0, "true", "off", "1"),
    "integer": ("1", True, 1.5),
    "number": ("1.5", True),
    "date-time": (0, 1.5, True),
}


class Colour(Enum):
    RED = "red"


class InnerRequest(RequestBody):
    counts: list[int] = Field(default_factory=list)


class OuterRequest(RequestBody):
    flag: bool | None = None
    type: Annotated[bool, Field(description="called as the schemas call their own")] = False
    fields: dict[str, bool] = Field(default_factory=dict)
    metadata: int = Field(1, ge=1, le=5)
    default: float = 0.5
    numbered: dict[int, tuple[bool, ...]] = Field(default_factory=dict)
    either: int | str = 0
    at: AwareDatetime | None = None
    colour: Colour = Colour.RED
    word: Literal["a", 1] = "a"
    inner: InnerRequest | None = None
    inners: list[InnerRequest] = Field(default_factory=list)


class FurtherRequest(OuterRequest):
    more: bool = False


def refusals(kind: type[RequestBody], given: object) -> list[Place]:
    try:
        kind.model_validate(given)
    except ValidationError as error:
        return [one["loc"] for one in error.errors()]
    return []


@pytest.mark.parametrize(
    ("place", "given"),
    [
        (("flag",), {"flag": 0}),
        (("type",), {"type": "true"}),
        (("fields", "a"), {"fields": {"a": 1}}),
        (("metadata",), {"metadata": "2"}),
        (("metadata",), {"metadata": True}),
        (("metadata",), {"metadata": 2.5}),
        (("metadata",), {"metadata": 6}),
        (("default",), {"default": "1.5"}),
        (("numbered", "1", 0), {"numbered": {"1": ["yes"]}}),
        (("at",), {"at": 0}),
        (("inner", "counts", 1), {"inner": {"counts": [1, "2"]}}),
        (("inners", 0, "counts", 0), {"inners": [{"counts": [False]}]}),
        (("more",), {"more": 1}),
    ],
)
def test_another_type_is_refused_at_its_place(place: Place, given: dict[str, Any]) -> None:
    assert [found[: len(place)] for found in refusals(FurtherRequest, given)] == [place]


def test_what_the_types_are_is_taken_and_text_is_read_where_it_is_text() -> None:
    given = {
        "flag": True, "type": True, "fields": {"a": False}, "metadata": 2.0, "default": 1, "numbered": {"7": [True]},
        "either": "5", "at": "2026-05-01T18:00:00Z", "colour": "red", "word": 1, "inner": {"counts": [1]}, "more": True,
    }  # fmt: skip
    read = FurtherRequest.model_validate(given)
    assert (read.flag, read.type, read.fields, read.metadata, read.default) == (True, True, {"a": False}, 2, 1.0)
    assert (read.numbered, read.either, read.colour, read.more) == ({7: (True,)}, "5", Colour.RED, True)
    assert read.at == datetime(2026, 5, 1, 18, tzinfo=UTC)
    assert FurtherRequest.model_validate({"flag": None, "at": read.at}).at == read.at


def test_the_error_is_the_one_for_a_wrong_type() -> None:
    with pytest.raises(ValidationError) as refused:
        OuterRequest.model_validate_json('{"flag": 1, "metadata": "1", "at": 1}')
    assert [one["type"] for one in refused.value.errors()] == ["bool_type", "int_type", "datetime_type"]


def places(schema: dict[str, Any], known: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield where a schema has values of such a type, with the type."""
    if "$ref" in schema:
        yield from places(known[schema["$ref"].rpartition("/")[2]], known)
    for one in schema.get("anyOf", ()):
        yield from places(one, known)
    kind = schema.get("format") if schema.get("type") == "string" else schema.get("type")
    if kind in WRONG:
        yield (), kind
    inner = [(name, one) for name, one in schema.get("properties", {}).items()]
    inner += [(0, schema["items"])] if schema.get("items") else []
    inner += [("a", schema["additionalProperties"])] if isinstance(schema.get("additionalProperties"), dict) else []
    for name, one in inner:
        yield from (((name, *place), kind) for place, kind in places(one, known))


def holding(place: Place, value: object) -> object:
    """Return a document with a value at a place, and nothing else."""
    for name in reversed(place):
        value = [value] if name == 0 else {name: value}
    return value


def bodies(kind: type[RequestBody]) -> Iterator[type[RequestBody]]:
    for one in kind.__subclasses__():
        yield from (one, *bodies(one))


def test_no_body_of_the_product_takes_another_type() -> None:
    import_module("reality_engine.app.api")  # every body, for they are found by their parent
    told, taken = set(), []
    for kind in {one for one in bodies(RequestBody) if one.__module__.startswith("reality_engine.")}:
        schema = kind.model_json_schema()
        for place, name in places(schema, schema.get("$defs", {})):
            told.add((kind.__name__, place))
            for wrong in WRONG[name]:
                found = refusals(kind, holding(place, wrong))
                taken += [] if place in [one[: len(place)] for one in found] else [(kind.__name__, place, wrong)]
    assert taken == []
    assert {
        ("ClientRequest", ("public",)),
        ("BatchRequest", ("atomic",)),
        ("BatchRequest", ("actions", 0, "occurred_at")),
        ("ConfigureRequest", ("public",)),
        ("KeyRequest", ("per_day",)),
    } <= told
