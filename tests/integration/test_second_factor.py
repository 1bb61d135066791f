"""The second factor over HTTP: set up, asked for, good once, slow to guess, lost and removed."""

import io
from datetime import timedelta
from typing import Any

import httpx2
import pyotp
import pytest

from reality_engine.audit import repository as audit
from reality_engine.audit.repository import Sought
from reality_engine.factors import repository as factors
from reality_engine.factors.factors import FIRST_WAIT, FREE_FAILURES
from tests.applications import added, asking
from tests.browsing import Browser, fields_in
from tests.commanding import run, use
from tests.serving import PASSWORD, Serving, codes

FORM = {"grant_type": "password", "username": "mira@example.org", "password": PASSWORD}
FACTOR = "/api/v1/auth/factor"


class Authenticator:
    """What Mira holds in her hand, by the server's clock."""

    def __init__(self, server: Serving, secret: str) -> None:
        """Hold a secret."""
        self.server, self.totp = server, pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self.totp.at(self.server.clock.now() + timedelta(seconds=30 * steps))

    def wrong(self) -> str:
        good = {self.code(steps) for steps in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in good)


async def log_in(server: Serving, **form: str) -> httpx2.Response:
    return await server.client.post("/api/v1/auth/token", data={**FORM, **form})


async def post(server: Serving, path: str, who: dict[str, str], **body: Any) -> httpx2.Response:
    return await server.client.post(f"{FACTOR}{path}", json=body, headers=who)


async def set_up(server: Serving) -> tuple[dict[str, str], Authenticator, list[str]]:
    mira = await server.user("Mira")
    begun = await post(server, "", mira, password=PASSWORD)
    assert begun.status_code == 201, begun.text
    held = Authenticator(server, begun.json()["data"]["secret"])
    assert held.totp.secret in begun.json()["data"]["uri"]
    confirmed = await post(server, "/confirm", mira, otp=held.code())
    assert confirmed.status_code == 200, confirmed.text
    server.clock.advance(timedelta(minutes=2))
    return mira, held, confirmed.json()["data"]["recovery_codes"]


async def test_a_code_is_asked_for_once_it_was_confirmed_and_each_is_good_once(server: Serving) -> None:
    mira = await server.user("Mira")
    before = (await log_in(server)).json()["access_token"]
    begun = await post(server, "", mira, password=PASSWORD)
    assert (await log_in(server)).status_code == 200
    held = Authenticator(server, begun.json()["data"]["secret"])
    assert codes(await post(server, "/confirm", mira, otp=held.wrong())) == ["bad_second_factor"]
    assert len((await post(server, "/confirm", mira, otp=held.code())).json()["data"]["recovery_codes"]) == 10
    # Sessions that began without it are over, but for the one that set it up.
    told = {"Authorization": f"Bearer {before}"}
    assert (await server.client.get("/api/v1/auth/me", headers=told)).status_code == 401
    assert (await server.client.get(FACTOR, headers=mira)).json()["data"]["recovery_codes"] == 10
    server.clock.advance(timedelta(minutes=1))
    answer = await log_in(server)
    assert (answer.status_code, answer.json()["error"], codes(answer)) == (
        400,
        "invalid_grant",
        ["second_factor_required"],
    )
    assert codes(await log_in(server, otp=held.wrong())) == ["bad_second_factor"]
    code = held.code()
    assert (await log_in(server, otp=code)).status_code == 200
    assert codes(await log_in(server, otp=code)) == ["bad_second_factor"]
    assert codes(await log_in(server, password="wrong horse battery", otp=held.code(1))) == ["bad_credentials"]
    assert (await log_in(server, otp=held.code(1))).status_code == 200


async def test_guessing_is_slowed_down_and_the_owner_comes_in_by_a_recovery_code(server: Serving) -> None:
    _, held, recovery = await set_up(server)
    for _ in range(FREE_FAILURES):
        assert codes(await log_in(server, otp=held.wrong())) == ["bad_second_factor"]
    slowed = await log_in(server, otp=held.code())
    assert (slowed.status_code, codes(slowed)) == (429, ["too_many_requests"])
    assert int(slowed.headers["retry-after"]) > 1
    assert (await log_in(server, otp=recovery[0].upper())).status_code == 200
    assert codes(await log_in(server, otp=recovery[0])) == ["bad_second_factor"]
    assert codes(await log_in(server, otp="abcd-" * 5 + "abcd")) == ["bad_second_factor"]
    server.clock.advance(FIRST_WAIT)
    assert codes(await log_in(server, otp=held.wrong())) == ["bad_second_factor"]
    server.clock.advance(FIRST_WAIT)
    assert codes(await log_in(server, otp=held.code())) == ["too_many_requests"]
    server.clock.advance(FIRST_WAIT)
    assert (await log_in(server, otp=held.code())).status_code == 200
    assert codes(await log_in(server, otp=held.wrong())) == ["bad_second_factor"]


async def test_it_is_changed_by_who_has_password_and_code_alone(server: Serving) -> None:
    mira, held, recovery = await set_up(server)
    assert codes(await post(server, "", mira, password="wrong horse battery")) == ["bad_credentials"]
    assert codes(await post(server, "", mira, password=PASSWORD)) == ["factor_exists"]
    assert codes(await post(server, "/confirm", mira, otp=held.code())) == ["factor_exists"]
    for path in ("/recovery", "/removal"):
        assert codes(await post(server, path, mira, password="wrong horse battery", otp=held.code())) == [
            "bad_credentials"
        ]
        assert codes(await post(server, path, mira, password=PASSWORD)) == ["second_factor_required"]
        assert codes(await post(server, path, mira, password=PASSWORD, otp=held.wrong())) == ["bad_second_factor"]
    renewed = await post(server, "/recovery", mira, password=PASSWORD, otp=recovery[1])
    assert not set(renewed.json()["data"]["recovery_codes"]) & set(recovery)
    assert codes(await log_in(server, otp=recovery[2])) == ["bad_second_factor"]
    assert (await post(server, "/removal", mira, password=PASSWORD, otp=held.code())).status_code == 204
    assert (await log_in(server)).status_code == 200
    assert (await server.client.get(FACTOR, headers=mira)).json()["data"] == {"confirmed_at": None, "recovery_codes": 0}
    async with server.app.state.context.units.read() as unit:
        noted = [entry.what for entry in await audit.list_entries(unit, Sought(), 10)]
    assert sorted(noted) == ["factor.added", "factor.added", "factor.removed"]


async def test_nothing_that_could_be_used_is_stored_as_it_is_and_nothing_is_left_of_the_erased(server: Serving) -> None:
    mira, held, recovery = await set_up(server)
    units = server.app.state.context.units
    user = (await server.client.get("/api/v1/auth/me", headers=mira)).json()["data"]["id"]
    async with units.read() as unit:
        row = await factors.find(unit, user)
    assert row is not None
    assert held.totp.secret not in row.sealed
    assert recovery
    gone = await server.client.post("/api/v1/auth/me/erasure", json={"password": PASSWORD}, headers=mira)
    assert gone.status_code == 200, gone.text
    async with units.read() as unit:
        assert await factors.find(unit, user) is None
        assert await factors.count_codes(unit, user) == 0


async def test_what_is_not_there_is_said(server: Serving) -> None:
    mira = await server.user("Mira")
    assert codes(await post(server, "/confirm", mira, otp="123456")) == ["not_found"]
    for path in ("/recovery", "/removal"):
        assert codes(await post(server, path, mira, password=PASSWORD)) == ["not_found"]
    assert (await post(server, "/confirm", mira, otp="1" * 50)).status_code == 422
    assert (await server.client.get(FACTOR)).status_code == 401


def test_whoever_runs_the_server_removes_a_lost_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    use(monkeypatch, database_url)
    assert run("factor", "remove", "mira@example.org") == 1
    assert "no account" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert run("user", "create", "mira@example.org", "--password-stdin") == 0
    assert run("factor", "remove", "mira@example.org") == 1
    assert "no second factor" in capsys.readouterr().err


async def test_the_page_to_log_in_on_asks_for_it_too(server: Serving) -> None:
    _, held, _ = await set_up(server)
    browser = Browser(server.client)
    client, _ = await added(server, trusted=True)
    page = await browser.open(asking(client))
    assert 'name="otp"' not in page.text
    page = await browser.log_in(page, "Mira", PASSWORD)
    assert 'autocomplete="one-time-code"' in page.text
    wrong = await browser.send(page, otp=held.wrong())
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    assert "code=" in (await browser.send(wrong, otp=f" {held.code()} ")).headers["location"]
    # What was typed stands for the password for one request, and not for long.
    again = await browser.log_in(await browser.open(asking(client, prompt="login")), "Mira", PASSWORD)
    forged = {**fields_in(again.text), "request": fields_in(again.text)["request"].replace("state=s", "state=t")}
    server.clock.advance(timedelta(seconds=30))
    for form in (forged, {**fields_in(again.text), "half": "made up"}):
        answer = await server.client.post("/oauth/factor", data={**form, "otp": held.code()})
        assert answer.headers["location"].startswith("/oauth/authorize?")
        assert "set-cookie" not in answer.headers
    server.clock.advance(timedelta(minutes=5))
    assert 'type="password"' in (await browser.send(again, otp=held.code())).text
