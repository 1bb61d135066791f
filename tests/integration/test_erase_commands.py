"""`reality user erase`, `reality tidy` and `reality db scrub`, as whoever runs the server types them."""

import re

import pytest

from tests.commanding import OWNER, Captured, run
from tests.integration.test_world_commands import _settings, made, pack

__all__ = ["_settings", "pack"]


def test_somebody_is_erased_by_address_and_again_by_id(pack: str, capsys: Captured) -> None:
    made(capsys, pack)
    assert run("user", "erase", OWNER, "--plan") == 0
    planned = capsys.readouterr().err
    found = re.search(r"([0-9a-f-]{36}): (\d+) values in \d+ events of 1 worlds would be erased", planned)
    assert found, planned
    user, values = found.groups()
    assert run("user", "erased") == 0
    assert capsys.readouterr().out == ""
    assert run("user", "erase", OWNER, "--yes") == 0
    assert f"{user}: {values} values were erased" in capsys.readouterr().out
    assert run("user", "erase", OWNER, "--yes") == 1
    assert "no account with the address" in capsys.readouterr().err
    assert run("user", "erase", user, "--yes") == 0
    assert "nothing more to be erased" in capsys.readouterr().out
    assert run("user", "erased") == 0
    assert capsys.readouterr().out == f"{user}\n"
    assert run("tidy") == 0
    assert run("db", "scrub") == 0
    assert run("verify") == 0
    assert f"all whole; {values} values erased" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("nonsense", "not an e-mail address"),
        ("jo@example.org", "there is no account"),
        ("01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "there is no such user"),
    ],
)
def test_nobody_is_erased_who_is_not_there(who: str, told: str, capsys: Captured) -> None:
    assert run("user", "erase", who, "--yes") == 1
    assert told in capsys.readouterr().err
