from typing import Any

import pytest

from reality_engine.erasure.placeholder import placeholder
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Field, FieldType
from reality_engine.packs.compiler.field_types import static_type
from reality_engine.packs.conform import conform
from tests.serving import NOON

TYPES = [
    FieldType("text"), FieldType("text", max_length=5), FieldType("integer", minimum=3), FieldType("number"),
    FieldType("boolean"), FieldType("enum", values=("calm", "cross")), FieldType("timestamp"), FieldType("date"),
    FieldType("duration"), FieldType("list", of=FieldType("text")), FieldType("set", of=FieldType("text")),
    FieldType("map", of=FieldType("text")), FieldType("json"), FieldType("meter", maximum=6),
]  # fmt: skip


def of(kind: FieldType, **more: Any) -> Plain:
    field = Field("name", kind, static_type(kind), 0, required=True, **more)
    return placeholder(field, fresh_id(NOON))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.base)
def test_a_placeholder_is_a_value_that_the_field_takes(kind: FieldType) -> None:
    made = of(kind)
    assert made is not None
    assert conform(made, kind) == made


@pytest.mark.parametrize(
    "kind", [FieldType("text", max_length=80), FieldType("text", max_length=8), FieldType("integer")]
)
def test_those_of_unique_fields_are_never_the_same(kind: FieldType) -> None:
    made = [of(kind, unique=True) for _ in range(50)]
    assert len({str(one) for one in made}) == 50
    assert [conform(one, kind) for one in made] == made


def test_there_is_none_for_what_leads_to_something_else() -> None:
    assert of(FieldType("ref", kind="faction")) is None
    assert of(FieldType("enum", values=("a", "b")), unique=True) is None
