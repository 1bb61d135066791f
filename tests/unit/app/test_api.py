from collections import Counter
from typing import Any

import pytest

from reality_engine.app.api import document

DOCUMENT: dict[str, Any] = document()
BY_PLACE: dict[str, tuple[str, dict[str, Any]]] = {
    f"{method} {path}": (path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
OPERATIONS = [pytest.param(*both, id=place) for place, both in BY_PLACE.items()]
TAGS = {tag["name"] for tag in DOCUMENT["tags"]}


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_names_of_operations_are_words_and_unique() -> None:
    names = Counter(operation["operationId"] for _, operation in BY_PLACE.values())
    assert [name for name, count in names.items() if count > 1 or "api_v1" in name] == []


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_operation_is_described_and_has_its_place(path: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert set(operation["tags"]) <= TAGS
    assert operation["tags"]
    assert path.startswith(("/api/v1/", "/.well-known/")) or operation["tags"] == ["health"]


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_operation_says_how_it_may_fail(path: str, operation: dict[str, Any]) -> None:
    answers = set(operation["responses"])
    assert {"400", "413", "422", "500", "503"} <= answers
    if "security" in operation:
        assert "401" in answers
    if "{" in path:
        assert "404" in answers


# What standards say the form of, and whose readers know no envelope.
OF_OTHERS = ("/.well-known/", "/oauth/")


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_answer_is_the_envelope(path: str, operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if status in {"204", "303"} or "application/gzip" in answer["content"]:
            continue
        if status == "200" and path.startswith(OF_OTHERS):
            continue
        reference = answer["content"]["application/json"]["schema"]["$ref"]
        schema = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
        assert {"data", "meta", "errors"} <= set(schema["properties"]), (path, status)


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_json_body_has_an_example(path: str, operation: dict[str, Any]) -> None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = content["schema"]
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = {name: schema["properties"][name] for name in schema.get("required", ())}
    assert schema.get("examples") or all("examples" in each for each in required.values()), path
