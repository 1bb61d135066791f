import pytest

from reality_engine.web.seals import MAX_LENGTH, BrokenSealError, Seals

SECRET = b"secret" * 8
SEALS = Seals(SECRET, "tests")


def test_what_was_sealed_opens_for_the_same_circumstances_alone() -> None:
    sealed = SEALS.seal({"n": 1}, "ann", "here")
    assert SEALS.open(sealed, "ann", "here") == {"n": 1}
    for bound in (("ann",), ("ann", "there"), ("annhere",), ("here", "ann")):
        with pytest.raises(BrokenSealError):
            SEALS.open(sealed, *bound)


def test_one_use_does_not_open_what_is_for_another() -> None:
    for other in (Seals(SECRET, "others"), Seals(b"another" * 8, "tests")):
        with pytest.raises(BrokenSealError):
            other.open(SEALS.seal(1), *())


@pytest.mark.parametrize("text", ["", "é", "nonsense", "AQ", "A" * (MAX_LENGTH + 4)])
def test_anything_else_does_not_open(text: str) -> None:
    with pytest.raises(BrokenSealError):
        SEALS.open(text)


def test_two_seals_of_the_same_differ_and_are_as_long_as_those_of_larger_numbers() -> None:
    first, second, larger = SEALS.seal(1), SEALS.seal(1), SEALS.seal(10**15)
    assert first != second
    assert len(first) == len(larger)
