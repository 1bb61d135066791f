"""Managing accounts over HTTP and by commands: roles, bans, and what is noted of them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from reality_engine.accounts.bans import bans_of
from reality_engine.accounts.rights import Right
from tests.playing import NOWHERE
from tests.serving import PASSWORD, Serving, serving

Headers = dict[str, str]


async def ask(server: Serving, who: Headers | None, method: str, path: str, **parts: Any) -> httpx2.Response:
    # What was made in the same millisecond stands in no order.
    server.clock.advance(timedelta(milliseconds=1))
    return await server.client.request(method, f"/api/v1{path}", headers=who or {}, **parts)


async def id_of(server: Serving, who: Headers) -> str:
    return str((await ask(server, who, "GET", "/auth/me")).json()["data"]["id"])


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


async def audited(server: Serving, who: Headers, query: str = "") -> list[tuple[str, str]]:
    found = (await ask(server, who, "GET", f"/admin/audit{query}")).json()["data"]
    return [(one["what"], one["subject"]) for one in found]


async def test_administrators_alone_manage_accounts(server: Serving) -> None:
    root, mira = await server.user("Root", admin=True), await server.user("Mira")
    user = await id_of(server, mira)
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/admin/users", None), ("GET", f"/admin/users/{user}", None), ("GET", "/admin/audit", None),
        ("PUT", f"/admin/users/{user}/role", {"role": "admin"}), ("PUT", f"/admin/users/{user}/ban", {}),
        ("DELETE", f"/admin/users/{user}/ban", None), ("DELETE", f"/admin/users/{user}/sessions", None),
    ]  # fmt: skip
    for method, path, body in calls:
        parts = {} if body is None else {"json": body}
        assert (await ask(server, None, method, path, **parts)).status_code == 401
        assert (await ask(server, mira, method, path, **parts)).status_code == 403
    assert await audited(server, root) == []
    for method, path, body in calls:
        parts = {} if body is None else {"json": body}
        if "users/" in path:
            nobody = await ask(server, root, method, path.replace(user, NOWHERE), **parts)
            assert nobody.status_code == 404


async def test_a_role_that_was_given_or_taken_holds_at_once_and_is_noted(server: Serving) -> None:
    root, mira = await server.user("Root", admin=True), await server.user("Mira")
    user, admin = await id_of(server, mira), await id_of(server, root)
    assert (await ask(server, mira, "GET", "/admin/users")).status_code == 403
    for _ in range(2):
        given = await ask(server, root, "PUT", f"/admin/users/{user}/role", json={"role": "admin"})
        assert given.json()["data"]["role"] == "admin"
    assert (await ask(server, mira, "GET", "/admin/users")).status_code == 200
    # Twice the same is one change.
    assert await audited(server, mira) == [("account.role", user)]
    assert (await ask(server, mira, "PUT", f"/admin/users/{admin}/role", json={"role": "user"})).status_code == 200
    assert (await ask(server, root, "GET", "/admin/users")).status_code == 403
    last = await ask(server, mira, "PUT", f"/admin/users/{user}/role", json={"role": "user"})
    assert (last.status_code, code(last)) == (409, "last_admin")
    assert code(await ask(server, mira, "PUT", f"/admin/users/{user}/ban", json={})) == "last_admin"
    assert await audited(server, mira, f"?subject={admin}") == [("account.role", admin)]
    assert await audited(server, mira, "?what=account.banned") == []


async def test_of_two_administrators_who_take_each_other_the_role_one_stays(server: Serving) -> None:
    first, second = await server.user("Ada", admin=True), await server.user("Bob", admin=True)
    one, other = await id_of(server, first), await id_of(server, second)
    await asyncio.gather(
        ask(server, first, "PUT", f"/admin/users/{other}/role", json={"role": "user"}),
        ask(server, second, "PUT", f"/admin/users/{one}/ban", json={}),
    )
    left = [(await ask(server, who, "GET", "/admin/users?role=admin&banned=false")) for who in (first, second)]
    assert sorted(answer.status_code == 200 for answer in left) == [False, True]


async def test_who_is_banned_is_out_at_once_and_comes_in_by_no_way(server: Serving) -> None:
    root, mira = await server.user("Root", admin=True), await server.user("Mira")
    user = await id_of(server, mira)
    form = {"username": "mira@example.org", "password": PASSWORD}
    tokens = (await server.client.post("/api/v1/auth/token", data=form)).json()
    bot = (await ask(server, mira, "POST", "/bots", json={"name": "Ada"})).json()["data"]["id"]
    key = (await ask(server, mira, "POST", f"/bots/{bot}/keys", json={"label": "cellar"})).json()["data"]["key"]
    machine = {"Authorization": f"Bearer {key}"}
    assert (await ask(server, machine, "GET", "/worlds")).status_code == 200
    banned = await ask(server, root, "PUT", f"/admin/users/{user}/ban", json={"reason": "sells things"})
    assert banned.json()["data"]["ban"]["reason"] == "sells things"
    assert (await ask(server, mira, "GET", "/auth/me")).status_code == 401
    assert (await ask(server, machine, "GET", "/worlds")).status_code == 401
    again = await server.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert again.status_code in (400, 401)
    assert code(await server.client.post("/api/v1/auth/token", data=form)) == "account_banned"
    wrong = await server.client.post("/api/v1/auth/token", data={**form, "password": "wrong horse battery"})
    assert code(wrong) == "bad_credentials"
    assert [one["id"] for one in (await ask(server, root, "GET", "/admin/users?banned=true")).json()["data"]] == [user]
    lifted = await ask(server, root, "DELETE", f"/admin/users/{user}/ban")
    assert lifted.json()["data"]["ban"] is None
    # What was open before stays closed: they log in again.
    assert (await ask(server, mira, "GET", "/auth/me")).status_code == 401
    assert (await ask(server, await server.login("Mira"), "GET", "/auth/me")).status_code == 200
    noted = [one for one in await audited(server, root) if one[0].startswith("account.")]
    assert noted == [("account.unbanned", user), ("account.banned", user)]


async def test_somebody_is_logged_out_everywhere(server: Serving) -> None:
    root, mira = await server.user("Root", admin=True), await server.user("Mira")
    user = await id_of(server, mira)
    assert (await ask(server, root, "DELETE", f"/admin/users/{user}/sessions")).status_code == 204
    assert (await ask(server, mira, "GET", "/auth/me")).status_code == 401
    assert (await ask(server, await server.login("Mira"), "GET", "/auth/me")).status_code == 200
    assert await audited(server, root) == [("sessions.ended", user)]


async def test_of_who_is_erased_nothing_is_left_but_that_it_was_done(server: Serving) -> None:
    root, mira = await server.user("Root", admin=True), await server.user("Mira")
    user = await id_of(server, mira)
    await ask(server, root, "PUT", f"/admin/users/{user}/ban", json={"reason": "sells things"})
    assert (await ask(server, root, "POST", f"/admin/users/{user}/erasure")).status_code == 200
    assert (await ask(server, root, "GET", f"/admin/users/{user}")).status_code == 404
    assert await audited(server, root) == [("account.erased", user), ("account.banned", user)]
    async with server.app.state.context.units.read() as unit:
        assert await bans_of(unit, [user]) == {}


async def test_accounts_are_found_by_name_and_address_page_by_page(server: Serving) -> None:
    root = await server.user("Root", admin=True)
    await ask(server, root, "GET", "/auth/me")
    for name in ("Mira", "Mirko", "Jo_"):
        await ask(server, await server.user(name), "GET", "/auth/me")

    async def names(query: str) -> list[str]:
        return [one["name"] for one in (await ask(server, root, "GET", f"/admin/users{query}")).json()["data"]]

    assert await names("?q=MIR") == ["Mirko", "Mira"]
    assert await names("?q=jo_@example") == ["Jo_"]
    # What stands for any character elsewhere is one here.
    assert await names("?q=_") == ["Jo_"]
    assert await names("?q=%25") == []
    page = await ask(server, root, "GET", "/admin/users?limit=3")
    rest = await names(f"?limit=3&cursor={page.json()['meta']['next']}")
    assert [one["name"] for one in page.json()["data"]] + rest == ["Jo_", "Mirko", "Mira", "Root"]
    assert (
        code(await ask(server, root, "GET", f"/admin/users?q=a&cursor={page.json()['meta']['next']}")) == "bad_cursor"
    )


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_the_operator_keeps_for_administrators_is_theirs(database_url: str) -> None:
    async with serving(database_url, world_creation="admins", pack_upload="admins") as server:
        root, mira = await server.user("Root", admin=True), await server.user("Mira")
        for who, status in ((mira, 403), (root, 404)):
            made = await ask(server, who, "POST", "/worlds", json={"pack": "none", "title": "T"})
            assert made.status_code == status, made.text
        assert server.app.state.accounts.rights.users == frozenset()
        assert Right.CREATE_WORLDS.value in (await server.client.get("/openapi.json")).text
