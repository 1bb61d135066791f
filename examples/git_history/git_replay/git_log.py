"""Reads the history of a git repository from `git log`; not other forms of a history."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

from git_replay.history import Change, Commit, HistoryError

# Counted, not searched for: what is in them cannot be mistaken for the end of one.
_FIELDS: Final = ("%at", "%aN", "%P", "%s")
_NUMBERS: Final = re.compile(r"\n?(\d+|-)\t(\d+|-)\t(.+)", re.DOTALL)
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Whatever the user has set, so that the same repository is read the same way everywhere.
_SETTINGS: Final = ("log.showRoot=true", "i18n.logOutputEncoding=UTF-8", "diff.ignoreSubmodules=none")
_OPTIONS: Final = (
    "-z", "--reverse", "--topo-order", "--numstat", "--no-renames", "--diff-merges=off", "--no-ext-diff",
    "--no-textconv", "--no-show-signature", "--no-notes", "--no-color",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """The commits that one commit descends from, itself included."""

    folder: Path
    title: str
    head: str

    @classmethod
    def at(cls, folder: Path, head: str = "HEAD") -> "Repository":
        """Find the repository, and what its head is now; raises HistoryError."""
        command = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{head}^{{commit}}")
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
        except OSError as error:
            raise HistoryError(f"git cannot be started: {error}") from error
        if done.returncode:
            raise HistoryError(f"{folder} has no history to replay: {done.stderr.strip()}")
        return cls(folder, folder.resolve().name or "repository", done.stdout.strip())

    def commits(self) -> Iterator[Commit]:
        """Yield the commits, ancestors before descendants; merges have no changes of their own. Raises HistoryError."""
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        layout = "--format=%H%x00" + "%x00".join(_FIELDS)
        command = _git(self.folder, *settings, "log", *_OPTIONS, layout, self.head, "--")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as git:
            try:
                if git.stdout is not None:
                    yield from parsed(tokens(git.stdout))
            except GeneratorExit:
                git.kill()  # a reader that wants no more
                raise
        if git.returncode:
            raise HistoryError(f"git log ended with status {git.returncode} in {self.folder}")


def tokens(stream: IO[bytes], size: int = 1 << 16) -> Iterator[str]:
    """Yield what stands between NUL characters."""
    rest = b""
    while chunk := stream.read(size):
        *whole, rest = (rest + chunk).split(b"\0")
        for token in whole:
            yield token.decode("utf-8", "surrogateescape")
    if rest.strip():
        yield rest.decode("utf-8", "surrogateescape")


def parsed(stream: Iterator[str]) -> Iterator[Commit]:
    """Yield commits from the tokens of `git log -z`; a new one begins where a token is no line of `--numstat`."""
    number = 0
    token = next(stream, None)
    while token is not None:
        number += 1
        time, name, parents, subject = (next(stream, "") for _ in _FIELDS)
        changes: list[Change] = []
        token = next(stream, None)
        while token is not None and (line := _NUMBERS.fullmatch(token)):
            changes.append(Change(line[3], _lines(line[1]), _lines(line[2])))
            token = next(stream, None)
        yield Commit(number, moment(time), name, " " in parents, subject, tuple(changes))


def moment(seconds: str) -> str | None:
    """Return git's time as RFC 3339, or None where it lies outside the years that can be written."""
    try:
        return (_START + timedelta(seconds=int(seconds))).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


def _lines(number: str) -> int | None:
    return None if number == "-" else int(number)


def _git(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), *arguments]
