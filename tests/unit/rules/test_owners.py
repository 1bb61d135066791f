"""What entities note of the owners of others is kept up to date within the limits of an action."""

from dataclasses import replace

from reality_engine.rules.decision import Limits
from tests.unit.rules.worlds import BEN, GIA, PIA, World, made, world_of

PARTS = """
kinds:
  thing:
    owned: true
    visible_to: [everyone]
    fields: {name: text}
  tag:
    visible_to: [owner of thing]
    fields: {thing: {type: ref, kind: thing}}
actions:
  make:
    allow: "true"
    input: {name: {type: text, default: one}}
    effects:
      - create: {kind: thing, name: made, fields: {name: =input.name}}
      - for_each: {item: x, in: "=[1, 2, 3]", do: [{create: {kind: tag, fields: {thing: =made.id}}}]}
  give:
    target: thing
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
"""


def noted(world: World) -> list[object]:
    return [one.get("@audience") for one in world.entities.values() if one.kind == "tag"]


def test_a_new_owner_is_noted_by_all_that_speak_of_the_owner_in_the_same_event() -> None:
    world = world_of(PARTS)
    key = made(world)
    assert noted(world) == [{"owners": {"thing": PIA.id}}] * 3
    given = world.do(GIA, "give", target=key, to=BEN.id)
    assert noted(world) == [{"owners": {"thing": BEN.id}}] * 3
    assert [one.change.field for one in given.events[0].changes] == ["@owner", "@audience", "@audience", "@audience"]
    assert {one.keys | one.keys_before for one in given.events[0].changes[1:]} == {frozenset()}
    world.do(GIA, "give", target=key, to="")
    assert noted(world) == [None] * 3


def test_they_count_towards_the_limit_on_changes() -> None:
    world = world_of(PARTS)
    key = made(world)
    world.limits = replace(Limits(), changes=3)
    assert world.refused(GIA, "give", target=key, to=BEN.id).code == "limit_exceeded"
    world.limits = replace(Limits(), changes=4)
    world.do(GIA, "give", target=key, to=BEN.id)
