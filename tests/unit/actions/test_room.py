"""What a process remembers of all worlds together is bounded: it forgets first where it acted longest ago."""

from reality_engine.actions.room import Room


def test_the_world_that_was_acted_in_longest_ago_is_forgotten_first() -> None:
    forgotten: list[str] = []
    room = Room(10)
    for world in ("a", "b", "c", "a"):
        room.take(world, 3, forgotten.append)
    room.take("d", 3, forgotten.append)
    assert forgotten == ["b"]
    assert [world for world in "abcd" if world in room] == ["a", "c", "d"]


def test_a_world_takes_what_it_has_grown_to() -> None:
    forgotten: list[str] = []
    room = Room(10)
    room.take("a", 2, forgotten.append)
    for size in (3, 8, 9):
        room.take("b", size, forgotten.append)
    assert forgotten == ["a"]


def test_the_last_world_is_held_however_much_it_takes() -> None:
    forgotten: list[str] = []
    room = Room(10)
    for world in ("a", "b"):
        room.take(world, 30, forgotten.append)
    assert forgotten == ["a"]
    assert "b" in room


def test_a_world_that_left_makes_room() -> None:
    forgotten: list[str] = []
    room = Room(10)
    room.take("a", 9, forgotten.append)
    room.leave("a")
    room.take("b", 9, forgotten.append)
    assert forgotten == []
