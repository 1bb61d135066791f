import pytest

from reality_engine.accounts.errors import WeakPasswordError
from reality_engine.accounts.strength import MAX_LENGTH, require_strong

KNOWN = ("mira.holm@seaside.example", "Mira Holm")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "seven77",
        "\ufb03\ufb03",  # two characters here, six in their one form
        "x" * (MAX_LENGTH + 1),
        # What is tried first, however it is dressed up.
        "password",
        "Password1!",
        "p@ssw0rd",
        "!!P455w0rd2026",
        "letmein123",
        "dragondragon",
        "12345678",
        "87654321",
        "aaaaaaaa",
        "        ",
        "qwertyuiop",
        "poiuytrewq",
        "1q2w3e4r",
        "abcdefgh",
        "abcabcabc",
        "iloveyou!!",
        # What others know.
        "mira.holm@seaside.example",
        " Mira.Holm@Seaside.Example ",
        "MiraHolm",
        "mira holm 1987",
        "seaside2026",
        "RealityEngine1",
    ],
)
def test_what_keeps_nobody_out_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError) as raised:
        require_strong(password, *KNOWN)
    assert raised.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "xkvq mire",
        "7hJ2kd93",
        "eight888",
        "40197352",
        "mira likes old lanterns",
        "\u00e9t\u00e9 \u00e0 la mer",
        "\U0001f98a\U0001f409\U0001f40b\U0001f989" * 2,
        "x7" * (MAX_LENGTH // 2 - 1) + "q",
    ],
)
def test_all_else_is_the_users_own_affair(password: str) -> None:
    require_strong(password, *KNOWN)


def test_a_short_name_forbids_nothing() -> None:
    require_strong("jo goes to sea", "jo@x.example", "Jo")
