"""What of an entity is looked up: nothing that a change moves is passed over."""

import pytest

from reality_engine.actions.indexes import Indexes
from reality_engine.packs.loader import compile_source
from reality_engine.state.entity import LIFE, OWNER, Change, Entity, Life
from reality_engine.state.fold import fold
from tests.unit.rules.worlds import HEAD

PACK = compile_source(
    {
        "pack.yaml": HEAD
        + """
kinds:
  crew:
    visible_to: [everyone]
    group: {through: sailor.crew}
    fields: {name: {type: text, max_length: 80, unique: true}}
  sailor: {visible_to: [everyone], owned: true, fields: {crew: {type: ref, kind: crew}, coin: {type: integer}}}
"""
    }
)
INDEXES = Indexes(PACK)
THINGS = {
    "gulls": Entity("gulls", "crew", {"name": "Gulls"}),
    "mira": Entity("mira", "sailor", {"crew": "gulls", "coin": 3}, owner="pia"),
}


@pytest.mark.parametrize(
    "change",
    [
        Change("mira", "sailor", "crew", "gulls", "knives"),
        Change("mira", "sailor", "crew", "gulls", None),
        Change("mira", "sailor", OWNER, "pia", "ben"),
        Change("mira", "sailor", LIFE, "live", str(Life.DELETED)),
        Change("gulls", "crew", "name", "Gulls", "Knives"),
        Change("gulls", "crew", LIFE, "live", str(Life.DELETED)),
        Change("new", "sailor", LIFE, None, str(Life.LIVE)),
    ],
    ids=lambda change: f"{change.field} of {change.entity}",
)
def test_what_moves_an_index_is_kept(change: Change) -> None:
    (after,) = fold(THINGS, [change]).values()
    steps = [(THINGS.get(change.entity), after)]
    assert list(INDEXES.moving(steps)) == steps


def test_what_nobody_looks_for_is_passed_over() -> None:
    (after,) = fold(THINGS, [Change("mira", "sailor", "coin", 3, 4)]).values()
    steps = [(THINGS["mira"], after)]
    assert not list(INDEXES.moving(steps))
    assert not list(INDEXES.references(steps))
    assert not list(INDEXES.owners(steps))
