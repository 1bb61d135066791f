"""Every route says who may call it, what it says is what happens, and nothing is served that does not say."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from reality_engine.accounts.access import (
    KNOWN,
    PERSON,
    PUBLIC,
    WORLD,
    UndeclaredAccessError,
    declared,
    holders_of,
)
from reality_engine.accounts.dependencies import accounts_of
from reality_engine.accounts.rights import Right, Rights
from reality_engine.actions.performing import performing_in
from reality_engine.app.api import _declared, document
from reality_engine.kernel.principal import ANONYMOUS, Principal, PrincipalKind
from reality_engine.reads.dependencies import looking_at
from reality_engine.web.errors import install
from reality_engine.web.who import WHO

MIRA = Principal(PrincipalKind.PERSON, "mira")
ROOT = Principal(PrincipalKind.PERSON, "root", admin=True)
BOT = Principal(PrincipalKind.BOT, "ada")
# No such principal is ever made; if one were, it would have no rights for that.
ROOT_BOT = Principal(PrincipalKind.BOT, "ada", admin=True)


class Known:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.who = ANONYMOUS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, WHO: self.who}, receive, send)


class Accounts:
    rights = Rights(frozenset({Right.UPLOAD_PACKS}))


def app() -> Known:
    made = FastAPI()
    install(made)
    made.dependency_overrides[accounts_of] = Accounts
    for path, access in {
        "/public": PUBLIC, "/known": KNOWN, "/person": PERSON, "/upload": holders_of(Right.UPLOAD_PACKS),
        "/audit": holders_of(Right.READ_AUDIT),
    }.items():  # fmt: skip

        @made.get(path, dependencies=[access])
        async def nothing() -> None: ...

    return Known(made)


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        (ANONYMOUS, [200, 401, 401, 401, 401]),
        (BOT, [200, 200, 403, 403, 403]),
        (ROOT_BOT, [200, 200, 403, 403, 403]),
        (MIRA, [200, 200, 200, 200, 403]),
        (ROOT, [200, 200, 200, 200, 200]),
    ],
)
async def test_what_is_declared_is_enforced(who: Principal, statuses: list[int]) -> None:
    served = app()
    served.who = who
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(served), base_url="http://server") as client:
        paths = ("/public", "/known", "/person", "/upload", "/audit")
        assert [(await client.get(path)).status_code for path in paths] == statuses


@pytest.mark.parametrize(
    ("path", "router_access", "own", "word"),
    [
        ("/x", [], [], None),
        ("/x", [], [PUBLIC], "public"),
        ("/x", [KNOWN], [], "known"),
        ("/x", [KNOWN], [holders_of(Right.UPLOAD_PACKS)], "right:packs.upload"),
        ("/x", [KNOWN], [PUBLIC], None),
        ("/x", [PUBLIC], [PERSON], None),
        ("/x", [], [WORLD], None),
        ("/{world}", [], [WORLD], "world"),
        ("/{world}", [], [PUBLIC], None),
    ],
)
def test_a_route_that_says_nothing_or_contradicts_itself_is_not_served(
    path: str, router_access: list[Any], own: list[Any], word: str | None
) -> None:
    router, whole = APIRouter(dependencies=router_access), APIRouter()

    @router.get(path, dependencies=own)
    async def nothing() -> None: ...

    whole.include_router(router, prefix="/api")
    if word is None:
        with pytest.raises(UndeclaredAccessError, match="GET /api/"):
            declared(whole.routes)
    else:
        assert declared(whole.routes)["GET", f"/api{path}"].word == word


def test_the_document_tells_the_access_of_every_operation() -> None:
    paths = document()["paths"]
    assert isinstance(paths, dict)
    words = {word["x-access"] for operations in paths.values() for word in operations.values()}
    assert words >= {"public", "known", "person", "world", "right:worlds.create", "right:users.manage"}


# These ask who sees what further in.
ASK_LATER = {"upgrade_world", "perform_batch"}


def test_what_is_for_the_world_to_decide_goes_by_its_scope() -> None:
    for context in iter_route_contexts(_declared()):
        if "{world}" in str(context.path_format) and context.name not in ASK_LATER:
            assert {looking_at, performing_in} & set(_calls(context.dependant)), context.path_format


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)
