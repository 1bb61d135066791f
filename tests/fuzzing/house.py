"""The application with its court, and what Schemathesis knows of its OpenAPI document; not what is asked."""

import asyncio
import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import requests
import schemathesis
import structlog
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation, BaseSchema

from reality_engine.app.api import document
from tests.court import Court, assemble
from tests.fuzzing.calling import BASE, session
from tests.serving import serving

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Case: TypeAlias = schemathesis.Case[Operation]

CALLERS = ("anonymous", "player", "moderator", "admin", "manager")
EVERYBODY = (*CALLERS, "bot")


@schemathesis.serializer("application/gzip")
def _packed(_context: object, value: Any) -> bytes:
    """Send what was drawn as an archive, or as no archive at all."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    return raw if len(raw) % 2 else gzip.compress(raw)


@dataclass
class House:
    """One application for many requests, and a loop to answer them on."""

    runner: asyncio.Runner
    court: Court
    schema: BaseSchema
    session: requests.Session

    def operations(self) -> list[Operation]:
        """Return every operation of the document."""
        found = list(self.schema.get_all_operations())
        wrong = [str(one.err()) for one in found if not isinstance(one, Ok)]
        assert not wrong, wrong
        return [one.ok() for one in found if isinstance(one, Ok)]

    def call(self, case: Case, caller: str) -> Response:
        """Send a case as somebody."""
        return case.call(base_url=BASE, session=self.session, headers=dict(self.court.callers[caller]))

    def mend(self) -> None:
        """Put right what requests did to those who send them: a session ended, a world gone."""
        self.runner.run(self.court.mend())


@contextmanager
def opened(url: str) -> Iterator[House]:
    """Serve a database to Schemathesis for as long as the block lasts."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        with asyncio.Runner() as runner:
            context = serving(url, tidy_minutes=0, log_level="error")
            server = runner.run(context.__aenter__())
            try:
                court = runner.run(assemble(server))
                schema = schemathesis.openapi.from_dict(document())
                yield House(runner, court, schema, session(server.app, runner))
            finally:
                runner.run(context.__aexit__(None, None, None))
    finally:
        structlog.reset_defaults()
