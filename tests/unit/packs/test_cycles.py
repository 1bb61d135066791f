import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError, PackProblem

PACK = """
pack: loops
version: 1.0.0
roles: {{gm: {{admin: true}}}}
kinds:
  bowl:
    visible_to: [everyone]
    fields: {{water: {{type: meter, max: 5}}, wine: {{type: meter, max: 5}}, rate: integer}}
actions:
  start:
    target: bowl
    allow: "true"
    effects:
      - emit: {{type: began, visible_to: [everyone], about: target, data: {{n: 1}}}}
reactions:
{reactions}
"""
FULL = "to: {event: meter.filled, kind: bowl, field: water}"
EMPTY = "to: {event: meter.emptied, kind: bowl, field: water}"
BEGAN = "to: {event: began}"
EMIT = "emit: {type: began, visible_to: [everyone], about: entity, data: {n: 2}}"


def cycles(*reactions: str) -> list[str]:
    text = "\n".join(f"  r{number}: {{{each}}}" for number, each in enumerate(reactions))
    problems = problems_of(PACK.format(reactions=text))
    assert {problem.code for problem in problems} <= {"reaction_cycle"}, problems
    return [problem.message.rpartition(": ")[2] for problem in problems]


def problems_of(source: str) -> tuple[PackProblem, ...]:
    try:
        compile_source({"pack.yaml": source})
    except PackError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("effect", "goes_round"),
    [
        ("set: {entity.water: 0}", False),
        ("set: {entity.water: 3}", False),
        ("set: {entity.water: 5}", True),
        ('set: {entity.water: "=entity.rate"}', True),
        ("add: {entity.water: 1}", True),
        ("add: {entity.water: -1}", False),
        ('add: {entity.water: "=entity.rate"}', True),
        ("set: {entity.wine: 5}", False),
        ('if: "true", then: [{set: {entity.water: 5}}]', False),
    ],
)
def test_what_a_literal_can_set_off_is_known(effect: str, goes_round: bool) -> None:
    assert bool(cycles(f"{FULL}, effects: [{{{effect}}}]")) is goes_round


def test_a_longer_way_round_is_told_once() -> None:
    fill, empty = "effects: [{set: {entity.water: 5}}]", "effects: [{set: {entity.water: 0}}]"
    assert cycles(f"{FULL}, {empty}", f"{EMPTY}, {fill}") == ["r0 -> r1 -> r0"]


def test_a_when_on_the_way_is_enough() -> None:
    fill, empty = "effects: [{set: {entity.water: 5}}]", "effects: [{set: {entity.water: 0}}]"
    assert cycles(f'{FULL}, when: "entity.rate > 1", {empty}', f"{EMPTY}, {fill}") == []


def test_an_event_that_sets_itself_off_is_told() -> None:
    assert cycles(f"{BEGAN}, effects: [{{{EMIT}}}]") == ["r0 -> r0"]
    assert cycles(f'{BEGAN}, when: "event.data.n < 2", effects: [{{{EMIT}}}]') == []
