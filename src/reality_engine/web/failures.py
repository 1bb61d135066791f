"""Answers what nobody foresaw with a plain 500 and logs it; not the errors that a caller may be told about."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reality_engine.web.envelope import ErrorItem
from reality_engine.web.errors import answer
from reality_engine.web.request_ids import request_id

logger = logging.getLogger(__name__)


class UnforeseenErrors:
    """Pure ASGI, inside the middlewares that set headers, so that a 500 has its CORS headers and its id too."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer where that fails before an answer was begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            logger.exception("unforeseen error in %s %s", scope["method"], scope["path"])
            if begun:
                raise  # The server must cut the connection: half an answer must not look like a whole one.
            await answer(500, [internal_error()])(scope, receive, send)


def internal_error() -> ErrorItem:
    """Return what is told of a mistake of the server."""
    # Neither the text of the exception nor where it came from: both may hold what the caller must not see.
    hint = f"tell the server's administrator the request's id: {request_id()}"
    return ErrorItem(code="internal", message="the server made a mistake; it is logged", hint=hint)
