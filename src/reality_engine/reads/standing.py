"""The point of a world's log at which an answer stands, sealed for its viewer; not the pages of a list."""

from reality_engine.web.cursors import BadCursorError, Cursors

_PURPOSE = "standing"


def stand_at(cursors: Cursors, world: str, viewer: str, position: int) -> str:
    """Seal a position, so that the viewer can ask later what came after it."""
    return cursors.seal(position, f"{_PURPOSE} {world}", viewer)


def stood_at(cursors: Cursors, world: str, viewer: str, cursor: str) -> int:
    """Return the position of an earlier answer; raises BadCursorError."""
    try:
        position = cursors.open(cursor, f"{_PURPOSE} {world}", viewer)
    except BadCursorError as error:
        message = "this is not the cursor of an answer that you had from this world"
        raise BadCursorError(message, field="since", hint="send meta.cursor of what you have read") from error
    if not isinstance(position, int):
        raise BadCursorError("this cursor stands for no point of the log", field="since")
    return position
