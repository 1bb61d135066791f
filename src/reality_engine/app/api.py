"""The HTTP API as one application: middlewares, routers, documentation; what a route does is its feature's matter."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from reality_engine.accounts import access, link_pages
from reality_engine.accounts import invite_routes as server_invites
from reality_engine.accounts import joining_routes as joining
from reality_engine.accounts import password_routes as passwords
from reality_engine.accounts import routes as accounts
from reality_engine.accounts.access import PUBLIC, Access
from reality_engine.accounts.authentication import Authentication
from reality_engine.actions import routes as actions
from reality_engine.actions.thin import ThinActing
from reality_engine.admin import routes as admin
from reality_engine.app import health, links
from reality_engine.app.access_log import AccessLines, AccessLog, JsonLines, ReadableLines
from reality_engine.app.api_pages import install_pages
from reality_engine.app.beats import beats
from reality_engine.app.bootstrap import Services, archive_bytes, bootstrap
from reality_engine.app.guards import inner_guards, outer_guards
from reality_engine.app.settings import Settings
from reality_engine.app.version import VERSION
from reality_engine.archives import routes as archives
from reality_engine.bots import routes as bots
from reality_engine.erasure import routes as erasure
from reality_engine.history import routes as history
from reality_engine.identities import clerk_routes as clerk
from reality_engine.identities import oidc_routes as oidc
from reality_engine.identities import page_routes as oidc_pages
from reality_engine.identities import routes as identities
from reality_engine.invites import page_routes as invite_pages
from reality_engine.invites import routes as invites
from reality_engine.kernel.clock import Clock, SystemClock
from reality_engine.library import routes as library
from reality_engine.members import routes as members
from reality_engine.openid import client_routes as openid_clients
from reality_engine.openid import discovery, userinfo
from reality_engine.openid import log_out_routes as openid_log_out
from reality_engine.openid import login_routes as openid_login
from reality_engine.openid import page_routes as openid_pages
from reality_engine.openid import routes as openid
from reality_engine.reads import routes as reads
from reality_engine.reads.heads import heads_of
from reality_engine.reads.kept import KeptPages
from reality_engine.reads.thin import ThinReading
from reality_engine.signing import routes as signing
from reality_engine.upgrading import routes as upgrading
from reality_engine.web import page_assets
from reality_engine.web.errors import install
from reality_engine.web.limits import BodyBounds
from reality_engine.web.responses import STANDARD
from reality_engine.web.stack import middlewares
from reality_engine.web.strict_query import no_unknown_query
from reality_engine.web.thin import ThinRoute
from reality_engine.worlds import routes as worlds

API: Final = "/api/v1"
ROUTERS: Final = (
    accounts.router,
    bots.router,
    openid.router,
    openid_clients.router,
    joining.router,
    passwords.router,
    server_invites.router,
    identities.router,
    oidc.router,
    oidc_pages.router,
    clerk.router,
    erasure.router,
    library.router,
    worlds.router,
    archives.router,
    upgrading.router,
    members.router,
    invites.router,
    admin.router,
    reads.router,
    history.router,
    actions.router,
)
# Where standards and other applications look for them, or people with a browser.
OPENID_ROUTERS: Final = (
    discovery.router,
    userinfo.router,
    openid_login.router,
    openid_pages.router,
    openid_log_out.router,
    link_pages.router,
)
_DESCRIPTION: Final = """\
Shared worlds, in which many people and bots act on the same things, under rules, and each may see only part of it.

Every answer is `{"data": …, "meta": {…}, "errors": [{"code", "message", "field", "hint"}]}`; codes are stable. To try
things here: `POST /api/v1/auth/register`, then *Authorize* with the e-mail address as username.
"""
_TAGS: Final = [
    {"name": "auth", "description": "Accounts, log-in and sessions"},
    {"name": "identities", "description": "Logging in at identity providers, and whose account is whose"},
    {"name": "bots", "description": "Bots: principals that are no people, and the keys they come with"},
    {"name": "admin", "description": "What administrators of this server alone may do"},
    {"name": "erasure", "description": "Erasing people, and what is said of them"},
    {"name": "packs", "description": "Versions of packs: what a world contains and how it behaves"},
    {"name": "worlds", "description": "Worlds: one log, one state, one pack version"},
    {"name": "members", "description": "Who belongs to a world, and as what"},
    {"name": "invites", "description": "Inviting people to a world by a link"},
    {"name": "actions", "description": "Acting in a world: the only way to change it"},
    {"name": "entities", "description": "The things in a world, as far as you may see them"},
    {
        "name": "history",
        "description": "What became of things: their history, who gave a field its value, what differs",
    },
    {"name": "feed", "description": "What happened in a world, as far as you may see it"},
    {"name": "health", "description": "Whether the server lives and can serve"},
]


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """Return the application with its services, ready to serve; nothing connects before the first request."""
    services = bootstrap(settings, clock)
    app = make_app(settings, services.clock, services)
    app.state.context = services.context
    app.state.signing = services.signing
    app.state.accounts = services.accounts
    app.state.bots = services.bots
    app.state.grants = services.grants
    app.state.factors = services.factors
    app.state.endings = services.endings
    app.state.library = services.library
    app.state.packs = services.packs
    app.state.actions = services.actions
    app.state.reading = services.reading
    app.state.erasures = services.erasures
    app.state.invites = services.invites
    app.state.forget_user = services.erasures.forget
    app.state.archives = services.archives
    app.state.pages = services.pages
    app.state.mail = services.mail
    app.state.relay = services.relay
    app.state.openid = services.openid
    app.state.identities = services.identities
    app.state.end_account = services.erasures.end
    return app


def make_app(settings: Settings, clock: Clock, services: Services | None = None) -> FastAPI:
    """Return the application; without services it can show its documentation, and serve nothing."""
    lines = _lines(settings, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            async with beats(services):
                yield
            if services is not None:
                await services.close()
        finally:
            lines.flush()

    app = _Api(
        title="Reality Engine",
        version=VERSION,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        middleware=middlewares(
            clock,
            _bounds(settings),
            *_outer(settings, lines),
            inner=[Middleware(Authentication), *inner_guards(settings, None if services is None else services.counts)],
            thin=_thin(settings, services),
        ),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # No exporter comes along, and to look for one at each request takes as long as to read its body.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url="/openapi.json" if settings.shows_docs else None,
    )
    install(app)
    if settings.shows_docs:
        install_pages(app)
    _accesses()  # deny by default: nothing is served that does not say to whom
    app.router.routes += _declared()
    return app


class _Api(FastAPI):
    """An application whose document says who may call what, and what an answer leads to."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        document = super().openapi()
        access.tell(document, _accesses())
        links.tell(document)
        return document


@cache
def _accesses() -> dict[tuple[str, str], Access]:
    """Return who may call which route; raises UndeclaredAccessError where one does not say."""
    return access.declared(_declared())


@cache
def _declared() -> list[BaseRoute]:
    """Return the routes, which no setting changes: to work out what each takes and gives costs a tenth of a second."""
    declared = APIRouter(
        responses=STANDARD,
        dependencies=[Depends(no_unknown_query)],
        # Clients are generated with these names, so a function of a route is renamed with care.
        generate_unique_id_function=lambda route: route.name,
    )
    declared.include_router(health.router, dependencies=[PUBLIC])
    declared.include_router(page_assets.router, dependencies=[PUBLIC])
    declared.include_router(signing.router, dependencies=[PUBLIC])
    declared.include_router(invite_pages.router, dependencies=[PUBLIC])
    for router in OPENID_ROUTERS:
        declared.include_router(router, dependencies=[PUBLIC])
    for router in ROUTERS:
        declared.include_router(router, prefix=API)
    return list(declared.routes)


def document() -> dict[str, object]:
    """Return the OpenAPI document, which depends on no setting."""
    return make_app(Settings(_env_file=None, docs=True), SystemClock()).openapi()


def _thin(settings: Settings, services: Services | None) -> Iterator[ThinRoute]:
    if services is not None:
        yield from ThinActing(services.actions, services.context.cursors).routes()
        heads = heads_of(services.context.units)
        pages = KeptPages(settings.page_cache_mb * 2**20)
        yield from ThinReading(services.context, services.reading, heads, pages).routes()


def _bounds(settings: Settings) -> BodyBounds:
    """Return the bounds of bodies: an archive is read as it comes, and may be larger than what is read before."""
    streamed = {f"{API}{archives.IMPORT_PATH}": archive_bytes(settings)}
    return BodyBounds(size=settings.body_limit, streamed=streamed)


def _lines(settings: Settings, clock: Clock) -> AccessLines:
    return JsonLines(sys.stderr, clock) if settings.logs_json else ReadableLines()


def _outer(settings: Settings, lines: AccessLines) -> list[Middleware]:
    log = [Middleware(AccessLog, lines=lines)] if settings.log_level in ("debug", "info") else []
    return [*log, *outer_guards(settings)]
