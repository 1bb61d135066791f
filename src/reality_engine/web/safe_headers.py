"""What every answer tells browsers, so that they make nothing of it but what it is; pages say more for themselves."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# An answer is data: whoever makes a browser show one gets no script, no frame and no picture of it.
CONTENT_POLICY: Final = b"content-security-policy"
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (CONTENT_POLICY, b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
# Two years, as lists of such sites that browsers bring along ask for.
_STRICT: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SafeHeaders:
    """Pure ASGI: adds what an answer does not say itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap the app; where the server is reached by https, browsers are told to come by nothing else."""
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Told over plain HTTP it counts for nothing, says RFC 6797.
        ours = (*_ALWAYS, _STRICT) if self._https and scope["scheme"] == "https" else _ALWAYS

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                said = {name for name, _ in headers}
                message["headers"] = [*headers, *(one for one in ours if one[0] not in said)]
            await send(message)

        await self._app(scope, receive, guarded)
