"""Links of the OpenAPI document lead somewhere: what they name is there, in what is answered and in what is asked."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from reality_engine.app.api import document
from reality_engine.app.links import THINGS, tell

BODY, PATH = "$response.body#", "$request.path."


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document()


def operations(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for item in told["paths"].values() for one in item.values()}


def linked(told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each link with the operation and the answer that it comes from."""
    for name, operation in operations(told).items():
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                yield name, answer, link


def parameters(operation: Mapping[str, Any], place: str) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == place}


def leads(told: Mapping[str, Any], schema: Mapping[str, Any], steps: list[str]) -> bool:
    """Say whether an answer of this schema may have something at the end of a JSON pointer."""
    if "$ref" in schema:
        return leads(told, told["components"]["schemas"][schema["$ref"].rpartition("/")[2]], steps)
    if "anyOf" in schema or "oneOf" in schema:
        return any(leads(told, one, steps) for one in schema.get("anyOf", schema.get("oneOf", [])))
    if not steps:
        return schema.get("type") == "string"
    if schema.get("type") == "array":
        return steps[0].isdigit() and leads(told, schema["items"], steps[1:])
    if "properties" in schema:
        return steps[0] in schema["properties"] and leads(told, schema["properties"][steps[0]], steps[1:])
    return schema.get("type") == "object" and bool(schema.get("additionalProperties"))


def test_the_table_says_each_link_once() -> None:
    pairs = Counter((source, taker) for thing in THINGS for source in thing.given for taker in thing.taken)
    assert not [pair for pair, times in pairs.items() if times > 1]


def test_every_link_of_the_table_is_told(told: dict[str, Any]) -> None:
    pairs = {(source, taker) for thing in THINGS for source in thing.given for taker in thing.taken}
    assert {(source, link["operationId"]) for source, _, link in linked(told)} == pairs


def test_a_link_leads_to_an_operation_and_names_all_of_its_path_and_nothing_that_it_does_not_take(
    told: dict[str, Any],
) -> None:
    known = operations(told)
    for source, _, link in linked(told):
        taker = known[link["operationId"]]
        path, named = parameters(taker, "path"), set(link["parameters"])
        assert path <= named <= path | parameters(taker, "query") | parameters(taker, "header"), (source, link)


def test_what_a_link_takes_from_the_request_is_in_the_request(told: dict[str, Any]) -> None:
    known = operations(told)
    for source, _, link in linked(told):
        asked = {one.removeprefix(PATH) for one in link["parameters"].values() if one.startswith(PATH)}
        assert asked <= parameters(known[source], "path"), (source, link)


def test_what_a_link_takes_from_the_answer_is_in_the_answer(told: dict[str, Any]) -> None:
    for source, answer, link in linked(told):
        pointers = [one.removeprefix(BODY) for one in link["parameters"].values() if one.startswith(BODY)]
        schema = answer["content"]["application/json"]["schema"]
        assert pointers, (source, link)
        assert all(leads(told, schema, one.split("/")[1:]) for one in pointers), (source, link)


@pytest.mark.parametrize("pointer", ["/data/ids", "/data/0/id", "/data/pack", "/meta/id"])
def test_a_pointer_that_is_wrong_is_noticed(told: dict[str, Any], pointer: str) -> None:
    answer = operations(told)["create_world"]["responses"]["201"]
    assert not leads(told, answer["content"]["application/json"]["schema"], pointer.split("/")[1:])


def test_an_operation_that_is_gone_is_noticed() -> None:
    with pytest.raises(KeyError, match="create_world"):
        tell({"paths": {}})
