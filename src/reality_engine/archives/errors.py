"""What exporting and importing refuse, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import ConflictError, InvalidError, LimitExceededError


class ArchiveError(InvalidError):
    """The archive is not whole, was altered, or holds what no world can; the message names the line."""

    code = "bad_archive"


class NewerFormatError(ArchiveError):
    """The archive was written by a later release, in a form that this one does not know."""

    code = "newer_format"


class ArchiveTooLargeError(LimitExceededError):
    """The archive holds more than this server takes at once."""

    code = "archive_too_large"


class WorldTakenError(ConflictError):
    """The world of the archive is on this server already."""

    code = "world_taken"


class OvertakenError(ConflictError):
    """Another import of the same archive has taken over."""

    code = "import_overtaken"


class PastRewrittenError(ConflictError):
    """What was exported already is not what the log says now: something was erased meanwhile."""

    code = "past_rewritten"
