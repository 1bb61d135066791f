"""What stands before the routes, as the settings want it: names, headers, origins, rates; not who acts."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from reality_engine.app.settings import Settings
from reality_engine.rates.counts import Counts
from reality_engine.rates.middleware import RateLimits
from reality_engine.rates.rate import rate_of
from reality_engine.rates.rules import RateRules
from reality_engine.reads.view_as import HEADER as VIEW_AS
from reality_engine.web.gate import Doors, Gate
from reality_engine.web.request_ids import HEADER
from reality_engine.web.safe_headers import SafeHeaders

# By method and path; tests hold both to the routes that there are.
_COSTLY: Final = re.compile(
    r"POST /api/v1/packs(/check)?|POST /api/v1/worlds/(import|[^/]+/(fork|upgrade))|GET /api/v1/worlds/[^/]+/export"
)
_SIGN_IN: Final = re.compile(
    r"POST (/api/v1/auth/(register|token|revoke|email(/.*)?|password(/.*)?|factor(/.*)?|identities|oidc/.*)"
    r"|/oauth/.*|/account/.*)"
)
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", VIEW_AS, HEADER)
_READ: Final = (HEADER, "ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy")


def outer_guards(settings: Settings) -> Iterator[Middleware]:
    """Yield what stands outside of all that reads a request, from the outside in."""
    yield Middleware(SafeHeaders, https=settings.reached_by_https)
    if settings.cors_origins:
        # No credentials: tokens travel in a header, never in cookies.
        yield Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_READ,
        )
    yield Middleware(Gate, doors=doors_of(settings))


def inner_guards(settings: Settings, counts: Counts | None) -> Iterator[Middleware]:
    """Yield what stands where it is known who acts, and before a body is read."""
    if settings.rate_limits and counts is not None:
        yield Middleware(RateLimits, counts=counts, rules=rate_rules(settings))


def doors_of(settings: Settings) -> Doors:
    """Return by which names the server is asked, and whether by https alone."""
    hosts = settings.allowed_hosts
    if not hosts and settings.production:
        hosts = (urlsplit(settings.public_address).hostname or "",)
    https_only = settings.production if settings.https_only is None else settings.https_only
    https = settings.public_address if https_only and settings.reached_by_https else ""
    return Doors(() if "*" in hosts else hosts, https)


def rate_rules(settings: Settings) -> RateRules:
    """Return the rates."""
    return RateRules(
        anonymous=rate_of("anonymous", settings.rate_anonymous),
        reads=rate_of("reads", settings.rate_reads),
        writes=rate_of("writes", settings.rate_writes),
        costly=rate_of("costly", settings.rate_costly),
        sign_in=rate_of("sign-in", settings.rate_sign_in),
        costly_paths=_COSTLY,
        sign_in_paths=_SIGN_IN,
    )
