"""`reality perform`: acts as lines of JSON say, on a running server; not the batches by which it does."""

import asyncio
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import httpx2
import typer

from reality_engine.actions.batch_schemas import MAX_ACTIONS
from reality_engine.app.cli.lines import Line, batches, read_lines
from reality_engine.app.cli.output import complain, done, note
from reality_engine.app.cli.sending import Result, Sender
from reality_engine.app.cli.world import checked_id
from reality_engine.app.settings import load_settings
from reality_engine.kernel.errors import InvalidError, UnavailableError

_EVERY: Final = 10_000
_SECONDS: Final = 120.0
_MAX_RUN: Final = 100


def perform(
    world: Annotated[str, typer.Argument(help="The world's id.")],
    file: Annotated[str, typer.Argument(help="A file with one action a line, as JSON; - is standard input.")],
    email: Annotated[str, typer.Option(help="The address of the account that acts.")],
    password_file: Annotated[
        Path | None, typer.Option(help="Where the password stands, in the first line; otherwise it is asked for.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The server; otherwise this machine's, by REALITY_PORT.")] = None,
    run: Annotated[
        str | None, typer.Option(help="Names this run, otherwise as the file: under another the same lines act again.")
    ] = None,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop at the first that is refused; one is sent at a time.")
    ] = False,
) -> None:
    """Act as a file says, on a running server: one action a line, as in the body of a batch.

    A line that is refused, or is not an action, is told with its number, and the others happen. Whatever stops it: the
    same command goes on where it was, since every line has a key, by the run, its number and its text if it names none.
    Exit status 1 where any line was refused.

    For example:

    ```console
    reality perform 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 moves.ndjson --email jo@a.example
    generate | reality perform 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 - --email jo@a.example --password-file password.txt
    ```
    """
    address = url or f"http://localhost:{load_settings().port}"
    name = checked_run(Path(file).name if run is None else run)
    password = _first_line(password_file) if password_file else typer.prompt("Password", hide_input=True, err=True)
    with _opened(file) as source:
        tally = asyncio.run(
            _connected(address, checked_id(world), (email, password), read_lines(source, name), stop=stop)
        )
    (complain if tally.refused else done)(str(tally))
    if tally.refused:
        raise typer.Exit(1)


def checked_run(name: str) -> str:
    """Return the name of a run; raises InvalidError where keys cannot be made of it."""
    if not name.isascii() or not name.isprintable() or " " in name or not 0 < len(name) <= _MAX_RUN:
        raise InvalidError(f"'{name}' cannot be the name of a run", hint="--run, letters and digits without spaces")
    return name


@dataclass
class Tally:
    """What came of the lines so far."""

    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    last: int = field(default=0, repr=False)

    def __str__(self) -> str:
        again = f" ({self.repeated} of them before)" if self.repeated else ""
        return f"{self.accepted} done{again}, {self.refused} refused, up to line {self.last}"

    def count(self, line: Line, result: Result) -> None:
        """Take in what came of a line, and tell what is wrong with it."""
        self.last = line.number
        if result.get("outcome") == "accepted":
            self.accepted += 1
            self.repeated += bool(result["repeated"])
        else:
            self.refused += 1
            for error in result["errors"]:
                place = f"{error['field']}: " if error.get("field") else ""
                complain(f"line {line.number}: {place}{error['message']} [{error['code']}]")
        if (self.accepted + self.refused) % _EVERY == 0:
            note(str(self))


async def act_out(sender: Sender, lines: Iterable[Line], *, stop: bool = False) -> Tally:
    """Act as lines say; raises UnavailableError where the server fails, and says how far it came."""
    tally = Tally()
    for batch in batches(lines, 1 if stop else MAX_ACTIONS):
        try:
            await _send(sender, batch, tally)
        except UnavailableError as error:
            raise UnavailableError(error.message, hint=f"{tally}; the same command goes on from there") from error
        if stop and tally.refused:
            break
    return tally


async def _connected(
    address: str, world: str, account: tuple[str, str], lines: Iterable[Line], *, stop: bool
) -> Tally:  # fmt: skip
    async with httpx2.AsyncClient(base_url=address, timeout=_SECONDS) as client:
        return await act_out(Sender(client, world, *account), lines, stop=stop)


async def _send(sender: Sender, batch: list[Line], tally: Tally) -> None:
    wishes = [line.wish for line in batch if line.wish is not None]
    results = iter(await sender.send(wishes) if wishes else [])
    for line in batch:
        mistake = {"errors": [{"code": "invalid", "message": line.mistake}]}
        tally.count(line, mistake if line.wish is None else next(results))


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise InvalidError(f"cannot read {file}: {error.strerror}", field="password-file") from error


def _opened(file: str) -> AbstractContextManager[Iterable[bytes]]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise InvalidError(f"cannot read {file}: {error.strerror}", field="file") from error
