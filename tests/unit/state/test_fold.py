import pytest

from reality_engine.kernel.errors import IntegrityError
from reality_engine.state.entity import LIFE, OWNER, Change, Entity, Life
from reality_engine.state.fold import fold

ONE = Entity("1", "thing", {"name": "a"}, owner="pia")


def test_an_entity_is_as_all_changes_of_an_event_make_it() -> None:
    changes = [Change("1", "thing", "name", "a", "b"), Change("1", "thing", OWNER, "pia", None)]
    assert fold({"1": ONE}, changes) == {"1": Entity("1", "thing", {"name": "b"})}


def test_an_entity_begins_with_its_life() -> None:
    changes = [Change("2", "thing", LIFE, None, "live"), Change("2", "thing", "name", None, "c")]
    assert fold({}, changes) == {"2": Entity("2", "thing", {"name": "c"})}


def test_an_entity_may_be_made_and_deleted_by_one_event() -> None:
    (made,) = fold({}, [Change("2", "thing", LIFE, None, "deleted")]).values()
    assert made.life is Life.DELETED
    assert not made.live


def test_none_takes_a_field_away() -> None:
    assert fold({"1": ONE}, [Change("1", "thing", "name", "a", None)])["1"].fields == {}


@pytest.mark.parametrize(
    "change",
    [
        Change("1", "thing", "name", "other", "b"),
        Change("1", "thing", LIFE, None, "live"),
        Change("2", "thing", "name", None, "b"),
        Change("2", "thing", LIFE, "deleted", "live"),
    ],
)
def test_a_change_that_does_not_start_from_what_is_there_is_found(change: Change) -> None:
    with pytest.raises(IntegrityError):
        fold({"1": ONE}, [change])


def test_folding_changes_nothing_it_was_given() -> None:
    state = {"1": ONE}
    fold(state, [Change("1", "thing", "name", "a", "b")])
    assert state == {"1": ONE}
    assert ONE.get("name") == "a"
    assert (ONE.get(OWNER), ONE.get(LIFE), ONE.get("none")) == ("pia", "live", None)
