"""People come to have accounts by themselves, by letters that arrive, and nobody learns which addresses have one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from reality_engine.accounts.preparing import MOST
from tests.doors import MIRA, Door, door
from tests.reading_letters import token_in
from tests.serving import PASSWORD, codes


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    async with door(database_url, tmp_path, verify_email="required") as strict:
        yield strict


@pytest.fixture
async def easy(database_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    async with door(database_url, tmp_path) as easy:
        yield easy


async def test_an_account_begins_when_its_letter_is_answered(strict: Door) -> None:
    answer = await strict.register("  Mira@Example.ORG ")
    assert (answer.status_code, answer.json()["data"]["email"]) == (202, MIRA)
    assert codes(await strict.log_in()) == ["bad_credentials"]
    ((to, subject, told),) = await strict.letters()
    assert (to, subject) == (MIRA, "Finish your registration")
    assert "Mira" not in told  # whoever registers an address of another could write to them by the name
    verified = await strict.verify(token_in(told))
    assert (verified.status_code, verified.json()["data"]["verified"]) == (200, True)
    assert (await strict.log_in()).status_code == 200
    assert await strict.noted() == ["account.made"]
    assert codes(await strict.verify(token_in(told))) == ["bad_link"]


async def test_nobody_learns_that_an_address_is_taken_but_its_owner(strict: Door) -> None:
    await strict.server.user("Mira")
    taken, fresh = await strict.register(), await strict.register("jo@example.org")
    assert (taken.status_code, taken.json()["data"]["status"]) == (fresh.status_code, fresh.json()["data"]["status"])
    assert taken.headers.keys() == fresh.headers.keys()
    assert sorted((to, subject) for to, subject, _ in await strict.letters()) == [
        ("jo@example.org", "Finish your registration"),
        (MIRA, "You have an account already"),
    ]
    assert (await strict.log_in()).status_code == 200


@pytest.mark.parametrize("path", ["/auth/password/forgot", "/auth/email/verification"])
async def test_who_asks_for_a_letter_is_answered_and_served_alike_for_any_address(easy: Door, path: str) -> None:
    await easy.server.user("Mira")
    written = []
    for address in (MIRA, "jo@example.org"):
        answer = await easy.post(path, email=address)
        async with easy.units.read() as unit:
            written.append(tuple(await unit.session.execute(text("SELECT template, attempts FROM letters"))))
        assert (answer.status_code, answer.json()["data"]["email"]) == (202, address)
        await easy.letters()
    assert written[0] == written[1]


async def test_a_registration_of_anothers_address_comes_to_nothing_without_their_letter(strict: Door) -> None:
    await strict.register(password="the thief's own words")
    strict.server.clock.advance(timedelta(seconds=1))
    await strict.register()
    (_, _, thiefs), (_, _, own) = await strict.letters()
    # Who opens whatever comes does not begin an account to which somebody else knows the password.
    for password in (PASSWORD, ""):
        refused = await strict.verify(token_in(thiefs), password)
        assert (refused.status_code, codes(refused)) == (401, ["bad_credentials"])
    assert (await strict.verify(token_in(own))).status_code == 200
    assert codes(await strict.verify(token_in(thiefs))) == ["bad_link"]
    assert codes(await strict.log_in(password="the thief's own words")) == ["bad_credentials"]


async def test_a_link_is_over_after_a_day(strict: Door) -> None:
    await strict.register()
    token = await strict.letter()
    strict.server.clock.advance(timedelta(days=1))
    assert codes(await strict.verify(token)) == ["bad_link"]
    await strict.post("/auth/email/verification", email=MIRA)
    assert await strict.letters() == []


async def test_another_letter_can_be_asked_for(strict: Door) -> None:
    await strict.register()
    await strict.letters()
    await strict.post("/auth/email/verification", email=MIRA)
    assert (await strict.verify(await strict.letter())).status_code == 200


async def test_nobody_is_buried_in_letters(easy: Door) -> None:
    await easy.server.user("Mira")
    for _ in range(MOST + 3):
        await easy.post("/auth/password/forgot", email=MIRA)
    assert len(await easy.letters()) == MOST
    easy.server.clock.advance(timedelta(hours=2))
    await easy.post("/auth/password/forgot", email=MIRA)
    assert len(await easy.letters()) == 1


async def test_an_unverified_account_waits_where_addresses_are_to_be_verified(easy: Door, database_url: str) -> None:
    assert (await easy.register()).json()["data"]["verified"] is False
    token = await easy.letter()
    assert (await easy.log_in()).status_code == 200
    async with door(database_url, easy.folder, verify_email="required") as strict:
        assert codes(await strict.log_in()) == ["email_unverified"]
        assert codes(await strict.log_in(password="a wrong one")) == ["bad_credentials"]
        assert (await strict.verify(token)).status_code == 200
        assert (await strict.log_in()).status_code == 200


async def test_a_forgotten_password_is_replaced_by_a_letter(easy: Door) -> None:
    who = await easy.server.user("Mira")
    await easy.post("/auth/password/forgot", email=MIRA)
    token = await easy.letter()
    assert codes(await easy.post("/auth/password/reset", token=token, password="Password1!")) == ["weak_password"]
    answer = await easy.post("/auth/password/reset", token=token, password="six lanterns by the quay")
    assert answer.status_code == 204
    assert (await easy.server.client.get("/api/v1/auth/me", headers=who)).status_code == 401
    assert codes(await easy.log_in()) == ["bad_credentials"]
    assert (await easy.log_in(password="six lanterns by the quay")).status_code == 200
    assert [subject for _, subject, _ in await easy.letters()] == ["Your password was changed"]
    assert codes(await easy.post("/auth/password/reset", token=token, password="six lanterns more")) == ["bad_link"]


async def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(easy: Door) -> None:
    who, other = await easy.server.user("Mira"), await easy.server.login("Mira")
    change = {"current_password": PASSWORD, "password": "six lanterns by the quay"}
    wrong = await easy.post("/auth/password", who, **{**change, "current_password": "a wrong one"})
    assert (wrong.status_code, codes(wrong)) == (401, ["bad_credentials"])
    assert codes(await easy.post("/auth/password", who, **{**change, "password": "mira1234"})) == ["weak_password"]
    assert (await easy.post("/auth/password", who, **change)).status_code == 204
    assert (await easy.server.client.get("/api/v1/auth/me", headers=who)).status_code == 200
    assert (await easy.server.client.get("/api/v1/auth/me", headers=other)).status_code == 401
    assert [(to, subject) for to, subject, _ in await easy.letters()] == [(MIRA, "Your password was changed")]
    assert await easy.noted() == ["account.rekeyed"]


async def test_another_address_is_ones_own_once_its_letter_is_answered(easy: Door) -> None:
    who = await easy.server.user("Mira")
    wrong = await easy.post("/auth/email", who, email="new@example.org", password="a wrong one")
    assert codes(wrong) == ["bad_credentials"]
    assert (await easy.post("/auth/email", who, email="new@example.org", password=PASSWORD)).status_code == 202
    token = await easy.letter()
    assert codes(await easy.log_in("new@example.org")) == ["bad_credentials"]
    assert (await easy.post("/auth/email/verify", token=token)).json()["data"]["email"] == "new@example.org"
    assert (await easy.log_in("new@example.org")).status_code == 200
    assert codes(await easy.log_in()) == ["bad_credentials"]
    assert [(to, subject) for to, subject, _ in await easy.letters()] == [
        (MIRA, "Your account has another e-mail address")
    ]


async def test_an_address_that_is_taken_meanwhile_stays_its_owners(easy: Door) -> None:
    who = await easy.server.user("Mira")
    await easy.post("/auth/email", who, email="jo@example.org", password=PASSWORD)
    token = await easy.letter()
    await easy.server.user("Jo")
    assert codes(await easy.post("/auth/email/verify", token=token)) == ["email_taken"]
    await easy.post("/auth/email", who, email="jo@example.org", password=PASSWORD)
    assert [(to, subject) for to, subject, _ in await easy.letters()] == [
        ("jo@example.org", "You have an account already")
    ]


async def test_nothing_that_is_sent_is_stored_with_its_token(easy: Door) -> None:
    await easy.server.user("Mira")
    await easy.post("/auth/password/forgot", email=MIRA)
    token = await easy.letter()
    async with easy.units.read() as unit:
        rows = [str(row) for row in await unit.session.execute(text("SELECT * FROM tickets"))]
        left = (await unit.session.execute(text("SELECT * FROM letters"))).all()
    assert len(rows) == 1
    assert token not in rows[0]
    assert left == []


async def test_an_erased_person_leaves_no_letter_and_no_ticket(easy: Door) -> None:
    who = await easy.server.user("Mira")
    await easy.post("/auth/password/forgot", email=MIRA)
    await easy.letters()
    await easy.post("/auth/email/verification", email=MIRA)
    await easy.post("/auth/email", who, email="miras.other@example.org", password=PASSWORD)
    easy.server.app.state.erasures.settle = 0
    assert (await easy.post("/auth/me/erasure", who, password=PASSWORD)).status_code == 200
    async with easy.units.read() as unit:
        for query in ("SELECT * FROM letters", "SELECT * FROM tickets"):
            assert (await unit.session.execute(text(query))).all() == []


@pytest.mark.parametrize("token", ["", "x" * 201, "x" * 64, "\u00e9", 7, None, ["x"]])
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_no_token_opens_nothing(easy: Door, token: object) -> None:
    more: dict[str, Any] = {"password": "six lanterns"}
    for path, body in (("/auth/email/verify", {}), ("/auth/password/reset", more)):
        answer = await easy.post(path, token=token, **body)
        assert (answer.status_code, codes(answer)[0]) in ((422, "invalid"), (422, "bad_link"))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_needs_a_letter_says_so_where_no_mail_is_sent(easy: Door) -> None:
    easy.server.app.state.mail = replace(easy.server.app.state.mail, delivery=None)
    answer = await easy.post("/auth/password/forgot", email=MIRA)
    assert (answer.status_code, codes(answer)) == (403, ["mail_off"])
    assert (await easy.register()).status_code == 201


async def test_of_several_uses_at_once_one_counts(strict: Door) -> None:
    await strict.register()
    token = await strict.letter()
    answers = await asyncio.gather(*(strict.verify(token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    await strict.post("/auth/password/forgot", email=MIRA)
    reset: dict[str, Any] = {"token": await strict.letter(), "password": "six lanterns by the quay"}
    answers = await asyncio.gather(*(strict.post("/auth/password/reset", **reset) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422]


async def test_of_two_who_want_one_address_at_once_one_gets_it(easy: Door) -> None:
    mira, jo = await easy.server.user("Mira"), await easy.server.user("Jo")
    for who in (mira, jo):
        await easy.post("/auth/email", who, email="new@example.org", password=PASSWORD)
    tokens = [token_in(told) for _, _, told in await easy.letters()]
    answers = await asyncio.gather(*(easy.post("/auth/email/verify", token=token) for token in tokens))
    assert sorted((answer.status_code, *codes(answer)) for answer in answers) == [(200,), (409, "email_taken")]
