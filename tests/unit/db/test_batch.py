from collections.abc import Callable

import pytest

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.directory.models import WorldRow
from reality_engine.eventlog.models import HeadRow
from reality_engine.kernel.errors import IntegrityError
from reality_engine.state.models import UniqueRow

UNIQUES = shape_of(UniqueRow)
WORLDS = shape_of(WorldRow)
HEADS = shape_of(HeadRow, ("position", "epoch"))
OLD, ROW, OTHER = (("w", "ship", "name", "Gull", entity) for entity in ("1", "2", "3"))
KEY = ROW[:4]


def said(batch: Batch) -> tuple[list[object], ...]:
    """Return the new rows, those to be written over others, and the keys to be dropped."""
    (writes,) = batch.tables
    return list(writes.new), list(writes.kept.values()), list(writes.gone)


def insert(batch: Batch) -> None:
    batch.insert(UNIQUES, ROW)


def put(batch: Batch) -> None:
    batch.put(UNIQUES, OTHER)


def drop(batch: Batch) -> None:
    batch.drop(UNIQUES, KEY)


STORIES: list[tuple[list[Callable[[Batch], None]], tuple[list[object], ...]]] = [
    ([insert], ([ROW], [], [])),
    ([put], ([], [OTHER], [])),
    ([drop], ([], [], [KEY])),
    ([insert, put], ([OTHER], [], [])),
    ([insert, drop], ([], [], [])),
    ([insert, drop, insert], ([ROW], [], [])),
    ([put, put], ([], [OTHER], [])),
    ([put, drop], ([], [], [KEY])),
    ([put, drop, put], ([], [OTHER], [])),
    ([drop, insert], ([], [ROW], [])),
    ([drop, insert, drop], ([], [], [KEY])),
    ([drop, put], ([], [OTHER], [])),
]


@pytest.mark.parametrize(("story", "expected"), STORIES)
def test_the_last_word_on_a_key_wins(story: list[Callable[[Batch], None]], expected: tuple[list[object], ...]) -> None:
    batch = Batch()
    for step in story:
        step(batch)
    assert said(batch) == expected


@pytest.mark.parametrize(("story", "expected"), STORIES)
def test_it_makes_no_difference_how_a_story_is_cut_into_batches(
    story: list[Callable[[Batch], None]], expected: tuple[list[object], ...]
) -> None:
    for cut in range(len(story) + 1):
        first, second = Batch(), Batch()
        for step in story[:cut]:
            step(first)
        for step in story[cut:]:
            step(second)
        first.merge(second)
        assert said(first) == expected


@pytest.mark.parametrize("first", [insert, put])
def test_a_row_that_is_there_is_not_inserted(first: Callable[[Batch], None]) -> None:
    batch = Batch()
    batch.drop(UNIQUES, ("w", "ship", "name", "Tern"))
    first(batch)
    with pytest.raises(IntegrityError, match="twice"):
        insert(batch)


def test_a_row_that_was_inserted_twice_is_found_when_the_table_is_written_otherwise() -> None:
    batch = Batch()
    insert(batch)
    insert(batch)
    with pytest.raises(IntegrityError, match="twice"):
        put(batch)


def test_rows_of_one_kind_alone_are_merged_as_they_are() -> None:
    first, second = Batch(), Batch()
    first.insert(UNIQUES, ROW)
    other = (*ROW[:3], "Tern", "4")
    second.insert(UNIQUES, other)
    first.merge(second)
    assert said(first) == ([ROW, other], [], [])


def test_columns_are_changed_in_the_row_that_the_batch_writes() -> None:
    batch = Batch()
    batch.put(UNIQUES, ROW)
    batch.update(UNIQUES, KEY, {"entity": "9"})
    assert said(batch) == ([], [(*KEY, "9")], [])


def test_changes_of_a_row_that_is_there_are_gathered_until_it_is_written_or_dropped() -> None:
    batch = Batch()
    batch.update(WORLDS, ("w",), {"pack": "a"})
    batch.update(WORLDS, ("w",), {"deleted_at": None})
    (writes,) = batch.tables
    assert writes.changed == {("w",): {"pack": "a", "deleted_at": None}}
    later = Batch()
    later.update(WORLDS, ("w",), {"pack": "b"})
    batch.merge(later)
    assert writes.changed == {("w",): {"pack": "b", "deleted_at": None}}
    batch.put(WORLDS, ("w", "c", None, None))
    assert writes.changed == {}


def head(position: int) -> tuple[object, ...]:
    return ("w", position, b"digest", 0, "pack", None)


def test_guards_of_one_row_become_one_from_the_first_to_the_last() -> None:
    batch, later = Batch(), Batch()
    batch.guard(HEADS, head(1), head(2))
    batch.guard(HEADS, head(2), head(4))
    later.guard(HEADS, head(4), head(5))
    batch.merge(later)
    assert list(batch.guards.values()) == [(head(1), head(5))]


def test_a_guard_goes_on_from_where_the_last_one_led() -> None:
    batch = Batch()
    batch.guard(HEADS, head(1), head(2))
    with pytest.raises(IntegrityError, match="go on"):
        batch.guard(HEADS, head(3), head(4))


def test_a_batch_without_anything_is_false() -> None:
    batch = Batch()
    assert not batch
    batch.guard(HEADS, head(1), head(1))
    assert batch
