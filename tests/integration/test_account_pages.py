"""The pages that links in letters lead to: to open one does nothing, and the form on it does what was asked for."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browsing import Browser
from tests.doors import MIRA, Door, door

HERE = "http://localhost:8000"
NEW = "six lanterns by the quay"


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    async with door(database_url, tmp_path, verify_email="required") as strict:
        yield strict


def link_in(text: str) -> str:
    found = re.search(rf"{HERE}(/account/\S+)", text)
    assert found is not None, text
    return found[1]


async def test_somebody_registers_and_confirms_with_a_browser_alone(strict: Door) -> None:
    browser = Browser(strict.server.client)
    page = await browser.open("/account/register")
    weak = await browser.send(page, email=MIRA, name="Mira", password="mira1234")
    assert (weak.status_code, "says what others know" in weak.text) == (422, True)
    assert f'value="{MIRA}"' in weak.text
    assert "mira1234" not in weak.text
    asked = await browser.send(weak, email=MIRA, name="Mira", password=NEW)
    assert "Look into your mailbox" in asked.text
    ((_, _, told),) = await strict.letters()
    for _ in range(2):  # by a mail system that looks where the link leads, and by a person
        page = await browser.open(link_in(told))
        assert MIRA in page.text
    assert (await strict.log_in(password=NEW)).status_code != 200
    page = await browser.send(page)
    assert (page.status_code, "not the password" in page.text) == (422, True)
    assert "Thank you" in (await browser.send(page, password=NEW)).text
    assert (await strict.log_in(password=NEW)).status_code == 200
    used = await browser.send(page)
    assert (used.status_code, "this link was used" in used.text.lower()) == (422, True)


async def test_a_forgotten_password_is_replaced_with_a_browser_alone(strict: Door) -> None:
    await strict.server.user("Mira")
    browser = Browser(strict.server.client)
    known, unknown = [
        await browser.send(await browser.open("/account/forgot"), email=email) for email in (MIRA, "jo@example.org")
    ]
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    ((_, _, told),) = await strict.letters()
    page = await browser.open(link_in(told))
    page = await browser.send(page, password="password")
    assert (page.status_code, "tried first" in page.text) == (422, True)
    assert "Done" in (await browser.send(page, password=NEW)).text
    assert (await strict.log_in(password=NEW)).status_code == 200
    assert (await browser.open(link_in(told))).status_code == 422


async def test_an_invite_is_used_with_a_browser_alone(database_url: str, tmp_path: Path) -> None:
    async with door(database_url, tmp_path, registration="invite") as invited:
        admin = await invited.server.user("Mira", admin=True)
        browser = Browser(invited.server.client)
        assert (await browser.open("/account/register")).status_code == 403
        await invited.post("/admin/invites", admin, email="jo@example.org")
        ((_, _, told),) = await invited.letters()
        page = await browser.open(link_in(told))
        assert 'value="jo@example.org"' in page.text
        welcome = await browser.send(page, name="<b>Jo</b>", password=NEW)
        assert "Welcome, &lt;b&gt;Jo&lt;/b&gt;" in welcome.text
        assert (await invited.log_in("jo@example.org", NEW)).status_code == 200


@pytest.mark.parametrize("path", ["/account/verify", "/account/recover", "/account/register"])
@pytest.mark.parametrize("token", ["", "x", "x" * 64, "%00", "\u00e9", "x" * 5_000])
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_link_that_is_not_whole_shows_why(strict: Door, path: str, token: str) -> None:
    page = await strict.server.client.get(f"{path}?token={token}")
    assert page.status_code in {200, 400, 403, 414, 422}
    assert page.status_code != 200 or (path == "/account/register" and not token)


@pytest.mark.parametrize("page", ["verify", "recover", "forgot", "register"])
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_form_of_another_site_does_nothing(strict: Door, page: str) -> None:
    form = {"email": MIRA, "name": "Mira", "password": NEW, "token": "x" * 64}
    answer = await strict.server.client.post(f"/account/{page}", data=form)
    assert answer.status_code == 403
    assert await strict.letters() == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_where_nobody_comes_in_by_a_password_no_page_asks_for_one(strict: Door) -> None:
    state = strict.server.app.state
    state.accounts = replace(state.accounts, settings=replace(state.accounts.settings, passwords=False))
    for path in ("register", "forgot", "recover"):
        for answer in (
            await strict.server.client.get(f"/account/{path}"),
            await strict.server.client.post(f"/account/{path}"),
        ):
            assert "lets nobody in by a password" in answer.text
            assert answer.status_code >= 400
