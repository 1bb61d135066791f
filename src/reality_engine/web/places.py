"""Places in lists as cursors: bound to the viewer, the list, the query and the version of what they are read by."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from reality_engine.kernel.json import Plain, canonical
from reality_engine.web.cursors import BadCursorError, Cursors

_DIGEST_CHARACTERS: Final = 22
_START: Final = "start without a cursor"


@dataclass(frozen=True)
class Bound:
    """What a place is a place in: a viewer's list, asked for by a query, of something that may be upgraded."""

    viewer: str
    purpose: str
    query: Plain = None
    version: str = ""

    @cached_property
    def digest(self) -> str:
        """What of the query stands in a cursor."""
        return sha256(canonical(self.query)).hexdigest()[:_DIGEST_CHARACTERS]


def seal_place(cursors: Cursors, place: Plain, bound: Bound) -> str:
    """Return the cursor of a place."""
    return cursors.seal([bound.digest, bound.version[:_DIGEST_CHARACTERS], place], bound.purpose, bound.viewer)


def open_place(cursors: Cursors, cursor: str, bound: Bound) -> Any:
    """Return the place that a cursor stands for; raises BadCursorError.

    A cursor of another viewer or list is told from a forged one by nobody. One that is the viewer's own, but of another
    query or from before an upgrade, says so.
    """
    held = cursors.open(cursor, bound.purpose, bound.viewer)
    if not isinstance(held, list) or len(held) != 3:
        raise BadCursorError("the cursor is not one of this list", field="cursor", hint=_START)
    query, version, place = held
    if query != bound.digest:
        message = "the cursor is of another query: only limit, fields and total may change from page to page"
        raise BadCursorError(message, field="cursor", hint=_START)
    if version != bound.version[:_DIGEST_CHARACTERS]:
        message = "the cursor is outdated: the world's pack was upgraded since"
        raise BadCursorError(message, field="cursor", hint=_START)
    return place
