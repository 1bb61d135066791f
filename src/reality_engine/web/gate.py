"""Who is let in at all: by which name the server was asked for, and whether nobody could read along; not who acts.

Asked for by another name, the server may stand behind a page that made a browser believe it is a part of it, or a cache
that would store what a stranger put into a link.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reality_engine.kernel.errors import RealityError
from reality_engine.web.errors import answer_to
from reality_engine.web.limits import header

# What watches over a process asks it by its address within, and without TLS.
PROBES: Final = frozenset({"/livez", "/readyz"})
_KEPT: Final = 1_000


class UnknownHostError(RealityError):
    """The server was asked for by a name that is not its own."""

    code = "unknown_host"


class HttpsRequiredError(RealityError):
    """The request came over a connection that others may have read."""

    code = "https_required"


@dataclass(frozen=True, slots=True)
class Doors:
    """The names of the server, any where there are none, and where to go where plain HTTP is turned away.

    A name may begin with `*.`, for all below it. `https` is the address of the server, empty where either will do.
    """

    hosts: tuple[str, ...] = ()
    https: str = ""

    def admits(self, host: str) -> bool:
        """Say whether that is a name of the server, with or without a port."""
        name = _without_port(host.lower())
        return not self.hosts or any(
            name.endswith(known[1:]) if known.startswith("*.") else name == known for known in self.hosts
        )


@dataclass(slots=True)
class _Names:
    """Which values of the header were found good, so that each is looked at once."""

    doors: Doors
    good: set[bytes] = field(default_factory=set)

    def admit(self, sent: bytes) -> bool:
        if sent in self.good:
            return True
        if not self.doors.admits(sent.decode("latin-1")):
            return False
        if len(self.good) < _KEPT:
            self.good.add(sent)
        return True


class Gate:
    """Pure ASGI, outside of all that reads a request."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        """Wrap the app."""
        self._app = app
        self._doors = doors
        self._names = _Names(doors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or turn away."""
        refused = self._refused(scope) if scope["type"] == "http" and scope["path"] not in PROBES else None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await refused(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        hosts = list(_hosts(scope))
        if self._doors.hosts and (len(hosts) != 1 or not self._names.admit(hosts[0])):
            hint = "its names are those of REALITY_ALLOWED_HOSTS"
            return answer_to(UnknownHostError("this server is not known by that name", hint=hint))
        if self._doors.https and scope["scheme"] == "http":
            return _to_https(scope, self._doors.https)
        return None


def _to_https(scope: Scope, address: str) -> Response:
    """Lead a page there. Who calls the API is told: what they sent with the request is known to others already."""
    if scope["method"] in ("GET", "HEAD") and header(scope, b"authorization") is None:
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1")
        return RedirectResponse(f"{address}{path}" + (f"?{query}" if query else ""), status_code=308)
    hint = f"ask {address}; a proxy in front has to say X-Forwarded-Proto, and stand in REALITY_TRUSTED_PROXIES"
    return answer_to(HttpsRequiredError("this server is asked by https alone", hint=hint))


def _hosts(scope: Scope) -> Iterator[bytes]:
    return (value for name, value in scope["headers"] if name == b"host")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
