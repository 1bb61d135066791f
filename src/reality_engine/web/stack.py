"""The middlewares that every app of ours has, in their order; not those that depend on settings, such as CORS."""

from collections.abc import Iterable

from starlette.middleware import Middleware

from reality_engine.kernel.clock import Clock
from reality_engine.web.failures import UnforeseenErrors
from reality_engine.web.limits import BodyBounds, BodyLimits
from reality_engine.web.request_ids import RequestIds
from reality_engine.web.thin import ThinRoute, ThinRoutes


def middlewares(
    clock: Clock,
    bounds: BodyBounds,
    *outer: Middleware,
    inner: Iterable[Middleware] = (),
    thin: Iterable[ThinRoute] = (),
) -> list[Middleware]:
    """Return them from the outside in; `outer`, such as CORS, see the errors too and have the request's id.

    `inner` come before the body is read.
    """
    return [
        Middleware(RequestIds, clock=clock),
        *outer,
        Middleware(UnforeseenErrors),
        *inner,
        Middleware(BodyLimits, bounds=bounds),
        Middleware(ThinRoutes, routes=tuple(thin)),
    ]
