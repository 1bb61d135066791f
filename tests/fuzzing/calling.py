"""Carries what Schemathesis makes up to the application in this process, on one loop; not what is made up."""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from starlette.types import ASGIApp
from urllib3 import HTTPHeaderDict, HTTPResponse

from tests.asgi import exchanged

BASE = "http://test"


class _InProcess(HTTPAdapter):
    """Hands a request to the application as a server would."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        super().__init__()
        self._app, self._runner = app, runner

    def send(self, request: requests.PreparedRequest, *_: Any, **_named: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        headers = [(b"host", b"test"), *_pairs(request.headers)]
        got = self._runner.run(exchanged(self._app, str(request.method), address, headers, (raw,)))
        shown = HTTPHeaderDict([(name.decode(), value.decode("latin-1")) for name, value in got.headers])
        raw_answer = HTTPResponse(BytesIO(got.body), shown, got.status, preload_content=False)
        return self.build_response(request, raw_answer)


def session(app: ASGIApp, runner: asyncio.Runner) -> requests.Session:
    """Return what Schemathesis calls through."""
    made = requests.Session()
    made.trust_env = False  # what is set on the machine, such as a proxy, is not asked for at each request
    made.mount(BASE, _InProcess(app, runner))
    return made


def _pairs(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [(_bytes(name).lower(), _bytes(value)) for name, value in headers.items()]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
