"""Watches every statement that this process sends to PostgreSQL, at asyncpg's protocol; changes none of them."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import asyncpg
from asyncpg.protocol import Protocol

from tests.crash.points import Ending, Moment, Transaction

Sending = Callable[..., Awaitable[Any]]


def watch(ending: Ending) -> None:
    """Watch the three ways by which asyncpg runs statements: as text, prepared, and prepared for many rows."""
    for name in ("query", "bind_execute", "bind_execute_many"):
        setattr(Protocol, name, _watched(getattr(Protocol, name), ending))


def _watched(send: Sending, ending: Ending) -> Sending:
    @wraps(send)
    async def sending(protocol: Any, *given: Any, **named: Any) -> Any:
        asked = next(iter((*given, *named.values())))
        statement = asked if isinstance(asked, str) else asked.query
        transaction = protocol.__dict__.setdefault("watched", Transaction())
        places = transaction.places(statement, alone=not protocol.is_in_transaction())
        if ending.reached(Moment.BEFORE, places):
            _cut(protocol)
        ending.reached(Moment.DURING, places)
        done = await send(protocol, *given, **named)
        if ending.reached(Moment.AFTER, places):
            _cut(protocol)
        return done

    return sending


def _cut(protocol: Any) -> None:
    """Lose the connection, as the driver tells it when the server's end has gone."""
    protocol.abort()
    raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
