import asyncio
import io
import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from reality_engine.app.access_log import MAX_HELD, MAX_WRITTEN, WAIT_SECONDS, JsonLines
from reality_engine.app.api import make_app
from reality_engine.app.logging import configure_logging
from reality_engine.kernel.clock import FixedClock
from tests.serving import NOON, settings_for


def entries(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def app_with(**chosen: Any) -> FastAPI:
    settings = settings_for("sqlite:///nothing.db", **chosen)
    configure_logging(settings)
    return make_app(settings, FixedClock(NOON))


async def ask(app: FastAPI, path: str) -> None:
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client,
    ):
        await client.get(path, headers={"X-Request-ID": "r-1"})


@pytest.mark.parametrize("form", ["json", "readable"])
async def test_each_request_has_a_line_by_the_time_the_server_has_stopped(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await ask(app_with(log_format=form), "/livez?password=hunter2")
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert all(part in said for part in ("/livez", "GET", "422", "r-1"))
    assert "hunter2" not in said


async def test_a_json_line_has_the_fields_of_the_loggers_own(capsys: pytest.CaptureFixture[str]) -> None:
    await ask(app_with(log_format="json"), '/a"b%0Ac')
    (line,) = entries(capsys.readouterr().err)
    assert line.pop("ms") >= 0
    assert line == {
        "method": "GET", "path": '/a"b\nc', "status": 404, "event": "request", "level": "info",
        "logger": "reality_engine.access", "timestamp": "2026-05-01T12:00:00.000000Z", "request_id": "r-1",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["json", "readable"])
async def test_above_the_level_of_requests_there_are_no_lines(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    await ask(app_with(log_format=form, log_level="warning"), "/livez")
    assert capsys.readouterr().err == ""


async def test_lines_are_held_for_a_moment_and_written_together() -> None:
    stream = io.StringIO()
    lines = JsonLines(stream, FixedClock(NOON))
    for path in ("/a", "/b"):
        lines.add("GET", path, 200, 1.0)
    assert stream.getvalue() == ""
    await asyncio.sleep(WAIT_SECONDS * 2)
    assert [one["path"] for one in entries(stream.getvalue())] == ["/a", "/b"]


async def test_so_many_are_held_and_no_more() -> None:
    stream = io.StringIO()
    lines = JsonLines(stream, FixedClock(NOON))
    for _ in range(MAX_HELD + 1):
        lines.add("GET", "/", 200, 1.0)
    assert len(entries(stream.getvalue())) == MAX_HELD
    lines.flush()
    assert len(entries(stream.getvalue())) == MAX_HELD + 1


class Writes(io.StringIO):
    """Notes how much is written at once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.sizes: list[int] = []

    def write(self, text: str) -> int:
        """Write and note."""
        self.sizes.append(len(text))
        return super().write(text)


async def test_what_is_written_at_once_is_whole_lines_that_a_pipe_keeps_together() -> None:
    stream = Writes()
    lines = JsonLines(stream, FixedClock(NOON))
    paths = [f"/{'x' * (number * 37 % 900)}" for number in range(100)]
    for path in [*paths, "/" + "y" * 9_000, "/z"]:
        lines.add("GET", path, 200, 1.0)
    lines.flush()
    assert [one["path"] for one in entries(stream.getvalue())] == [*paths, "/" + "y" * 9_000, "/z"]
    assert [size for size in stream.sizes if size > MAX_WRITTEN] == [max(stream.sizes)]
    assert len(stream.sizes) < 30


async def test_a_stream_that_cannot_be_written_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    lines = JsonLines(stream, FixedClock(NOON))
    lines.add("GET", "/", 200, 1.0)
    lines.flush()
