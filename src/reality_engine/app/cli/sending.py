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

    async def send(self, wishes: Sequence[dict[str, Any]]) -> list[Result]:
        """Return what came of each wish, all of which have keys, so that asking again does nothing again.

        Raises UnavailableError where the server cannot be reached or keeps failing, and UnauthenticatedError.
        """
        results: list[Result] = [{} for _ in wishes]
        left = list(range(len(wishes)))
        for attempt in range(ATTEMPTS):
            answer = await self._asked([wishes[index] for index in left])
            if answer is not None and answer.status_code < _TROUBLE:
                for index, result in zip(left, _results(answer, len(left)), strict=True):
                    results[index] = result
                left = [index for index in left if results[index]["status"] >= _TROUBLE]
            if not left:
                return results
            await self.pause(_wait(answer, attempt))
        raise UnavailableError("the server does not answer, or keeps failing")

    async def _asked(self, wishes: list[dict[str, Any]]) -> httpx2.Response | None:
        try:
            if not self._headers:
                await self._log_in()
            answer = await self._post(wishes)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                await self._log_in()
                answer = await self._post(wishes)
        except httpx2.TransportError:
            return None
        return answer

    async def _post(self, wishes: list[dict[str, Any]]) -> httpx2.Response:
        path = f"{_API}/worlds/{self.world}/actions/batch"
        return await self.client.post(path, json={"actions": wishes}, headers=self._headers)

    async def _log_in(self) -> None:
        answer = await self.client.post(
            f"{_API}/auth/token", data={"username": self.email, "password": self.password}
        )  # fmt: skip
        if answer.status_code == HTTPStatus.OK:
            self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        elif answer.status_code < _TROUBLE:
            raise UnauthenticatedError("the server does not take this address and password")


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
