"""Reads a history from a file of JSON lines, compressed or not: n, at, by, merge, subject, files; not from git."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from git_replay.history import Change, Commit, HistoryError


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file in which each line is a commit."""

    path: Path

    @property
    def title(self) -> str:
        """The file's name, without what it ends in."""
        return self.path.name.removesuffix(".gz").removesuffix(".jsonl")

    def commits(self) -> Iterator[Commit]:
        """Yield the commits of the file; raises HistoryError with the number of the line that is wrong."""
        last, line = 0, 0
        try:
            with self._open() as lines:
                for line, text in enumerate(lines, 1):  # noqa: B007 - told where it is wrong
                    commit = parsed(text)
                    if commit.n <= last:
                        raise HistoryError(f"commit {commit.n} comes after commit {last}")
                    last = commit.n
                    yield commit
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            raise HistoryError(f"{self.path} cannot be read: {error}") from error
        except HistoryError as error:
            raise HistoryError(f"{self.path}, line {line}: {error}") from error

    def _open(self) -> IO[str]:
        if self.path.suffix == ".gz":
            return cast("IO[str]", gzip.open(self.path, "rt", encoding="utf-8"))
        return self.path.open(encoding="utf-8")


def parsed(text: str) -> Commit:
    """Return the commit that a line tells of; raises HistoryError."""
    try:
        data = json.loads(text)
        changes = tuple(_change(*item) for item in data["files"])
        if not _sound(data):
            raise TypeError("n, at, by, merge or subject is of the wrong type")
        return Commit(data["n"], data["at"], data["by"], data["merge"], data["subject"], changes)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise HistoryError(f"this is not a commit: {error!r}") from error


def _change(path: Any, added: Any, deleted: Any) -> Change:
    if not isinstance(path, str) or not all(number is None or _count(number) for number in (added, deleted)):
        raise TypeError("a file must be [path, lines added, lines deleted]")
    return Change(path, added, deleted)


def _sound(data: dict[str, Any]) -> bool:
    texts = isinstance(data["by"], str) and isinstance(data["subject"], str) and isinstance(data["at"], str | None)
    return texts and isinstance(data["merge"], bool) and _count(data["n"]) and data["n"] > 0


def _count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
