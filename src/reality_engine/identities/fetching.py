"""Asks identity providers over HTTP, within bounds of time and size; not what their answers mean."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import httpx2

from reality_engine.identities.errors import IssuerUnavailableError
from reality_engine.kernel.json import decode

SECONDS: Final = 3.0
MAX_BYTES: Final = 262_144
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a small answer must not become a large one here
    "User-Agent": "reality-engine",
}


class Fetching:
    """One client for all providers, made at its first use; call it outside of any transaction."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Let nobody wait longer than this for one answer."""
        self._seconds = seconds
        self._making = asyncio.Lock()
        self._client: httpx2.AsyncClient | None = None

    async def get(self, url: str) -> dict[str, Any]:
        """Return the JSON object at an address; raises IssuerUnavailableError."""
        status, found = await self._asked("GET", url)
        if status != httpx2.codes.OK:
            raise IssuerUnavailableError(f"the identity provider answered with status {status}")
        return found

    async def post(
        self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        """Send a form, and return the status and the JSON object; raises IssuerUnavailableError."""
        return await self._asked("POST", url, data=dict(form), auth=basic)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _asked(self, method: str, url: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        client = await self._made()
        try:
            # The client's own bounds are for each step: an answer that trickles in would keep within them for ever.
            async with asyncio.timeout(self._seconds):
                async with client.stream(method, url, **sent) as answer:
                    return answer.status_code, _object(await _read(answer))
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, TypeError, ValueError) as error:
            raise IssuerUnavailableError("the identity provider does not answer as it should") from error

    async def _made(self) -> httpx2.AsyncClient:
        async with self._making:
            if self._client is None:
                # Reading all certificates takes long enough to be in everybody's way.
                trusted = await asyncio.to_thread(_certificates)
                self._client = httpx2.AsyncClient(
                    verify=trusted, headers=_HEADERS, timeout=self._seconds, follow_redirects=False
                )
            return self._client


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


async def _read(answer: httpx2.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.aiter_raw():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise ValueError("the answer is too large")
    return b"".join(chunks)


def _object(body: bytes) -> dict[str, Any]:
    found = decode(body)
    if not isinstance(found, dict):
        raise TypeError("the answer is not an object")
    return found
