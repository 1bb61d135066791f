import pytest

from reality_engine.web.errors import NotJsonError, NullCharacterError
from reality_engine.web.limits import check_json


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [1, 2.5, null, true, "\\u00e9 \\\\u0000"]}',
        b'"[[[[[["',
        b'["]", "\\"[[[["]',
        b"[" * 8 + b"]" * 8,
        b"[[1], [2], [3], [4], [5], [6], [7], [8], [9]]",
    ],
)
def test_sound_json_passes(body: bytes) -> None:
    check_json(body, depth=8)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[NaN]",
        b"[Infinity]",
        b"nothing",
        b'"\xff"',
        b'"\\ud800"',
        b"[1] [2]",
        b"[" * 9 + b"]" * 9,
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b"[" * 100_000,
    ],
)
def test_what_is_not_json_or_too_deep_is_refused(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        check_json(body, depth=8)


@pytest.mark.parametrize("body", [b'"\\u0000"', b'{"a\\u0000": 1}', b'"\\\\\\u0000"', b'"x\\\\\\\\\\u0000"'])
def test_the_null_character_is_refused(body: bytes) -> None:
    with pytest.raises(NullCharacterError):
        check_json(body, depth=8)
