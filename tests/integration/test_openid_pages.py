"""Logging in on the server's own pages for an application, and what that is told: nothing without its person's will."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from reality_engine.audit import repository as audit
from reality_engine.audit.repository import Sought
from reality_engine.openid.models import ClientSessionRow, CodeRow, ConsentRow
from tests.applications import HOME, ISSUER, added, asking
from tests.browsing import Browser, fields_in, told
from tests.serving import PASSWORD, Serving


@pytest.fixture
async def browser(server: Serving) -> Browser:
    await server.user("Mira")
    return Browser(server.client)


async def test_who_logs_in_and_agrees_is_sent_back_with_a_code(server: Serving, browser: Browser) -> None:
    client, _ = await added(server)
    page = await browser.open(asking(client))
    assert "Quest &lt;Log&gt;" in page.text
    assert "form-action 'self' https://app.example.org;" in page.headers["content-security-policy"]
    page = await browser.log_in(page, "Mira", PASSWORD)
    assert "see your e-mail address" in page.text
    assert "see your worlds" not in page.text
    answer = await browser.send(page, decision="allow")
    assert answer.headers["location"].startswith(f"{HOME}?code=")
    assert {name: value for name, value in told(answer).items() if name != "code"} == {"state": "s&1", "iss": ISSUER}
    # From now on nobody is asked, unless more is asked for.
    assert "code" in told(await browser.open(asking(client, prompt="none")))
    assert "see your worlds" in (await browser.open(asking(client, scope="openid worlds"))).text
    async with server.app.state.context.units.read() as unit:
        noted = await audit.list_entries(unit, Sought(subject=client.id), 10)
    assert sorted(entry.what for entry in noted) == ["client.made", "consent.given"]


async def test_who_does_not_agree_is_sent_back_without(server: Serving, browser: Browser) -> None:
    page = await browser.log_in(await browser.open(asking((await added(server))[0])), "Mira", PASSWORD)
    for decision in ("deny", "", "Allow"):
        assert told(await browser.send(page, decision=decision))["error"] == "access_denied"


async def test_a_wrong_password_is_told_and_another_one_taken(server: Serving, browser: Browser) -> None:
    client, _ = await added(server, trusted=True)
    page = await browser.log_in(await browser.open(asking(client)), "Mira", "wrong")
    assert page.status_code == 401
    assert 'role="alert"' in page.text
    assert 'value="mira@example.org"' in page.text
    assert "code" in told(await browser.log_in(page, "Mira", PASSWORD))


async def test_nobody_is_shown_anything_where_nothing_may_be_shown(server: Serving, browser: Browser) -> None:
    client, _ = await added(server)
    assert told(await browser.open(asking(client, prompt="none")))["error"] == "login_required"
    await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD)
    assert told(await browser.open(asking(client, prompt="none")))["error"] == "consent_required"


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
async def test_who_is_to_log_in_anew_does(server: Serving, browser: Browser, wish: dict[str, str]) -> None:
    client, _ = await added(server, trusted=True)
    assert "code" in told(await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD))
    server.clock.advance(timedelta(seconds=61))
    assert "code" in told(await browser.open(asking(client)))
    page = await browser.open(asking(client, **wish))
    assert 'type="password"' in page.text
    assert "code" in told(await browser.log_in(page, "Mira", PASSWORD))
    # That was for this one request.
    if wish != {"max_age": "60"}:
        server.clock.advance(timedelta(seconds=1))
        assert 'type="password"' in (await browser.open(asking(client, **wish))).text


async def test_having_logged_in_for_one_request_is_no_proof_for_another(server: Serving, browser: Browser) -> None:
    client, _ = await added(server, trusted=True)
    page = await browser.open(asking(client, prompt="login"))
    answer = await server.client.post(
        "/oauth/login", data={**fields_in(page.text), "username": "mira@example.org", "password": PASSWORD}
    )
    proof = answer.headers["location"].partition("&login_proof=")[2]
    assert proof
    assert "code" in told(await browser.open(f"{asking(client, prompt='login')}&login_proof={proof}"))
    other = f"{asking(client, prompt='login', state='other')}&login_proof={proof}"
    assert 'type="password"' in (await browser.open(other)).text
    server.clock.advance(timedelta(minutes=6))
    again = f"{asking(client, prompt='login')}&login_proof={proof}"
    assert 'type="password"' in (await browser.open(again)).text


async def test_consent_is_of_whom_it_was_asked(server: Serving, browser: Browser) -> None:
    client, _ = await added(server)
    page = await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD)
    await server.user("Odo")
    await browser.log_in(await browser.open(asking(client, prompt="login")), "Odo", PASSWORD)
    answer = await browser.send(page, decision="allow")
    assert answer.status_code == 200
    assert "odo@example.org" in answer.text


async def test_a_program_on_ones_machine_is_asked_about_each_time(server: Serving, browser: Browser) -> None:
    home = "http://127.0.0.1:7777/callback"
    client, _ = await added(server, public=True, redirects=["http://127.0.0.1/callback"])
    page = await browser.log_in(await browser.open(asking(client, redirect_uri=home)), "Mira", PASSWORD)
    assert "127.0.0.1:7777" in page.text
    await browser.send(page, decision="allow")
    assert "Allow" in (await browser.open(asking(client, redirect_uri=home))).text


async def test_nobody_is_sent_where_no_application_is_known_to_be(server: Serving, browser: Browser) -> None:
    client, _ = await added(server)
    for address in (
        asking(client, redirect_uri="https://evil.example/"), asking(client, redirect_uri=""),
        asking(client, client_id="nobody"), asking(client, client_id=""), "/oauth/authorize",
    ):  # fmt: skip
        answer = await browser.open(address)
        assert answer.status_code == 400
        assert "evil.example" not in answer.text
        assert "That did not work" in answer.text


async def test_an_ended_session_logs_the_browser_out(server: Serving, browser: Browser) -> None:
    client, _ = await added(server, trusted=True)
    await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD)
    server.clock.advance(timedelta(hours=12))
    assert 'type="password"' in (await browser.open(asking(client))).text
    server.client.cookies.set("reality-login", "forged")
    assert 'type="password"' in (await browser.open(asking(client))).text


async def test_a_request_may_come_as_a_form_from_the_application(server: Serving, browser: Browser) -> None:
    client, _ = await added(server)
    path, _, query = asking(client).partition("?")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://app.example.org"}
    answer = await server.client.post(path, content=query, headers=form)
    assert answer.status_code == 303
    assert 'type="password"' in (await browser.open(answer.headers["location"])).text


async def test_what_one_allows_can_be_listed_and_withdrawn(server: Serving, browser: Browser) -> None:
    (client, _), mira = await added(server), await server.login("Mira")
    await browser.send(await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD), decision="allow")
    listed = (await server.client.get("/api/v1/auth/consents", headers=mira)).json()["data"]
    assert [(one["client"], one["name"], one["scopes"]) for one in listed] == [
        (client.id, "Quest <Log>", ["openid", "email"])
    ]
    path = f"/api/v1/auth/consents/{client.id}"
    assert (await server.client.delete(path, headers=await server.user("Odo"))).status_code == 404
    assert (await server.client.delete(path, headers=mira)).status_code == 204
    assert (await server.client.delete(path, headers=mira)).status_code == 404
    assert (await server.client.get("/api/v1/auth/consents", headers=mira)).json()["data"] == []
    assert told(await browser.open(asking(client, prompt="none")))["error"] == "consent_required"


async def test_of_who_is_erased_nothing_is_left(server: Serving, browser: Browser) -> None:
    (client, _), mira = await added(server), await server.login("Mira")
    await browser.send(await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD), decision="allow")
    answer = await server.client.post("/api/v1/auth/me/erasure", json={"password": PASSWORD}, headers=mira)
    assert answer.is_success, answer.text
    async with server.app.state.context.units.read() as unit:
        for table in (ConsentRow, CodeRow, ClientSessionRow):
            assert (await unit.session.scalars(select(table))).all() == []
    assert 'type="password"' in (await browser.open(asking(client))).text


async def test_who_is_banned_is_told_so_and_not_logged_in(server: Serving, browser: Browser) -> None:
    client, admin = (await added(server, trusted=True))[0], await server.user("Ada", admin=True)
    mira = (await server.client.get("/api/v1/auth/me", headers=await server.login("Mira"))).json()["data"]["id"]
    banned = await server.client.put(f"/api/v1/admin/users/{mira}/ban", json={"reason": "spam"}, headers=admin)
    assert banned.is_success, banned.text
    page = await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD)
    assert page.status_code == 403
    assert "banned" in page.text
    assert 'type="password"' in (await browser.open(asking(client))).text
