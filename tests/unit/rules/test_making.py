import pytest

from reality_engine.state.entity import LIFE, OWNER
from tests.unit.rules.worlds import BEN, GIA, PIA, World, acting, made, world_of

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
