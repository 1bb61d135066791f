import pytest

from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import AUDIENCE, LIFE, OWNER, Change, Entity
from reality_engine.state.fold import fold
from reality_engine.state.folding import Folding

MADE = [Change("1", "thing", LIFE, None, "live"), Change("1", "thing", "name", None, "a")]
LOG = [
    MADE,
    [Change("1", "thing", "name", "a", "b"), Change("1", "thing", OWNER, None, "pia")],
    [Change("2", "thing", LIFE, None, "live"), Change("1", "thing", "name", "b", None)],
    [Change("1", "thing", AUDIENCE, None, {"owners": {}}), Change("2", "thing", "n", None, [1, True])],
    [Change("1", "thing", LIFE, "live", "deleted"), Change("2", "thing", "n", [1, True], 1.5)],
]


def test_events_fold_in_place_into_what_they_fold_into_one_by_one() -> None:
    state: dict[str, Entity] = {}
    folding = Folding()
    for changes in LOG:
        state |= fold(state, changes)
        folding.play(changes)
        assert folding.entities() == state
    assert len(folding) == len(state)


def test_entities_that_were_asked_for_stay_as_they_were() -> None:
    folding = Folding()
    folding.play(MADE)
    before = folding.entities()
    folding.play([Change("1", "thing", "name", "a", "b")])
    assert before["1"].fields == {"name": "a"}


@pytest.mark.parametrize("held", [1, True, 1.5, "1", None, [1], {"a": 0}])
@pytest.mark.parametrize("said", [1, True, 1.5, "1", None, [True], {"a": False}])
def test_a_change_that_does_not_start_from_what_is_there_is_found_as_by_the_fold(held: Plain, said: Plain) -> None:
    folding, state = Folding(), dict[str, Entity]()
    first = [MADE[0], Change("1", "thing", "n", None, held)]
    state |= fold(state, first)
    folding.play(first)
    second = [Change("1", "thing", "n", said, "x")]
    try:
        state |= fold(state, second)
    except IntegrityError as error:
        with pytest.raises(IntegrityError, match=error.message):
            folding.play(second)
    else:
        folding.play(second)
        assert folding.entities() == state


@pytest.mark.parametrize(
    "change",
    [
        Change("1", "thing", LIFE, None, "live"),
        Change("1", "thing", OWNER, "pia", None),
        Change("2", "thing", "n", 1, 2),
    ],
)
def test_what_does_not_fit_an_entity_as_a_whole_is_found(change: Change) -> None:
    folding = Folding()
    folding.play(MADE)
    with pytest.raises(IntegrityError):
        folding.play([change])
