from reality_engine.kernel.json import Plain
from reality_engine.state.audience_notes import moved, owner_of, with_concealed, with_owner, with_revealed
from reality_engine.state.entity import Entity

BASE = frozenset({"members", "user:pia"})
A, B = frozenset({"members"}), frozenset({"role:gm"})


def seen(notes: dict[str, Plain]) -> frozenset[str]:
    return moved(Entity("1", "thing", audience=notes), "plot", BASE)


def test_without_notes_a_field_is_seen_as_its_kind_says() -> None:
    assert seen({}) == BASE
    assert seen(with_revealed({}, "other", B)) == BASE


def test_what_is_revealed_is_seen_besides() -> None:
    assert seen(with_revealed({}, "plot", B)) == BASE | B


def test_what_is_concealed_is_taken_away_whatever_the_kind_says() -> None:
    assert seen(with_concealed({}, "plot", A)) == {"user:pia"}
    assert seen(with_concealed({}, "plot", None)) == frozenset()


def test_the_later_of_the_two_counts() -> None:
    assert seen(with_revealed(with_concealed({}, "plot", A), "plot", A)) == BASE
    assert seen(with_concealed(with_revealed({}, "plot", A | B), "plot", A)) == {"user:pia"} | B
    assert seen(with_revealed(with_concealed({}, "plot", None), "plot", B)) == B
    assert seen(with_concealed(with_revealed({}, "plot", B), "plot", None)) == frozenset()


def test_what_undoes_the_last_of_it_leaves_no_trace() -> None:
    assert with_owner(with_owner({}, "house", "pia"), "house", None) == {}
    hidden = with_concealed(with_revealed({}, "plot", B), "plot", B)
    assert hidden == {"concealed": {"plot": ["role:gm"]}}


def test_owners_and_fields_are_kept_apart() -> None:
    notes = with_owner(with_concealed({}, "plot", None), "house", "pia")
    assert notes == {"closed": {"plot": True}, "owners": {"house": "pia"}}
    assert owner_of(Entity("1", "thing", audience=notes), "house") == "pia"
    assert owner_of(Entity("1", "thing", audience=notes), "plot") is None
