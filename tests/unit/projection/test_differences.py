from dataclasses import replace

import pytest

from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.packs.loader import compile_source
from reality_engine.projection.differences import FacetState, differences
from reality_engine.state.entity import Entity, Life
from tests.playing import NOWHERE, QUAY

HERO = Entity("1", "character", {"name": "Cass", "faction": NOWHERE, "coin": 2}, owner="mira", revision=1)
CLOCK = Entity("2", "clock", {"name": "Doom", "ticks": 0})


@pytest.fixture(scope="module")
def pack() -> CompiledPack:
    return compile_source({"pack.yaml": QUAY})


@pytest.fixture
def kind(pack: CompiledPack) -> Kind:
    return pack.kinds["character"]


def facet(kind: Kind, field: str) -> int:
    return kind.fields[field].facet


def test_what_comes_into_being_brings_its_facets_keys_refs_and_uniques(pack: CompiledPack, kind: Kind) -> None:
    told = differences(kind, None, HERO)
    assert told.changed == [(0, FacetState(dict(HERO.fields), ("everyone",)))]
    assert told.closed == []
    assert told.gained_keys == {(0, "everyone")}
    assert told.gained_refs == {("character.faction", NOWHERE)}
    assert differences(pack.kinds["clock"], None, CLOCK).gained_uniques == {("name", "Doom")}
    assert not told.lost_keys | told.lost_refs | told.lost_uniques


def test_only_the_facet_that_changed_is_told(kind: Kind) -> None:
    told = differences(kind, HERO, HERO.changed("secret", "shh"))
    assert told.changed == [(facet(kind, "secret"), FacetState({"secret": "shh"}, ("role:gm", "user:mira")))]
    assert told.closed == []
    assert told.gained_keys == {(facet(kind, "secret"), "user:mira"), (facet(kind, "secret"), "role:gm")}
    assert not told.gained_refs | told.lost_refs | told.lost_keys


def test_a_facet_without_a_value_is_closed_with_its_keys(kind: Kind) -> None:
    told = differences(kind, HERO.changed("secret", "shh"), HERO)
    number = facet(kind, "secret")
    assert (told.changed, told.closed) == ([], [number])
    assert told.lost_keys == {(number, "user:mira"), (number, "role:gm")}


def test_a_new_owner_moves_the_keys_of_what_stays_as_it_is(kind: Kind) -> None:
    before = HERO.changed("secret", "shh")
    told = differences(kind, before, replace(before, owner="pia"))
    number = facet(kind, "secret")
    assert (told.gained_keys, told.lost_keys) == ({(number, "user:pia")}, {(number, "user:mira")})
    assert number in told.closed
    assert (number, FacetState({"secret": "shh"}, ("role:gm", "user:pia"))) in told.changed


def test_a_deleted_entity_keeps_its_facets_and_loses_all_by_which_it_is_found(pack: CompiledPack, kind: Kind) -> None:
    told = differences(kind, HERO, replace(HERO, life=Life.DELETED))
    assert [number for number, _ in told.changed] == told.closed  # whatever is written anew is there still
    assert told.lost_keys == {(0, "everyone")}
    assert told.lost_refs == {("character.faction", NOWHERE)}
    back = differences(kind, replace(HERO, life=Life.DELETED), HERO)
    assert (back.gained_keys, back.gained_refs) == (told.lost_keys, told.lost_refs)
    gone = differences(pack.kinds["clock"], CLOCK, replace(CLOCK, life=Life.DELETED))
    assert gone.lost_uniques == {("name", "Doom")}


def test_nothing_differs_from_itself(kind: Kind) -> None:
    told = differences(kind, HERO, replace(HERO, revision=2))
    assert told == type(told)()
