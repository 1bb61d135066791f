import pytest

from reality_engine.kernel.json import Plain
from tests.unit.rules.worlds import BEN, PIA, acting, made

COUNTS = """
name: text
count: {type: integer, default: 2, max: 9}
ratio: {type: number, default: 0.5}
level: {type: meter, max: 8}
words: {type: list, of: text, default: [b, a], max_items: 3}
tags: {type: set, of: text, default: [old]}
stock: {type: map, of: integer, default: {oil: 1}}
loose: {type: json, default: {a: 1}}
note: text
"""


def after(effects: str) -> dict[str, Plain]:
    world = acting(effects, COUNTS)
    world.do(PIA, "act", target=made(world))
    return dict(world.one("thing").fields)


def refusal(effects: str) -> str:
    world = acting(effects, COUNTS)
    return world.refused(PIA, "act", target=made(world)).code


@pytest.mark.parametrize(
    ("effect", "field", "value"),
    [
        ("set: {target.count: 5}", "count", 5),
        ('set: {target.note: "=target.name + me.name"}', "note", "onePia"),
        ("add: {target.count: 3}", "count", 5),
        ("add: {target.ratio: 0.25}", "ratio", 0.75),
        ("add: {target.level: 3}", "level", 3),
        ("add: {target.level: 30}", "level", 8),
        ("add: {target.level: -3}", "level", 0),
        ("add: {target.words: c}", "words", ["b", "a", "c"]),
        ("add: {target.tags: new}", "tags", ["new", "old"]),
        ("add: {target.tags: old}", "tags", ["old"]),
        ("add: {target.stock: {oil: 3, rope: 1}}", "stock", {"oil": 3, "rope": 1}),
        ("remove: {target.words: b}", "words", ["a"]),
        ("remove: {target.words: z}", "words", ["b", "a"]),
        ("remove: {target.tags: old}", "tags", []),
        ("remove: {target.stock: oil}", "stock", {}),
    ],
)
def test_an_effect_writes_a_field(effect: str, field: str, value: Plain) -> None:
    assert after(f"- {effect}")[field] == value


def test_null_takes_a_value_away() -> None:
    assert "note" not in after("- set: {target.note: x}\n- set: {target.note: null}")


def test_what_may_lack_is_passed_on_as_it_is() -> None:
    assert after('- set: {target.note: "=?target.name + me.name"}')["note"] == "onePia"
    assert "note" not in after('- set: {target.note: x}\n- set: {target.note: "=?target.loose.b"}')


def test_only_what_has_no_value_may_lack() -> None:
    assert refusal('- set: {target.count: "=?target.count / 0"}') == "evaluation_failed"


def test_what_is_created_without_a_value_has_its_default() -> None:
    world = acting(
        '- create: {kind: thing, name: new, fields: {name: new, note: "=?input.to", count: "=?input.count"}}',
        COUNTS,
        action="input: {to: {type: text, required: false}, count: {type: integer, required: false}}",
    )
    world.do(PIA, "act", target=made(world), to="Ben")
    assert (world.one("thing", name="new").get("note"), world.one("thing", name="new").get("count")) == ("Ben", 2)


def test_true_in_a_loose_field_is_not_one() -> None:
    assert after("- set: {target.loose: {a: true}}")["loose"] == {"a": True}


@pytest.mark.parametrize(
    ("effect", "code"),
    [
        ("add: {target.count: 8}", "out_of_bounds"),
        ('set: {target.count: "=target.count / 0"}', "evaluation_failed"),
        ('set: {target.name: "=target.note"}', "no_value"),
        ("for_each: {item: n, in: '=[1, 2]', do: [{add: {target.words: x}}]}", "out_of_bounds"),
    ],
)
def test_a_value_that_does_not_fit_refuses_the_action(effect: str, code: str) -> None:
    assert refusal(f"- {effect}") == code


def test_effects_see_what_those_before_them_did() -> None:
    assert after("- set: {target.count: 5}\n- add: {target.count: 1}\n- set: {target.note: '=string(target.count)'}")[
        "note"
    ] == ("6")


def test_what_an_event_changes_and_changes_back_is_no_change() -> None:
    world = acting("- set: {target.note: x}\n- set: {target.note: null}", COUNTS)
    thing = made(world)
    before = world.one("thing")
    assert world.do(PIA, "act", target=thing).events[0].changes == ()
    assert world.one("thing") == before


def test_a_meter_tells_when_it_is_full_and_when_it_is_empty() -> None:
    world = acting("- set: {target.level: '=target.level > 0 ? 0 : 8'}", COUNTS)
    thing = made(world)
    filled, emptied = (world.do(PIA, "act", target=thing).events[1] for _ in range(2))
    assert (filled.type, filled.target, filled.cause, filled.depth) == ("meter.filled", thing, 0, 1)
    assert dict(filled.data) == {"entity": thing, "kind": "thing", "field": "level"}
    assert emptied.type == "meter.emptied"


def test_a_meter_that_stays_full_tells_it_once() -> None:
    world = acting("- set: {target.level: 8}\n- add: {target.level: 1}", COUNTS)
    done = world.do(PIA, "act", target=made(world))
    assert [event.type for event in done.events] == ["act", "meter.filled"]


def test_dice_are_recorded_and_named() -> None:
    world = acting("- roll: {name: luck, dice: 2d6+1}\n- set: {target.count: '=rolls.luck - 5'}", COUNTS)
    done = world.do(PIA, "act", 6, 4, target=made(world))
    assert done.events[0].rolls == {"luck": {"faces": [6, 4], "plus": 1, "total": 11}}
    assert world.one("thing").get("count") == 6


def test_dice_in_a_loop_are_each_recorded() -> None:
    world = acting("- for_each: {item: n, in: '=[1, 2, 3]', do: [{roll: {name: luck, dice: d6}}]}", COUNTS)
    done = world.do(PIA, "act", 1, 2, 3, target=made(world))
    assert [(name, roll["faces"]) for name, roll in done.events[0].rolls.items() if isinstance(roll, dict)] == [
        ("luck", [1]),
        ("luck.2", [2]),
        ("luck.3", [3]),
    ]


def test_drawing_takes_out_what_it_draws_and_is_refused_when_nothing_is_left() -> None:
    world = acting("- draw: {name: card, from: target.words}\n- set: {target.note: =card}", COUNTS)
    thing = made(world)
    world.do(PIA, "act", 2, target=thing)
    assert (world.one("thing").get("note"), world.one("thing").get("words")) == ("a", ["b"])
    world.do(PIA, "act", target=thing)
    assert world.refused(PIA, "act", target=thing).code == "empty_list"


def test_shuffling_keeps_every_element() -> None:
    words = after("- shuffle: target.words")["words"]
    assert isinstance(words, list)
    assert sorted(map(str, words)) == ["a", "b"]


def test_if_does_one_or_the_other_and_what_cannot_be_worked_out_is_no() -> None:
    effect = "- {if: 'target.note == \"x\"', then: [{set: {target.count: 1}}], else: [{set: {target.count: 3}}]}"
    assert after(effect)["count"] == 3
    assert after(f"- set: {{target.note: x}}\n{effect}")["count"] == 1


def test_emitted_events_carry_data_and_an_audience() -> None:
    world = acting(
        """
        - emit:
            type: thing.told
            visible_to: [actor, owner of target, gm]
            about: target
            data: {count: "=1 + 1", word: w}
            narrative: "{me.name} tells"
        """
    )
    event = world.do(BEN, "act", target=made(world)).events[1]
    assert event.keys == {f"user:{BEN.id}", f"user:{PIA.id}", "role:gm"}
    assert dict(event.data) == {"count": 2, "word": "w"}
