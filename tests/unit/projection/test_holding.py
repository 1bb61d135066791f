from datetime import timedelta

import pytest

from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.packs.loader import compile_source
from reality_engine.projection.holding import held_after
from reality_engine.state.entity import Entity, Life
from reality_engine.state.held import Held, HeldFacet
from tests.playing import NOWHERE, QUAY
from tests.serving import NOON

LATER = NOON + timedelta(minutes=1)
HERO = Entity("1", "character", {"name": "Cass", "faction": NOWHERE, "coin": 2}, owner="mira")


@pytest.fixture(scope="module")
def pack() -> CompiledPack:
    return compile_source({"pack.yaml": QUAY})


@pytest.fixture
def kind(pack: CompiledPack) -> Kind:
    return pack.kinds["character"]


@pytest.fixture
def secret(kind: Kind) -> int:
    return kind.fields["secret"].facet


def keys(*named: str) -> frozenset[str]:
    return frozenset(named)


def after(kind: Kind, before: Entity, now: Entity) -> tuple[Held, Held]:
    held = held_after(kind, None, before, 1, NOON)
    return held, held_after(kind, held, now, 2, LATER)


def test_what_comes_into_being_has_the_facets_that_hold_something(kind: Kind) -> None:
    held = held_after(kind, None, HERO, 1, NOON)
    assert held == Held(HERO, 1, {0: HeldFacet(1, NOON, keys("everyone"), dict(HERO.fields))})


def test_the_row_of_an_entity_stays_while_its_fields_change(kind: Kind) -> None:
    held = held_after(kind, None, HERO, 1, NOON)
    richer = HERO.changed("coin", 3)
    assert (
        held_after(kind, held, richer, 2, LATER).since == held_after(kind, held, richer, 2, LATER, ["coin"]).since == 1
    )
    assert held_after(kind, held, HERO._replace(owner="pia"), 2, LATER).since == 2
    assert held_after(kind, held, HERO._replace(life=Life.DELETED), 2, LATER).since == 2


def test_only_the_facet_that_changed_is_another(kind: Kind, secret: int) -> None:
    before, now = after(kind, HERO, HERO.changed("secret", "shh"))
    assert now.facets[0] is before.facets[0]
    assert now.facets[secret] == HeldFacet(2, LATER, keys("role:gm", "user:mira"), {"secret": "shh"})


def test_what_python_takes_for_the_same_may_be_another_value(kind: Kind, secret: int) -> None:
    _, now = after(kind, HERO.changed("secret", 1), HERO.changed("secret", True))
    assert now.facets[secret].fields == {"secret": True}
    assert now.facets[secret].fields["secret"] is True


def test_a_field_whose_values_were_erased_changes_its_facet_as_it_did_before(kind: Kind, secret: int) -> None:
    nameless = HERO.changed("name", None)
    held = held_after(kind, None, nameless, 1, NOON)
    for names in (["name"], ["name", "@owner"]):
        now = held_after(kind, held, nameless._replace(owner="pia") if "@owner" in names else nameless, 2, LATER, names)
        assert (now.facets[0].since, now.facets[0].changed_at) == (2, LATER)
        assert secret not in now.facets


def test_a_facet_without_a_value_is_gone(kind: Kind) -> None:
    _, now = after(kind, HERO.changed("secret", "shh"), HERO)
    assert list(now.facets) == [0]


def test_what_is_shown_to_others_than_before_is_no_later_than_it_was(kind: Kind, secret: int) -> None:
    before = HERO.changed("secret", "shh")
    _, now = after(kind, before, before._replace(owner="pia"))
    assert now.facets[secret] == HeldFacet(2, NOON, keys("role:gm", "user:pia"), {"secret": "shh"})


def test_a_facet_that_shows_the_owner_changes_with_it(kind: Kind) -> None:
    _, now = after(kind, HERO, HERO._replace(owner="pia"))
    assert now.facets[kind.owner_facet].changed_at == LATER


def test_a_deleted_entity_keeps_its_facets_and_nobody_s_keys_open_them(kind: Kind, secret: int) -> None:
    before = HERO.changed("secret", "shh")
    _, now = after(kind, before, before._replace(life=Life.DELETED))
    assert {number: facet.keys for number, facet in now.facets.items()} == {0: keys(), secret: keys()}
    assert now.facets[0].changed_at == LATER
    assert now.facets[secret].changed_at == NOON
