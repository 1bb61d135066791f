"""After every secret was used, well and badly, none of them stands in a log line, an error or what settings show."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import structlog

from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import SettingsError, load_settings
from tests.serving import PASSWORD, SECRET, Serving, serving, settings_for

WRONG = "a-wrong-password-4711"
# Nobody listens there: what is said of the failure must not say how it was tried.
PLACES = {
    "redis_url": "redis://:redis-secret-77@127.0.0.1:1/0",
    "mail_url": "smtp://reality:mail-secret-77@127.0.0.1:1",
}
CHOSEN: dict[str, Any] = {
    **PLACES, "mail_from": "worlds@example.org", "verify_email": "optional", "log_level": "debug", "log_format": "json",
}  # fmt: skip
SECRETS = ("redis-secret-77", "mail-secret-77", "short-secret-77", "database-secret-77")
DATABASE = "postgresql://reality:database-secret-77@127.0.0.1:1/nothing"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, however little it matters."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging(settings_for("sqlite://", log_level="debug", log_format="json"), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Using:
    """A client that keeps what it sent and got of secrets, and every answer that tells of an error."""

    def __init__(self, server: Serving) -> None:
        """Begin with those of the settings."""
        self._server = server
        self.secrets = {SECRET, PASSWORD, WRONG, *SECRETS}
        self.told: list[str] = []

    async def ask(self, method: str, path: str, **asked: Any) -> httpx2.Response:
        answer = await self._server.client.request(method, f"/api/v1{path}", **asked)
        if answer.status_code >= 400:
            self.told.append(f"{answer.headers} {answer.text}")
        return answer

    async def log_in(self, password: str) -> dict[str, Any]:
        form = {"grant_type": "password", "username": "mira@example.org", "password": password}
        got: dict[str, Any] = (await self.ask("POST", "/auth/token", data=form)).json()
        self.secrets |= {got[name] for name in ("access_token", "refresh_token") if name in got}
        return got

    async def refresh(self, token: str) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        got = (await self.ask("POST", "/auth/token", data=form)).json()
        self.secrets |= {got[name] for name in ("access_token", "refresh_token") if name in got}


async def use_all(using: Using) -> None:
    """Use every kind of secret, well and badly."""
    made = {"email": "mira@example.org", "name": "Mira", "password": PASSWORD}
    for _ in range(2):
        await using.ask("POST", "/auth/register", json=made)
    await using.ask("POST", "/auth/register", json={**made, "password": [WRONG], "extra": WRONG})
    await using.log_in(WRONG)
    got = await using.log_in(PASSWORD)
    bearer = {"Authorization": f"Bearer {got['access_token']}"}
    bot = (await using.ask("POST", "/bots", json={"name": "Crow"}, headers=bearer)).json()["data"]["id"]
    key = (await using.ask("POST", f"/bots/{bot}/keys", json={"label": "one"}, headers=bearer)).json()["data"]["key"]
    using.secrets |= {key, key + "x"}
    for token in (key, key + "x", got["access_token"] + "x"):
        await using.ask("GET", "/bots/me", headers={"Authorization": f"Bearer {token}"})
    await using.ask("POST", "/auth/password", json={"current_password": WRONG, "password": "short"}, headers=bearer)
    await using.ask("POST", "/auth/password/reset", json={"token": WRONG, "password": PASSWORD})
    await using.ask("POST", "/auth/password/forgot", json={"email": "mira@example.org"})
    await using.ask("GET", f"/auth/me?access_token={got['access_token']}", headers=bearer)
    for _ in range(2):
        await using.refresh(got["refresh_token"])
    await using.ask("GET", "/auth/me", headers=bearer)


async def test_nothing_that_is_told_has_a_secret_in_it(
    database_url: str, logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(database_url, **CHOSEN) as server:
        using = Using(server)
        await use_all(using)
    shown = capsys.readouterr()
    everything = "\n".join([logged.getvalue(), shown.out, shown.err, *using.told])
    assert len(using.told) > 8
    assert len(using.secrets) >= 10
    assert [secret for secret in using.secrets if secret in everything] == []


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(DATABASE, **CHOSEN)
    told = f"{settings!r} {settings} {settings.mail_place!r}"
    for name, value in {
        **PLACES,
        "secret_key": "short-secret-77",
        "port": "many",
        "database_url": "x" + DATABASE,
    }.items():
        monkeypatch.setenv(f"REALITY_{name.upper()}", value)
    with pytest.raises(SettingsError) as raised:
        load_settings(None)
    told += f"{raised.value!r} {raised.value}"
    assert [name for name in (*SECRETS, SECRET) if name in told] == []
