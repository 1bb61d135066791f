from datetime import timedelta

import pytest

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, Shape
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.projection.holding import held_after
from reality_engine.projection.indexes import AUDIENCES, INDEXES, REFS, UNIQUES, VALUES, index
from reality_engine.projection.steps import Step
from reality_engine.state.entity import ATTRIBUTES, Entity, Life
from reality_engine.visibility.keys import EVERYTHING, newest_first
from tests.playing import NOWHERE, QUAY
from tests.serving import NOON

W = "w"
ID = "018f0000-0000-7000-8000-00000000000a"
OTHER = "018f0000-0000-7000-8000-00000000000b"
HERO = Entity(ID, "character", {"name": "Cass", "faction": NOWHERE, "coin": 2}, owner="mira")
CLOCK = Entity(ID, "clock", {"name": "Doom", "ticks": 0})

# Rows that are written, and keys that are dropped, by shape.
Told = dict[Shape, tuple[set[Row], set[Row]]]


@pytest.fixture(scope="module")
def pack() -> CompiledPack:
    return compile_source({"pack.yaml": QUAY})


def indexed(pack: CompiledPack, *changes: tuple[Entity | None, Entity]) -> Told:
    """Return what becomes of the indexes where entities go from one state to another."""
    batch, steps = Batch(), []
    for before, after in changes:
        kind = pack.kinds[after.kind]
        was = held_after(kind, None, before, 1, NOON) if before is not None else None
        now = held_after(kind, was, after, 2, NOON + timedelta(minutes=1))
        steps.append(Step(kind, was, now, 2, ATTRIBUTES))
    index(batch, W, steps)
    told = {
        each.shape: ({*each.new, *each.kept.values()}, set(each.gone)) for each in batch.tables if each.shape in INDEXES
    }
    return {shape: rows for shape, rows in told.items() if rows != (set(), set())}


def test_what_comes_into_being_is_found_by_keys_refs_and_unique_values(pack: CompiledPack) -> None:
    told = indexed(pack, (None, HERO))
    assert told[AUDIENCES] == ({(W, "character", b"*", ID, 0)}, set())
    assert told[REFS] == ({(W, NOWHERE, "character.faction", ID)}, set())
    clock = indexed(pack, (None, CLOCK))
    assert clock[UNIQUES] == ({(W, "clock", "name", "Doom", ID)}, set())
    newest = newest_first(ID)
    assert (W, "clock", "name", EVERYTHING, b"Doom", ID, newest) in clock[VALUES][0]


def test_a_facet_brings_its_keys_and_takes_them_away(pack: CompiledPack) -> None:
    secretive = HERO.changed("secret", "shh")
    number = pack.kinds["character"].fields["secret"].facet
    rows = {(W, "character", key, ID, number) for key in (b"Umira", b"rgm")}
    assert indexed(pack, (HERO, secretive)) == {AUDIENCES: (rows, set())}
    assert indexed(pack, (secretive, HERO)) == {AUDIENCES: (set(), rows)}


def test_a_new_owner_moves_the_keys_alone(pack: CompiledPack) -> None:
    number = pack.kinds["character"].fields["secret"].facet
    before = HERO.changed("secret", "shh")
    (told,) = indexed(pack, (before, before._replace(owner="pia"))).values()
    assert told == ({(W, "character", b"Upia", ID, number)}, {(W, "character", b"Umira", ID, number)})


def test_a_deleted_entity_loses_all_by_which_it_is_found_and_gets_it_back(pack: CompiledPack) -> None:
    for entity in (HERO, CLOCK):
        gone = entity._replace(life=Life.DELETED)
        made, lost, back = (
            indexed(pack, change) for change in ((None, entity), (entity, gone), (gone, entity))
        )  # fmt: skip
        assert {shape: {shape.key_of(row) for row in rows} for shape, (rows, _) in made.items()} == {
            shape: keys for shape, (_, keys) in lost.items()
        }
        assert back == made


def test_a_ref_goes_where_it_leads(pack: CompiledPack) -> None:
    told = indexed(pack, (HERO, HERO.changed("faction", OTHER)))
    path = "character.faction"
    assert told[REFS] == ({(W, OTHER, path, ID)}, {(W, NOWHERE, path, ID)})


def test_nothing_differs_from_itself(pack: CompiledPack) -> None:
    assert indexed(pack, (HERO, HERO.with_fields(dict(HERO.fields))), (CLOCK, CLOCK._replace())) == {}


@pytest.mark.parametrize("giver_first", [True, False])
def test_a_unique_value_may_pass_from_one_to_another(pack: CompiledPack, giver_first: bool) -> None:
    taker = CLOCK._replace(id=OTHER, fields={"name": "Dawn", "ticks": 0})
    changes = [(CLOCK, CLOCK.changed("name", "Dusk")), (taker, taker.changed("name", "Doom"))]
    told = indexed(pack, *(changes if giver_first else reversed(changes)))
    written, dropped = told[UNIQUES]
    assert written == {(W, "clock", "name", "Dusk", ID), (W, "clock", "name", "Doom", OTHER)}
    assert dropped == {(W, "clock", "name", "Dawn")}
