import io
import socket
from pathlib import Path

import pytest

from reality_engine.app.cli.serve import address_of, listening
from reality_engine.db import revisions
from reality_engine.kernel.errors import InvalidError
from tests.commanding import Captured, run, type_password
from tests.serving import SECRET


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REALITY_SECRET_KEY", SECRET)
    monkeypatch.setenv("REALITY_BCRYPT_ROUNDS", "4")


def test_a_database_goes_up_and_down(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REALITY_DATABASE_URL", empty_database_url)
    assert run("db", "check") == 1
    assert f"is at revision none, and this version needs {revisions.newest()}" in capsys.readouterr().err
    assert run("db", "upgrade") == 0
    assert run("db", "check") == 0
    assert run("db", "downgrade", "base", "--yes") == 0
    assert revisions.current(empty_database_url) is None


def test_a_downgrade_asks_first(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALITY_DATABASE_URL", database_url)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("db", "downgrade", "base") == 1
    assert revisions.current(database_url) == revisions.newest()


def test_a_user_is_made_once(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("REALITY_DATABASE_URL", database_url)
    for expected in (0, 1):
        type_password(monkeypatch)
        assert run("user", "create", "Mira@example.org", "--admin", "--password-stdin") == expected
    told = capsys.readouterr()
    assert told.out.startswith("✓ mira <mira@example.org> is an administrator")
    assert told.err == "error: there is an account with this e-mail address (log in instead)\n"


@pytest.mark.parametrize(("email", "password"), [("nonsense", "correct horse battery"), ("mira@example.org", "short")])
def test_a_bad_user_is_refused_before_the_database_is_asked(email: str, password: str, capsys: Captured) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        patch.setenv("REALITY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
        assert run("user", "create", email, "--password-stdin") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_serving_refuses_an_old_database_unless_it_may_upgrade_it(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REALITY_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("REALITY_ENVIRONMENT", "production")
    monkeypatch.setenv("REALITY_PUBLIC_URL", "https://worlds.example.org")
    assert run("serve", "--port", "0") == 1
    assert "run: reality db upgrade" in capsys.readouterr().err
    assert revisions.current(empty_database_url) is None


def test_a_port_that_is_taken_is_told() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://localhost:{port}"
        with pytest.raises(InvalidError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            listening("127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(InvalidError):
        listening("203.0.113.1", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_ipv6_address_is_shown_in_brackets() -> None:
    try:
        listener = listening("::1", 0)
    except InvalidError:
        pytest.skip("no IPv6 here")
    with listener:
        assert address_of(listener).startswith("http://localhost:")
