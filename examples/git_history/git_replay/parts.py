"""Turns a commit into the inputs of one action, or of several where it is too large for one."""

from collections.abc import Iterator
from typing import Any, Final

from git_replay.history import Change, Commit
from git_replay.names import SUBJECT_LENGTH, fitted

# The pack takes 500 files at once, which is at most 6,000 changes of fields; an action may make 10,000.
FILES: Final = 500
# A body may have a mebibyte: this leaves room for the subject, and for what JSON adds.
PATH_BYTES: Final = 400_000


def parts(commit: Commit) -> list[dict[str, Any]]:
    """Return the inputs of the actions that bring a commit in, in order; each change is in exactly one of them."""
    slices = list(_slices(commit.changes))
    subject = fitted(commit.subject, SUBJECT_LENGTH)
    told = {"n": commit.n, "parts": len(slices), "merge": commit.merge, "subject": subject}
    return [{**told, "part": part, "files": files} for part, files in enumerate(slices, 1)]


def _slices(changes: tuple[Change, ...]) -> Iterator[list[dict[str, Any]]]:
    files: list[dict[str, Any]] = []
    size = 0
    for change in changes:
        path = fitted(change.path)
        size += len(path.encode())
        if len(files) == FILES or size > PATH_BYTES:
            yield files
            files, size = [], len(path.encode())
        files.append({"path": path, **_lines(change)})
    yield files


def _lines(change: Change) -> dict[str, int]:
    lines = {"added": change.added, "deleted": change.deleted}
    return {name: number for name, number in lines.items() if number is not None}
