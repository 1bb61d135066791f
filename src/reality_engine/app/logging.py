"""How log lines look: readable for people, JSON for machines, each with its request's id; not what is logged."""

import logging
import re
import sys
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from reality_engine.app.settings import Settings
from reality_engine.web.request_ids import request_id

_SECRET: Final = re.compile(r"password|secret|token|authorization|cookie|api_?key|database_url", re.IGNORECASE)
HIDDEN: Final = "[hidden]"
# They say at INFO what only their authors want to know.
_QUIET: Final = ("aiosqlite", "alembic", "asyncio", "sqlalchemy", "httpx2", "uvicorn", "uvicorn.error")


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Have every logger, structlog's and the standard library's, write lines of one form (to stderr)."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        # What is below the level costs nothing: it is left out before any of the above.
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_ending(settings, stream)],
        )
    )
    _install(handler, settings)


def add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Name the request that is being answered, if one is."""
    identity = request_id()
    return {**event, "request_id": identity} if identity is not None else event


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put a word in place of values whose names say that they are secrets."""
    return {name: HIDDEN if _SECRET.search(name) else value for name, value in event.items()}


def _ending(settings: Settings, stream: TextIO) -> list[Processor]:
    if settings.logs_json:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # The default would print local variables, passwords among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]


def _install(handler: logging.Handler, settings: Settings) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
