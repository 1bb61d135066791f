import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from typing import Any

import httpx2
import jwt
import pytest
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from reality_engine.accounts import repository
from reality_engine.accounts.authentication import Authentication
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import OptionalPrincipal
from reality_engine.accounts.grants import TokenGrants
from reality_engine.accounts.joining_routes import router as joining
from reality_engine.accounts.password_routes import router as passwords
from reality_engine.accounts.routes import router
from reality_engine.accounts.settings import AccountSettings
from reality_engine.db import migrate
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.factors.factors import Factors
from reality_engine.kernel.clock import FixedClock
from reality_engine.mail.context import MailContext
from reality_engine.mail.settings import MailSettings
from reality_engine.signing.signing import Signing
from reality_engine.web.context import Context
from reality_engine.web.cursors import Cursors
from reality_engine.web.envelope import Envelope
from reality_engine.web.errors import install
from reality_engine.web.limits import BodyBounds
from reality_engine.web.responses import STANDARD
from reality_engine.web.stack import middlewares
from tests.leaving import delete_user

SECRET = b"s" * 32
EMAIL, PASSWORD = "mira@example.org", "correct horse battery"
REGISTER = {"email": EMAIL, "name": "Mira", "password": PASSWORD}
SETTINGS = AccountSettings(bcrypt_rounds=4)

open_to_all = APIRouter()


@open_to_all.get("/whoami")
async def whoami(principal: OptionalPrincipal) -> Envelope[str]:
    return Envelope(data=principal.name if principal.known else "nobody")


@dataclass
class Server:
    app: FastAPI
    client: httpx2.AsyncClient
    clock: FixedClock
    units: Units

    async def register(self, **changed: Any) -> httpx2.Response:
        return await self.client.post("/api/v1/auth/register", json={**REGISTER, **changed})

    async def log_in(self, username: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
        form = {"grant_type": "password", "username": username, "password": password}
        return await self.client.post("/api/v1/auth/token", data=form)

    async def refresh(self, token: str) -> httpx2.Response:
        return await self.client.post("/api/v1/auth/refresh", json={"refresh_token": token})

    async def me(self, token: str) -> httpx2.Response:
        return await self.client.get("/api/v1/auth/me", headers=bearer(token))

    async def tokens(self) -> dict[str, Any]:
        await self.register()
        answer = await self.log_in()
        assert answer.status_code == 200
        data: dict[str, Any] = answer.json()["data"]
        return data


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code_of(answer: httpx2.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["code"])


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Server]:
    await asyncio.to_thread(migrate.upgrade, database_url)
    engines = open_engines(database_url)
    clock, units = FixedClock(datetime(2026, 5, 1, 18, tzinfo=UTC)), Units(engines)
    app = FastAPI(middleware=middlewares(clock, BodyBounds(), inner=[Middleware(Authentication)]), responses=STANDARD)
    install(app)
    for one in (router, joining, passwords):
        app.include_router(one, prefix="/api/v1")
    app.include_router(open_to_all)
    app.state.context = Context(units, clock, Cursors(SECRET))
    app.state.signing = Signing(SECRET, units)
    app.state.accounts = AccountContext.build(SETTINGS, app.state.signing)
    app.state.grants = TokenGrants.build(Factors(SECRET))
    app.state.mail = MailContext.build(
        MailSettings(None, Address("W", addr_spec="w@example.org")), SECRET, "http://test"
    )
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        yield Server(app, client, clock, units)
    await engines.close()


async def test_register_log_in_and_be_known(server: Server) -> None:
    registered = await server.register(email="  Mira@Example.ORG ")
    assert registered.status_code == 201
    user = registered.json()["data"]
    assert (user["email"], user["name"], user["role"]) == (EMAIL, "Mira", "user")
    assert user["created_at"] == "2026-05-01T18:00:00.000000Z"
    assert "password" not in registered.text
    answer = await server.log_in("MIRA@example.org")
    known = await server.me(answer.json()["access_token"])
    assert known.json() == {"data": user, "meta": {}, "errors": []}


async def test_tokens_come_in_the_envelope_and_as_oauth2_clients_expect(server: Server) -> None:
    await server.register()
    answer = await server.log_in()
    body = answer.json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    assert body["data"] == {name: body[name] for name in ("access_token", "token_type", "expires_in", "refresh_token")}
    assert (body["meta"], body["errors"]) == ({}, [])
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_registers_as_an_administrator(server: Server) -> None:
    assert (await server.register(role="admin")).status_code == 422


async def test_an_address_registers_once(server: Server) -> None:
    await server.register()
    again = await server.register(email=EMAIL.upper())
    assert (again.status_code, code_of(again)) == (409, "email_taken")


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"email": "mira"}, "invalid", "email"),
        ({"email": None}, "invalid", "email"),
        ({"name": " "}, "invalid", "name"),
        ({"name": "x" * 81}, "invalid", "name"),
        ({"name": "a\nb"}, "invalid", "name"),
        ({"password": "short"}, "weak_password", "password"),
        ({"password": "x" * 1_001}, "weak_password", "password"),
        ({"password": EMAIL}, "weak_password", "password"),
        ({"more": 1}, "invalid", "more"),
    ],
)
async def test_a_wrong_registration_names_the_field(
    server: Server, changed: dict[str, Any], code: str, field: str
) -> None:
    answer = await server.register(**changed)
    assert answer.status_code == 422
    assert (code_of(answer), answer.json()["errors"][0]["field"]) == (code, field)


async def test_registration_can_be_closed(server: Server) -> None:
    server.app.state.accounts = AccountContext.build(replace(SETTINGS, registration="closed"), server.app.state.signing)
    answer = await server.register()
    assert (answer.status_code, code_of(answer)) == (403, "registration_closed")


@pytest.mark.parametrize(
    ("username", "password"),
    [(EMAIL, "wrong horse battery"), ("jo@example.org", PASSWORD), ("nonsense", PASSWORD), (EMAIL, "x" * 5_000)],
)
async def test_a_failed_log_in_does_not_say_what_was_wrong(server: Server, username: str, password: str) -> None:
    await server.register()
    answer = await server.log_in(username, password)
    assert answer.status_code == 400
    assert (answer.json()["error"], answer.headers["cache-control"]) == ("invalid_grant", "no-store")
    expected = {"code": "bad_credentials", "message": "the e-mail address or the password is wrong"}
    assert answer.json()["errors"] == [{**expected, "field": None, "hint": None}]


async def test_a_missing_form_field_is_told(server: Server) -> None:
    answer = await server.client.post("/api/v1/auth/token", data={"username": EMAIL})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]


async def test_logging_in_renews_an_outdated_hash(server: Server) -> None:
    await server.register()
    server.app.state.accounts = AccountContext.build(replace(SETTINGS, hasher="argon2id"), server.app.state.signing)
    assert (await server.log_in()).status_code == 200
    async with server.units.read() as unit:
        found = await repository.find_user_with_hash(unit, EMAIL)
    assert found is not None
    assert found[1].startswith("$argon2id$")
    assert (await server.log_in()).status_code == 200


async def test_an_access_token_expires_and_is_refreshed(server: Server) -> None:
    tokens = await server.tokens()
    server.clock.advance(timedelta(minutes=15))
    expired = await server.me(tokens["access_token"])
    assert (expired.status_code, code_of(expired)) == (401, "token_expired")
    fresh = (await server.refresh(tokens["refresh_token"])).json()
    assert (await server.me(fresh["access_token"])).status_code == 200


async def test_a_refresh_token_used_twice_ends_the_session(server: Server) -> None:
    tokens = await server.tokens()
    following = (await server.refresh(tokens["refresh_token"])).json()["data"]
    assert (await server.me(following["access_token"])).status_code == 200
    again = await server.refresh(tokens["refresh_token"])
    assert (again.status_code, code_of(again)) == (401, "token_reused")
    over = (await server.me(following["access_token"]), await server.refresh(following["refresh_token"]))
    assert [answer.status_code for answer in over] == [401, 401]
    assert [code_of(answer) for answer in over] == ["unauthenticated", "bad_grant"]


async def test_logging_out_stops_every_token_of_the_session_at_once(server: Server) -> None:
    tokens, other = await server.tokens(), (await server.log_in()).json()
    assert (await server.me(tokens["access_token"])).status_code == 200
    answer = await server.client.post("/api/v1/auth/logout", headers=bearer(tokens["access_token"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await server.me(tokens["access_token"])).status_code == 401
    assert (await server.refresh(tokens["refresh_token"])).status_code == 401
    assert (await server.me(other["access_token"])).status_code == 200


async def test_a_deleted_users_tokens_stop(server: Server) -> None:
    tokens = await server.tokens()
    user = (await server.me(tokens["access_token"])).json()["data"]["id"]
    await delete_user(server.units, user, server.clock.now())
    server.clock.advance(timedelta(seconds=1))
    assert (await server.me(tokens["access_token"])).status_code == 401
    assert (await server.refresh(tokens["refresh_token"])).status_code == 401
    assert (await server.log_in()).status_code == 400


async def test_a_new_name_shows_at_once(server: Server) -> None:
    token = (await server.tokens())["access_token"]
    assert (await server.client.get("/whoami", headers=bearer(token))).json()["data"] == "Mira"
    answer = await server.client.patch("/api/v1/auth/me", headers=bearer(token), json={"name": " Mira Quay "})
    assert answer.json()["data"]["name"] == "Mira Quay"
    assert (await server.client.get("/whoami", headers=bearer(token))).json()["data"] == "Mira Quay"


async def test_without_credentials_one_is_nobody_where_that_is_enough(server: Server) -> None:
    assert (await server.client.get("/whoami")).json()["data"] == "nobody"
    answer = await server.client.get("/api/v1/auth/me")
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x.y.z", "Basic bWlyYTpwYXNz", "", "Bearer " + jwt.encode({}, "k" * 32, "HS256")],
)
async def test_wrong_credentials_are_never_taken_for_none(server: Server, header: str) -> None:
    answer = await server.client.get("/whoami", headers={"Authorization": header})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


async def test_the_documentation_can_authorize(server: Server) -> None:
    document = (await server.client.get("/openapi.json")).json()
    flow = document["components"]["securitySchemes"]["Session"]["flows"]["password"]
    assert flow["tokenUrl"] == "api/v1/auth/token"
    assert document["paths"]["/api/v1/auth/me"]["get"]["security"] == [{"Session": []}]
    assert "401" in document["paths"]["/api/v1/auth/me"]["get"]["responses"]


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("token", b"\xff\xfe=\xff&username=\xff&password=\xed\xa0\x80", "application/x-www-form-urlencoded"),
        ("token", b"username=%ff%00&password=x", "application/x-www-form-urlencoded"),
        ("token", b"username=" + b"%ed%a0%80" * 3 + b"&password=%ed%a0%80", "application/x-www-form-urlencoded"),
        ("token", b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        ("token", b"nothing", "multipart/form-data"),
        ("token", b"&" * 5_000, "application/x-www-form-urlencoded"),
        ("token", b"{}", "application/json"),
        ("refresh", b"[]", "application/json"),
        ("refresh", b'{"refresh_token": "\\ud83d"}', "application/json"),
        ("refresh", b'{"refresh_token": "\xed\xa0\x80"}', "application/json"),
        ("refresh", '{"refresh_token": "\u00e9\U0001f98a"}'.encode(), "application/json"),
        ("register", b"\x00", "text/plain"),
        ("register", b'{"email": 1e999, "name": {}, "password": []}', "application/json"),
    ],
)
async def test_no_body_makes_the_server_fail(server: Server, path: str, content: bytes, kind: str) -> None:
    answer = await server.client.post(f"/api/v1/auth/{path}", content=content, headers={"Content-Type": kind})
    assert 400 <= answer.status_code < 500
    assert answer.json()["errors"]
