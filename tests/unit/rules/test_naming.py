import pytest

from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import WORLD
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.loader import compile_source
from reality_engine.rules.decision import Request
from reality_engine.rules.naming import named_by, refs_in

REF = FieldType("ref", kind="thing")
ONE, TWO = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
PACK = compile_source(
    {
        "pack.yaml": """
pack: tiny
version: 1.0.0
roles: {gm: {admin: true}}
kinds: {thing: {owned: true, fields: {name: text}}}
actions:
  act: {actor: thing, target: thing, allow: "true", input: {to: {type: list, of: {type: ref, kind: thing}}, note: text}}
"""
    }
)


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        (ONE, REF, [ONE]),
        ([ONE, TWO], FieldType("list", of=REF), [ONE, TWO]),
        ({"a": ONE, "b": TWO}, FieldType("map", of=REF), [ONE, TWO]),
        ({"a": ONE, "b": TWO}, FieldType("record", fields=(("a", REF), ("b", FieldType("text")))), [ONE]),
        ([{"a": [ONE]}], FieldType("list", of=FieldType("record", fields=(("a", FieldType("list", of=REF)),))), [ONE]),
        ({"a": ONE}, FieldType("json"), []),
        (None, REF, []),
    ],
)
def test_refs_are_found_wherever_a_type_has_them(value: Plain, kind: FieldType, found: list[str]) -> None:
    assert list(refs_in(value, kind)) == [(key, "thing") for key in found]


def test_a_request_names_its_actor_its_target_and_the_refs_of_its_inputs() -> None:
    request = Request("act", WORLD, actor=ONE, target="garbage", input={"to": [TWO, "more"], "note": WORLD.id})
    assert named_by(PACK.actions["act"], request) == {ONE, TWO}
    assert named_by(None, request) == {ONE}
