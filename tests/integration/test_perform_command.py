"""`reality perform`: acts as lines say, tells every line that it could not, and does nothing twice."""

import io
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reality_engine.app.cli.commands import run_command
from reality_engine.app.cli.lines import batches, read_lines
from reality_engine.app.cli.perform import Tally, act_out
from reality_engine.app.cli.sending import Sender
from reality_engine.kernel.errors import UnauthenticatedError, UnavailableError
from tests.playing import Playing
from tests.serving import PASSWORD

NOTE = {"action": "annotate", "input": {"about": 1}}


def source(*lines: Any) -> io.BytesIO:
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return io.BytesIO("\n".join(text).encode())


async def at_once(_seconds: float) -> None:
    """Wait no longer than that."""


def sender(table: Playing, password: str = PASSWORD, client: httpx2.AsyncClient | None = None) -> Sender:
    return Sender(client or table.server.client, table.world, "gia@example.org", password, at_once)


async def acted(table: Playing, *lines: Any, run: str = "one", stop: bool = False) -> Tally:
    return await act_out(sender(table), read_lines(source(*lines), run), stop=stop)


async def test_lines_are_done_once_whatever_else_is_wrong(table: Playing, capsys: pytest.CaptureFixture[str]) -> None:
    clock = await table.id_of("clock", "The docks close")
    tick = {"action": "tick_clock", "target": clock}
    lines = [
        tick, "", "{", {"action": "tick_clock", "input": 3}, {**tick, "input": {"ticks": 9}}, "[]",
        {**tick, "key": "mine"}, {**tick, "key": "mine"}, tick,
    ]  # fmt: skip
    first = await acted(table, *lines)
    told = capsys.readouterr().err
    assert (first.accepted, first.repeated, first.refused, first.last) == (4, 1, 4, 9)
    for place in ("line 3: not JSON", "line 4: input: ", "line 5: input.ticks: ", "line 6: "):
        assert place in told
    again = await acted(table, *lines)
    assert (again.accepted, again.repeated) == (4, 4)
    assert (await table.all("Gia", "clock"))["The docks close"]["fields"]["ticks"] == 5
    assert (await acted(table, tick, run="two")).repeated == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_it_stops_at_the_first_where_that_is_asked_for(table: Playing) -> None:
    tally = await acted(table, NOTE, {"action": "nothing"}, NOTE, stop=True)
    assert (tally.accepted, tally.refused, tally.last) == (1, 1, 2)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_gets_no_answer_is_asked_again_and_done_once(table: Playing) -> None:
    inner = httpx2.ASGITransport(table.server.app)
    lost: list[httpx2.Request] = []

    class Flaky(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = await inner.handle_async_request(request)
            if request.url.path.endswith("/batch") and len(lost) < 2:
                lost.append(request)
                raise httpx2.ReadError("the line was cut", request=request)
            return answer

    async with httpx2.AsyncClient(transport=Flaky(), base_url="http://test") as client:
        tally = await act_out(sender(table, client=client), read_lines(source(*[NOTE] * 5), "cut"))
    assert (tally.accepted, tally.repeated, len(lost)) == (5, 5, 2)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_it_gives_up_in_the_end_and_says_how_far_it_came(table: Playing) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503, json={"errors": []}, headers={"Retry-After": "1"}, request=request)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://test") as client:
        with pytest.raises(UnavailableError) as raised:
            await act_out(sender(table, client=client), read_lines(source(NOTE), "busy"))
    assert raised.value.hint == "0 done, 0 refused, up to line 0; the same command goes on from there"
    with pytest.raises(UnauthenticatedError):
        await act_out(sender(table, "wrong"), read_lines(source(NOTE), "who"))


def test_batches_are_neither_too_many_nor_too_long() -> None:
    short = list(read_lines(source(*[NOTE] * 2_500), "run"))
    assert [len(batch) for batch in batches(short)] == [1000, 1000, 500]
    long = list(read_lines(source(*[{"action": "annotate", "input": {"about": "x" * 200_000}}] * 5), "run"))
    assert [len(batch) for batch in batches(long)] == [2, 2, 1]
    keys = [line.wish["key"] for line in short if line.wish]
    assert len(set(keys)) == len(keys)


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "password").write_text("secret\n")
    world = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
    for arguments, told in (
        ((world, "none.ndjson"), "cannot read none.ndjson"),
        (("x", "password"), "'x' is not the id of a world"),
        ((world, "password", "--run", "a b"), "'a b' cannot be the name of a run"),
    ):
        with pytest.raises(SystemExit) as ended:
            run_command(["perform", *arguments, "--email", "a@b.example", "--password-file", "password"])
        assert (ended.value.code, told in capsys.readouterr().err) == (1, True)
