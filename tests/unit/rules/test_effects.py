import pytest

from reality_engine.kernel.json import Plain
from reality_engine.state.entity import LIFE, OWNER
from tests.unit.rules.worlds import BEN, GIA, PIA, World, acting, made, world_of

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
    done = world.do(PIA, "act", target=made(world))
    assert done.events[0].changes == ()
    assert world.one("thing").revision == 1


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


MAKING = """
name: {type: text, unique: true, max_length: 80}
friend: {type: ref, kind: thing}
friends: {type: list, of: {type: ref, kind: thing}}
"""


def test_create_and_delete_in_one_action_folds_to_a_deleted_entity() -> None:
    world = acting(
        "- create: {kind: thing, name: o, fields: {name: two}}\n- delete: o\n- set: {target.name: '=o.name'}",
        MAKING,
    )
    world.do(PIA, "act", target=made(world))
    assert world.one("thing").get("name") == "two"


def test_ensure_finds_before_it_creates() -> None:
    world = acting(
        "- ensure: {kind: thing, by: name, name: other, fields: {name: two}}\n- set: {target.friend: '=other.id'}",
        MAKING,
    )
    one = made(world)
    world.do(PIA, "act", target=one)
    two = world.one("thing", name="two")
    world.do(PIA, "act", target=two.id)
    assert world.one("thing", name="two").get("friend") == two.id


def test_ensure_needs_a_value_to_find_by() -> None:
    world = acting(
        "- ensure: {kind: thing, by: name, fields: {name: '=input.to'}}",
        MAKING,
        action="input: {to: {type: text, required: false}}",
    )
    assert world.refused(PIA, "act", target=made(world)).code == "no_value"


def test_unique_values_are_free_again_when_their_holder_is_gone() -> None:
    world = acting("- delete: target", MAKING)
    one = made(world)
    assert world.refused(PIA, "make", name="one").code == "not_unique"
    world.do(PIA, "act", target=one)
    made(world)


def test_a_value_freed_within_an_action_can_be_taken_within_it() -> None:
    world = acting("- set: {target.name: two}\n- create: {kind: thing, fields: {name: one}}", MAKING)
    world.do(PIA, "act", target=made(world))
    assert world.refused(PIA, "act", target=world.one("thing", name="one").id).code == "not_unique"


def test_restore_is_refused_when_its_place_is_taken() -> None:
    world = acting("- restore: target", MAKING, "", "")
    one = made(world)
    world.entities[one] = world.entities[one].changed(LIFE, "deleted")
    world.do(PIA, "act", target=one)
    assert world.refused(PIA, "act", target=one).code == "not_found"
    world.entities[one] = world.entities[one].changed(LIFE, "deleted")
    made(world)
    assert world.refused(PIA, "act", target=one).code == "not_unique"


def test_rules_that_restore_can_ask_about_what_was_deleted() -> None:
    world = acting("- restore: target", MAKING, action="require: [{that: 'target.owner == me.id', else: Not yours}]")
    one = made(world)
    world.entities[one] = world.entities[one].changed(LIFE, "deleted")
    assert world.refused(BEN, "act", target=one).message == "Not yours"
    world.do(PIA, "act", target=one)


def test_a_narrative_knows_the_name_of_what_was_deleted() -> None:
    world = acting("- delete: target\n- emit: {type: thing.gone, visible_to: [members], about: target}", MAKING)
    done = world.do(PIA, "act", target=made(world))
    assert done.events[0].narrative is not None
    assert done.events[0].narrative.arguments == {"0": "Pia", "1": "one"}
    assert done.events[1].target == done.events[0].target


def test_own_gives_to_members_or_to_nobody() -> None:
    world = acting("- own: {entity: target, owner: '=input.to'}", action="input: {to: text}")
    thing = made(world)
    done = world.do(PIA, "act", target=thing, to=BEN.id)
    assert done.events[0].changes[0].change.field == OWNER
    assert world.one("thing").owner == BEN.id
    assert world.refused(PIA, "act", target=thing, to="somebody").code == "not_found"
    world.do(PIA, "act", target=thing, to="")
    assert world.one("thing").owner is None


@pytest.mark.parametrize("ref", ["garbage", "00000000-0000-7000-8000-0000000000ff", PIA.id])
def test_a_ref_leads_to_a_live_entity_of_its_kind(ref: str) -> None:
    world = acting("- set: {target.friend: '=input.to'}", MAKING, action="input: {to: text}")
    assert world.refused(PIA, "act", target=made(world), to=ref).code in ("not_found", "out_of_bounds")


def test_a_ref_that_dangles_does_not_keep_its_list_from_changing() -> None:
    world = acting("- add: {target.friends: '=input.to'}", MAKING, action="input: {to: {type: ref, kind: thing}}")
    one, two, three = (made(world, name) for name in ("one", "two", "three"))
    world.do(PIA, "act", target=one, to=two)
    world.entities[two] = world.entities[two].changed(LIFE, "deleted")
    assert world.refused(PIA, "act", target=one, to=two).code == "not_found"
    world.do(PIA, "act", target=one, to=three)
    assert world.entities[one].get("friends") == [two, three]


def loops() -> World:
    return acting("- for_each: {item: other, in: '=target.friends', do: [{set: {other.friend: =target.id}}]}", MAKING)


def test_a_loop_over_refs_binds_the_entities() -> None:
    world = loops()
    one, two = made(world), made(world, "two")
    world.entities[one] = world.entities[one].changed("friends", [two])
    world.do(PIA, "act", target=one)
    assert world.entities[two].get("friend") == one


def test_a_deleted_entity_in_a_list_of_refs_stands_for_nothing() -> None:
    world = loops()
    one, two = made(world), made(world, "two")
    world.entities[one] = world.entities[one].changed("friends", [two])
    world.entities[two] = world.entities[two].changed(LIFE, "deleted")
    assert world.refused(PIA, "act", target=one).code == "no_value"


def test_referring_sees_the_changes_of_the_action_itself() -> None:
    world = acting(
        """
        - create: {kind: thing, name: other, fields: {name: two, friend: =target.id}}
        - for_each: {item: each, in: "=referring(target, 'thing.friend')", do: [{set: {each.name: three}}]}
        """,
        MAKING,
    )
    world.do(PIA, "act", target=made(world))
    assert world.one("thing", name="three").get("friend") == world.one("thing", name="one").id


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


def test_a_created_entity_belongs_to_whom_it_should() -> None:
    world = world_of("""
    kinds:
      thing: {owned: true, visible_to: [owner], fields: {name: text}}
      place: {fields: {name: text}}
    actions:
      make:
        allow: "true"
        effects:
          - create: {kind: thing, fields: {name: mine}}
          - create: {kind: thing, owner: nobody, fields: {name: free}}
          - create: {kind: place, fields: {name: here}}
    """)
    done = world.do(GIA, "make")
    assert [world.one(kind, name=name).owner for kind, name in (("thing", "mine"), ("thing", "free"))] == [GIA.id, None]
    assert world.one("place").owner is None
    assert done.events[0].changes[0].keys == {f"user:{GIA.id}"}
