import pytest

from reality_engine.visibility.audience import Scope
from reality_engine.visibility.filters.flat import flat
from reality_engine.visibility.filters.names import Names, could_see
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.filters.terms import Every, Negation, Some
from reality_engine.visibility.lists.narrowing import bounds_of, equalities
from reality_engine.visibility.viewer import Viewer
from tests.properties.filtering import PACK

MATE = Scope(frozenset({"everyone", "members", "role:mate", "user:me"}), member=True, user="me", roles=("mate",))
STRANGER = Scope(frozenset({"everyone"}))
NAMES = Names(Viewer("world", PACK, MATE), "sailor")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("name == 'a' && age > 3", ["name"]),
        ("'a' == name && day == '2026-05-01'", ["name"]),
        ("grade in ['boy', 'able'] && alive", ["grade", "alive"]),
        ("!(name != 'a' || !alive)", ["alive"]),
        ("name == 'a' || alive", []),
        ("!(name == 'a')", []),
        ("crew.name == 'a' && home.town == 'a' && stress == 1", []),
        ("name == crew.name", []),
    ],
)
def test_an_index_finds_what_must_hold_and_nothing_else(source: str, found: list[str]) -> None:
    assert [bound.read.name for bound in equalities(parse_filter(source, NAMES))] == found


def test_bounds_are_those_of_one_field() -> None:
    condition = parse_filter("age > 3 && 10 >= age && pay < 2.0 && !(age == 5)", NAMES)
    age = NAMES.find(["age"])
    assert age is not None
    assert [bound.operator for bound in bounds_of(condition, age)] == [">", "<="]


def test_a_condition_is_made_flat_and_says_the_same() -> None:
    condition = parse_filter("!(alive && !(alive || (age > 1 || age < 0)))", NAMES)
    assert isinstance(condition, Some)
    assert len(condition.parts) == 4
    assert isinstance(condition.parts[0], Negation)
    assert flat(condition) == condition
    assert isinstance(flat(Negation(condition)), Every)


def test_who_could_see_a_facet() -> None:
    facets = {name: PACK.kinds["sailor"].facets[field.facet] for name, field in PACK.kinds["sailor"].fields.items()}
    everything = Scope(frozenset(), everything=True)
    assert all(could_see(everything, facet) for facet in facets.values())
    assert {name for name, facet in facets.items() if could_see(STRANGER, facet)} == {"name", "grade", "crew"}
    assert {name for name, facet in facets.items() if not could_see(MATE, facet)} == {"sealed"}


def test_a_stranger_knows_of_no_owner() -> None:
    names = Names(Viewer("world", PACK, STRANGER), "sailor")
    assert names.find(["owner"]) is None
    assert names.find(["crew", "owner"]) is not None
    assert set(names.known()) == {"name", "grade", "crew", "id"}
    assert NAMES.find(["crew", "lead", "name"]) is None
    assert NAMES.find(["crew", "id"]) == NAMES.find(["crew"])
    assert Names(Viewer("world", PACK, MATE), "nothing").known() == ("id",)
