import pytest
from hypothesis import given
from hypothesis import strategies as some

from reality_engine.web.cursors import BadCursorError, Cursors

CURSORS = Cursors(b"secret" * 8)


@given(some.recursive(some.none() | some.booleans() | some.integers(-(2**53) + 1, 2**53 - 1) | some.text(), some.lists))
def test_what_was_sealed_comes_out(payload: object) -> None:
    sealed = CURSORS.seal(payload, "feed", "ann")  # type: ignore[arg-type]
    assert CURSORS.open(sealed, "feed", "ann") == payload


@pytest.mark.parametrize(("purpose", "viewer"), [("feed", "bob"), ("entities", "ann"), ("feed", ""), ("fee", "dann")])
def test_a_cursor_opens_for_its_purpose_and_viewer_alone(purpose: str, viewer: str) -> None:
    sealed = CURSORS.seal([7], "feed", "ann")
    with pytest.raises(BadCursorError):
        CURSORS.open(sealed, purpose, viewer)


def test_another_server_cannot_open_it() -> None:
    with pytest.raises(BadCursorError):
        Cursors(b"another" * 8).open(CURSORS.seal([7], "feed", "ann"), "feed", "ann")


@given(some.text() | some.from_regex(r"[A-Za-z0-9_-]{1,200}", fullmatch=True))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadCursorError) as raised:
        CURSORS.open(text, "feed", "ann")
    assert raised.value.field == "cursor"


def test_every_changed_character_is_noticed() -> None:
    sealed = CURSORS.seal({"position": 12}, "feed", "ann")
    for index in range(len(sealed) - 1):  # the last character may have unused bits
        other = "A" if sealed[index] != "A" else "B"
        with pytest.raises(BadCursorError):
            CURSORS.open(sealed[:index] + other + sealed[index + 1 :], "feed", "ann")


def test_neither_length_nor_repetition_tells_the_payload() -> None:
    small, large = (CURSORS.seal({"position": number}, "feed", "ann") for number in (1, 10**15))
    assert len(small) == len(large)
    assert CURSORS.seal({"position": 1}, "feed", "ann") != small
