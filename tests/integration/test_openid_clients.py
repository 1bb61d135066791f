"""Which applications may log people in: said by administrators, over HTTP and by command, and by nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from reality_engine.kernel.ids import fresh_id
from tests.commanding import Captured, run, use
from tests.serving import NOON, Serving, codes

CLIENTS = "/api/v1/admin/clients"
APP: dict[str, Any] = {"name": "Wiki", "redirects": ["https://wiki.example.org/callback"]}


async def test_an_administrator_adds_lists_and_removes_applications(server: Serving) -> None:
    admin = await server.user("Ada", admin=True)
    added = await server.client.post(CLIENTS, json={**APP, "scopes": ["worlds"]}, headers=admin)
    assert (added.status_code, added.headers["cache-control"]) == (201, "no-store")
    client, secret = added.json()["data"]["client"], added.json()["data"]["client_secret"]
    assert client["scopes"] == ["openid", "worlds"]
    assert len(secret) > 40
    listed = await server.client.get(CLIENTS, headers=admin)
    assert listed.json()["data"] == [client]
    assert secret not in listed.text
    renewed = await server.client.post(f"{CLIENTS}/{client['id']}/secret", headers=admin)
    assert renewed.json()["data"]["client_secret"] not in (None, secret)
    assert (await server.client.delete(f"{CLIENTS}/{client['id']}", headers=admin)).status_code == 204
    assert (await server.client.delete(f"{CLIENTS}/{client['id']}", headers=admin)).status_code == 404
    assert (await server.client.get(f"{CLIENTS}?total=true", headers=admin)).json()["meta"]["total"] == 0


async def test_lists_go_on_by_cursor(server: Serving) -> None:
    admin = await server.user("Ada", admin=True)
    for name in ("A", "B", "C"):
        await server.client.post(CLIENTS, json={**APP, "name": name, "public": True}, headers=admin)
        server.clock.advance(timedelta(seconds=1))
    first = (await server.client.get(f"{CLIENTS}?limit=2", headers=admin)).json()
    rest = (await server.client.get(f"{CLIENTS}?limit=2&cursor={first['meta']['next']}", headers=admin)).json()
    assert [one["name"] for one in first["data"] + rest["data"]] == ["A", "B", "C"]
    assert "next" not in rest["meta"]


async def test_a_public_application_has_no_secret(server: Serving) -> None:
    admin = await server.user("Ada", admin=True)
    added = (await server.client.post(CLIENTS, json={**APP, "public": True}, headers=admin)).json()["data"]
    assert added["client_secret"] is None
    refused = await server.client.post(f"{CLIENTS}/{added['client']['id']}/secret", headers=admin)
    assert (refused.status_code, codes(refused)) == (409, ["conflict"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirects": []}, {"redirects": ["http://wiki.example.org/"]}, {"redirects": ["javascript:alert(1)"]},
        {"redirects": [APP["redirects"][0]] * 21}, {"after_log_out": ["//evil.example"]}, {"name": ""},
        {"name": "a\nb"}, {"scopes": ["everything"]}, {"secret": "mine"},
        {"redirects": ["http://127.0.0.1/"], "public": True, "trusted": True},
    ],
)  # fmt: skip
async def test_what_is_no_application_is_refused(server: Serving, wrong: dict[str, Any]) -> None:
    admin = await server.user("Ada", admin=True)
    refused = await server.client.post(CLIENTS, json={**APP, **wrong}, headers=admin)
    assert refused.status_code == 422
    assert (await server.client.get(CLIENTS, headers=admin)).json()["data"] == []


async def test_nobody_else_may(server: Serving) -> None:
    player, one = await server.user("Odo"), f"{CLIENTS}/{fresh_id(NOON)}"
    for method, path in (("GET", CLIENTS), ("POST", CLIENTS), ("POST", f"{one}/secret"), ("DELETE", one)):
        assert (await server.client.request(method, path, json=APP, headers=player)).status_code == 403
        assert (await server.client.request(method, path, json=APP)).status_code == 401


def test_commands_add_list_and_remove_too(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    use(monkeypatch, database_url)
    assert run("client", "add", "Wiki", "--redirect", APP["redirects"][0], "--trusted") == 0
    said = capsys.readouterr()
    secret, key = said.out.splitlines()[0], said.err.split("client_id ")[1].split()[0]
    assert len(secret) == 43
    assert run("client", "list") == 0
    assert capsys.readouterr().out == f"{key}  Wiki  secret trusted  openid profile email  {APP['redirects'][0]}\n"
    assert run("client", "secret", key) == 0
    assert capsys.readouterr().out.strip() not in ("", secret)
    assert run("client", "remove", key) == 0
    assert run("client", "remove", key) == 1
    assert run("client", "secret", "nothing") == 1
    assert run("client", "add", "Wiki", "--redirect", "http://wiki.example.org") == 1
    assert run("client", "add", "\x1b[31m", "--redirect", APP["redirects"][0]) == 1
    capsys.readouterr()
    assert run("client", "list") == 0
    assert capsys.readouterr().out == ""
