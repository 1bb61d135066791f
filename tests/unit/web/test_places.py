from dataclasses import replace

import pytest

from reality_engine.kernel.json import Plain
from reality_engine.web.cursors import BadCursorError, Cursors
from reality_engine.web.places import Bound, open_place, seal_place
from reality_engine.web.seals import MAX_LENGTH

CURSORS = Cursors(b"a secret of the server's")
BOUND = Bound("user", "entities world", ["clock", [], "ticks > 1", "name"], "a" * 64)
FOREIGN = "the cursor is not one of this list"


def told(cursor: str, bound: Bound) -> str:
    with pytest.raises(BadCursorError) as refused:
        open_place(CURSORS, cursor, bound)
    assert (refused.value.field, refused.value.hint) == ("cursor", "start without a cursor")
    return refused.value.message


@pytest.mark.parametrize("place", [7, "id", [None, "a", 0.1, True, "id"]])
def test_a_place_is_found_again(place: Plain) -> None:
    assert open_place(CURSORS, seal_place(CURSORS, place, BOUND), BOUND) == place


def test_a_cursor_says_what_has_changed_to_its_own_viewer_alone() -> None:
    cursor = seal_place(CURSORS, "id", BOUND)
    assert "another query" in told(cursor, replace(BOUND, query=["clock", [], None, "name"]))
    assert "outdated" in told(cursor, replace(BOUND, version="b" * 64))
    for other in (replace(BOUND, viewer="other"), replace(BOUND, purpose="entities other")):
        assert told(cursor, replace(other, version="b" * 64)) == FOREIGN
    assert told(CURSORS.seal("id", BOUND.purpose, BOUND.viewer), BOUND) == FOREIGN  # sealed for something else


def test_the_length_does_not_tell_how_large_a_position_is() -> None:
    assert len({len(seal_place(CURSORS, 10**digits, BOUND)) for digits in range(16)}) == 1


def test_the_longest_place_fits() -> None:
    place: Plain = [*["\x01" * 100] * 4, "00000000-0000-7000-8000-000000000001"]
    assert len(seal_place(CURSORS, place, BOUND)) <= MAX_LENGTH
