"""Refuses requests that come too often, and tells of all how many are left; not which rates there are."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reality_engine.kernel.errors import TooManyRequestsError
from reality_engine.rates.counts import Counted, Counts
from reality_engine.rates.rate import Rate
from reality_engine.rates.rules import RateRules
from reality_engine.web.errors import answer_to


class RateLimits:
    """Pure ASGI, where it is known who acts and before a body is read.

    Answers carry `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers-10 has them.
    """

    def __init__(self, app: ASGIApp, counts: Counts, rules: RateRules) -> None:
        """Wrap the app."""
        self._app = app
        self._counts = counts
        self._rules = rules
        self._policies = {rate.name: (b"ratelimit-policy", rate.policy) for rate in rules.rates}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, then pass on or refuse."""
        if scope["type"] != "http" or scope["path"] in self._rules.free:
            await self._app(scope, receive, send)
            return
        rate, key = self._rules.of(scope)
        found = self._counts.take(rate, key)
        told = [self._policies[rate.name], (b"ratelimit", _told(rate, found))]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        if found.wait:
            message = f"more than {rate.quota} requests of this kind came in {rate.seconds} seconds"
            error = TooManyRequestsError(message, hint="wait as `Retry-After` says", retry_after=found.wait)
            await answer_to(error)(scope, receive, telling)
        else:
            await self._app(scope, receive, telling)


def _told(rate: Rate, found: Counted) -> bytes:
    return b'"%s";r=%d;t=%d' % (rate.name.encode(), found.remaining, found.wait or found.ends_in)
