"""`reality admin`, as whoever runs the server types it."""

import pytest

from tests.commanding import OWNER, Captured, run
from tests.integration.test_world_commands import _settings, made, pack

__all__ = ["_settings", "pack"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_roles_are_given_people_banned_and_all_of_it_is_listed(pack: str, capsys: Captured) -> None:
    made(capsys, pack)
    for command, told in (
        (("role", OWNER, "admin"), "is an administrator"),
        (("ban", OWNER, "--reason", "sells [things]"), "last administrator"),
        (("role", OWNER, "user"), "last administrator"),
        (("unban", OWNER), "is not banned"),
        (("ban", "nobody@example.org"), "there is no account"),
        (("ban", "nonsense"), "not an e-mail address"),
    ):
        run("admin", *command)
        said = capsys.readouterr()
        assert told in said.out + said.err
    assert run("admin", "audit", "--what", "account.made") == 0
    assert "server  account.made" in capsys.readouterr().out
    assert run("admin", "users", "--role", "admin") == 0
    assert OWNER in capsys.readouterr().out
    assert run("admin", "users", "--banned") == 0
    assert capsys.readouterr().out == ""
    assert run("admin", "audit", "--what", "account.role") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "server  account.role" in line
    assert line.endswith("from=user to=admin")
