"""Sends actions to a server in batches, until each has its answer; not where they come from, or who is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx2

from reality_engine.kernel.errors import UnauthenticatedError, UnavailableError

ATTEMPTS: Final = 10
_API: Final = "/api/v1"
_LONGEST_WAIT: Final = 30.0
_TROUBLE: Final = HTTPStatus.INTERNAL_SERVER_ERROR

Result = dict[str, Any]


@dataclass
class Sender:
    """Somebody's requests to act in one world. Tokens do not last as long as what is sent: one more is got then."""

    client: httpx2.AsyncClient
    world: str
    email: str
    password: str
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _headers: dict[str, str] = field(default_factory=dict)
    _put_off: httpx2.Response | None = None

    async def send(self, wishes: Sequence[dict[str, Any]]) -> list[Result]:
        """Return what came of each wish, all of which have keys, so that asking again does nothing again.

        Raises UnavailableError where the server cannot be reached or keeps failing, and UnauthenticatedError.
        """
        results: list[Result] = [{} for _ in wishes]
        left = list(range(len(wishes)))
        for attempt in range(ATTEMPTS):
            answer = await self._asked([wishes[index] for index in left])
            if answer is not None and not _later(answer.status_code):
                for index, result in zip(left, _results(answer, len(left)), strict=True):
                    results[index] = result
                left = [index for index in left if _later(results[index]["status"])]
            if not left:
                return results
            await self.pause(_wait(answer, attempt))
        raise UnavailableError("the server does not answer, or keeps failing")

    async def _asked(self, wishes: list[dict[str, Any]]) -> httpx2.Response | None:
        try:
            if not self._headers and not await self._log_in():
                return self._put_off
            answer = await self._post(wishes)
            if answer.status_code != HTTPStatus.UNAUTHORIZED:
                return answer
            return await self._post(wishes) if await self._log_in() else self._put_off
        except httpx2.TransportError:
            return None

    async def _post(self, wishes: list[dict[str, Any]]) -> httpx2.Response:
        path = f"{_API}/worlds/{self.world}/actions/batch"
        return await self.client.post(path, json={"actions": wishes}, headers=self._headers)

    async def _log_in(self) -> bool:
        """Say whether it went well; what puts it off is kept."""
        answer = await self.client.post(
            f"{_API}/auth/token", data={"username": self.email, "password": self.password}
        )  # fmt: skip
        if answer.status_code == HTTPStatus.OK:
            self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            return True
        if not _later(answer.status_code):
            raise UnauthenticatedError("the server does not take this address and password")
        self._put_off = answer
        return False


def _later(status: int) -> bool:
    """Say whether the same may go well later."""
    return status >= _TROUBLE or status == HTTPStatus.TOO_MANY_REQUESTS


def _results(answer: httpx2.Response, size: int) -> list[Result]:
    """Return a result for each; where the whole is refused, as too large is, that is what each came to."""
    body = answer.json()
    if answer.status_code == HTTPStatus.OK:
        found: list[Result] = body["data"]
        return found
    return [{"status": answer.status_code, "outcome": "refused", "errors": body["errors"]}] * size


def _wait(answer: httpx2.Response | None, attempt: int) -> float:
    told = None if answer is None else answer.headers.get("Retry-After")
    return float(told) if told is not None and told.isdigit() else min(0.5 * 2**attempt, _LONGEST_WAIT)
