"""`reality keys` and the public keys over HTTP, on real databases."""

import time
from pathlib import Path

import httpx2
import jwt
import pytest

from reality_engine.signing import service
from reality_engine.signing.algorithms import Algorithm
from reality_engine.signing.signing import TRUST
from tests import processes
from tests.commanding import OWNER, Captured, run, type_password, use
from tests.serving import NOON, PASSWORD, SECRET, serving


def public_algorithm(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    use(monkeypatch, url)
    monkeypatch.setenv("REALITY_TOKEN_ALGORITHM", "ES256")


def listed(capsys: Captured) -> dict[str, str]:
    """Return what is told of each key, by its id."""
    capsys.readouterr()
    assert run("keys", "list") == 0
    return {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}


def test_keys_are_rotated_listed_and_retired(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, database_url: str
) -> None:
    public_algorithm(monkeypatch, database_url)
    assert listed(capsys) == {}
    assert run("keys", "rotate") == 0
    (first,) = listed(capsys)
    assert run("keys", "rotate", "--algorithm", "EdDSA") == 0
    assert run("keys", "rotate") == 0
    keys = listed(capsys)
    assert len(keys) == 4
    assert sum(line.endswith("signs") for line in keys.values()) == 2
    assert "accepted until" in keys[first]
    assert run("keys", "retire", first) == 0
    assert "not accepted since" in listed(capsys)[first]
    monkeypatch.setenv("REALITY_SECRET_KEY", "zyxwvutsrqponmlkjihgfedcba9876543210")
    assert sum("another secret" in line for line in listed(capsys).values()) == 2


def test_what_cannot_be_done_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Captured, database_url: str) -> None:
    public_algorithm(monkeypatch, database_url)
    assert run("keys", "rotate") == 0
    (signing,) = listed(capsys)
    for wrong in (("retire", signing), ("retire", "x"), ("retire", "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10")):
        assert run("keys", *wrong) == 1
        assert "error:" in capsys.readouterr().err
    assert run("keys", "rotate", "--algorithm", "HS256") == 1
    assert "REALITY_SECRET_KEY" in capsys.readouterr().err
    assert run("keys", "rotate", "--algorithm", "none") == 2
    assert list(listed(capsys)) == [signing]


async def test_access_tokens_are_checked_by_the_public_keys_alone(database_url: str) -> None:
    async with serving(database_url, token_algorithm="ES256", public_url="https://worlds.example.org") as server:
        headers = await server.user("Mira")
        token = headers["Authorization"].removeprefix("Bearer ")
        answer = await server.client.get("/.well-known/jwks.json")
        assert answer.headers["cache-control"] == "public, max-age=60"
        key = jwt.PyJWKSet.from_dict(answer.json())[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, ["ES256"], audience="reality-engine", options={"verify_exp": False})
        assert claims["iss"] == "https://worlds.example.org"
        assert claims["exp"] == int(NOON.timestamp()) + 900
        known = await server.client.get("/api/v1/auth/me", headers=headers)
        assert known.json()["data"]["id"] == claims["sub"]


async def test_a_token_that_was_read_before_is_refused_within_a_second_once_its_key_is_retired(
    database_url: str,
) -> None:
    async with serving(database_url, token_algorithm="EdDSA") as server:
        headers = await server.user("Mira")
        services, now = server.app.state, server.clock.now()
        key = await services.signing.make(Algorithm.EDDSA, now)
        kid = jwt.get_unverified_header(headers["Authorization"].removeprefix("Bearer "))["kid"]
        assert (await server.client.get("/api/v1/auth/me", headers=headers)).status_code == 200
        async with services.context.units.write() as unit:
            await service.rotate(unit, key, now)
            await service.retire(unit, kid, now)
            await unit.commit()
        server.clock.advance(TRUST)
        assert (await server.client.get("/api/v1/auth/me", headers=headers)).status_code == 401
        assert (await server.client.get("/api/v1/auth/me", headers=await server.login("Mira"))).status_code == 200


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_several_processes_take_up_a_rotated_key_and_refuse_a_retired_one(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, database_url: str, tmp_path: Path
) -> None:
    public_algorithm(monkeypatch, database_url)
    type_password(monkeypatch)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    settings = {"REALITY_DATABASE_URL": database_url, "REALITY_SECRET_KEY": SECRET, "REALITY_TOKEN_ALGORITHM": "ES256"}
    with processes.serving(["serve"], tmp_path, REALITY_WORKERS="2", **settings) as address:

        def log_in() -> str:
            form = {"username": OWNER, "password": PASSWORD}
            return str(httpx2.post(f"{address}/api/v1/auth/token", data=form).json()["access_token"])

        def statuses(token: str) -> set[int]:
            """Ask over connections of their own, so that both processes are asked."""
            bearer = {"Authorization": f"Bearer {token}"}
            return {httpx2.get(f"{address}/api/v1/auth/me", headers=bearer).status_code for _ in range(20)}

        former = log_in()
        assert statuses(former) == {200}
        assert run("keys", "rotate") == 0
        time.sleep(TRUST.total_seconds())
        fresh = {log_in() for _ in range(4)}
        kids = {jwt.get_unverified_header(token)["kid"] for token in fresh}
        assert len(kids) == 1
        assert kids != {jwt.get_unverified_header(former)["kid"]}
        assert statuses(former) == {200}
        assert set().union(*map(statuses, fresh)) == {200}
        assert run("keys", "retire", jwt.get_unverified_header(former)["kid"]) == 0
        time.sleep(TRUST.total_seconds())
        assert statuses(former) == {401}
        assert set().union(*map(statuses, fresh)) == {200}
    capsys.readouterr()
