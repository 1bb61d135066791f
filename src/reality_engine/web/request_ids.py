"""Gives every request an id, for its log lines and its answer; not tracing."""

import re
from functools import partial
from typing import Final

from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from starlette.middleware import Middleware

from reality_engine.kernel.clock import Clock
from reality_engine.kernel.ids import fresh_id

HEADER: Final = "X-Request-ID"
# What may stand in a log line and a header as it is; another id that a client sends is replaced.
_SAFE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str | None:
    """Return the id of the request that is being answered."""
    return correlation_id.get()


def request_ids(clock: Clock) -> Middleware:
    """Make the middleware that takes the client's id where it is safe, or a fresh one, and answers with it."""
    return Middleware(
        CorrelationIdMiddleware,
        header_name=HEADER,
        generator=partial(_generate, clock),
        validator=_is_safe,
    )


def _generate(clock: Clock) -> str:
    return fresh_id(clock.now())


def _is_safe(text: str) -> bool:
    return _SAFE.fullmatch(text) is not None
