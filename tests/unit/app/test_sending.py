from collections.abc import Iterable
from typing import Any

import httpx2
import pytest

from reality_engine.app.cli.sending import Sender
from reality_engine.kernel.errors import UnauthenticatedError

DONE: dict[str, Any] = {"status": 200, "outcome": "accepted", "errors": []}
LATER = httpx2.Response(429, json={"errors": [{"code": "too_many_requests"}]}, headers={"Retry-After": "7"})
IN = httpx2.Response(200, json={"access_token": "t"})


def sender(answers: Iterable[httpx2.Response], paused: list[float]) -> Sender:
    """Somebody to whom a server answers one thing after the other."""
    left = iter(answers)

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: next(left)), base_url="http://test")
    return Sender(client, "w", "mira@example.org", "pw", pause)


def all_done(count: int) -> httpx2.Response:
    return httpx2.Response(200, json={"data": [DONE] * count})


async def test_what_comes_too_often_is_sent_again_after_as_long_as_is_said() -> None:
    paused: list[float] = []
    assert await sender([IN, LATER, all_done(2)], paused).send([{}, {}]) == [DONE] * 2
    assert paused == [7.0]


async def test_being_put_off_at_the_log_in_is_no_refusal() -> None:
    paused: list[float] = []
    assert await sender([LATER, IN, all_done(1)], paused).send([{}]) == [DONE]
    assert paused == [7.0]


async def test_a_password_that_is_not_taken_is_told() -> None:
    with pytest.raises(UnauthenticatedError):
        await sender([httpx2.Response(400, json={})], []).send([{}])
