from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.chance import Dice, ScriptedChance, SeededChance, new_bytes, new_seed, new_token, shuffled


@given(st.binary(max_size=40), st.integers(1, 2**62))
def test_a_draw_is_below_its_bound_and_the_same_for_the_same_seed(seed: bytes, bound: int) -> None:
    drawn = SeededChance(seed).below(bound)
    assert 0 <= drawn < bound
    assert drawn == SeededChance(seed).below(bound)


def test_draws_are_uniform() -> None:
    chance = SeededChance(b"seed")
    counts = Counter(chance.below(6) for _ in range(6000))
    assert all(850 < counts[face] < 1150 for face in range(6))


def test_scripted_faces_come_first_and_ids_do_not_use_them_up() -> None:
    chance = ScriptedChance([6, 1], SeededChance(b""))
    assert chance.below(2**62) > 1000
    assert chance.left == (6, 1)
    assert Dice.parse("2d6").roll(chance) == (6, 1)
    assert 1 <= Dice.parse("d6").roll(chance)[0] <= 6


def test_a_scripted_face_must_be_on_the_die() -> None:
    with pytest.raises(ValueError, match="face 7 does not fit a die with 6 sides"):
        Dice.parse("d6").roll(ScriptedChance([7], SeededChance(b"")))


@pytest.mark.parametrize(
    ("text", "dice"),
    [("d6", Dice(1, 6, 0)), ("2d6+1", Dice(2, 6, 1)), ("3 d 8 - 2", Dice(3, 8, -2)), ("100d1000", Dice(100, 1000, 0))],
)
def test_dice_are_read_as_they_are_written(text: str, dice: Dice) -> None:
    assert Dice.parse(text) == dice


@pytest.mark.parametrize("text", ["", "6", "2d", "0d6", "1d0", "101d6", "1d1001", "2d6+", "2d6*2", "-1d6"])
def test_what_is_not_dice_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not dice|is too much"):
        Dice.parse(text)


@given(st.lists(st.integers()), st.binary(max_size=8))
def test_shuffling_keeps_what_there_is(items: list[int], seed: bytes) -> None:
    assert sorted(shuffled(items, SeededChance(seed))) == sorted(items)


def test_secrets_are_fresh() -> None:
    assert new_seed() != new_seed()
    assert new_token() != new_token()
    assert len(new_bytes(16)) == 16
