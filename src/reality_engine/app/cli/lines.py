"""Reads wishes from lines of JSON and puts them into batches; not what becomes of them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from reality_engine.actions.batch_schemas import MAX_ACTIONS, BatchedRequest
from reality_engine.kernel.json import decode

# Well below what a server takes unless it is told otherwise.
MAX_BYTES: Final = 500_000
_WISH: Final = TypeAdapter(BatchedRequest)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the wish that it is, or what is wrong with it. Lines count from 1."""

    number: int
    size: int
    wish: dict[str, Any] | None = None
    mistake: str = ""


def read_lines(lines: Iterable[bytes], run: str) -> Iterator[Line]:
    """Yield every line that is not blank.

    A wish without a key gets one by the run, its place and what it says: so the same lines may be sent again.
    """
    for number, raw in enumerate(lines, 1):
        text = raw.strip()
        if text:
            yield _line(number, text, run)


def batches(lines: Iterable[Line], size: int = MAX_ACTIONS) -> Iterator[list[Line]]:
    """Yield lines together, in their order: so many at most, and not too long."""
    batch: list[Line] = []
    room = MAX_BYTES
    for line in lines:
        if batch and (len(batch) >= size or line.size > room):
            yield batch
            batch, room = [], MAX_BYTES
        batch.append(line)
        room -= line.size
    if batch:
        yield batch


def _line(number: int, text: bytes, run: str) -> Line:
    try:
        wish = decode(text)
        _WISH.validate_python(wish)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return Line(number, len(text), mistake=f"{place}: {first['msg']}" if place else str(first["msg"]))
    except ValueError as error:
        return Line(number, len(text), mistake=f"not JSON: {error}")
    if not isinstance(wish, dict):
        raise TypeError("what has the form of a wish is an object")
    key = wish.get("key") or f"{run}:{number}:{hashlib.sha256(text).hexdigest()[:32]}"
    return Line(number, len(text), {**wish, "key": key})
