"""What may come of writing a batch, beside success; not what to do about it."""

from reality_engine.kernel.errors import UnavailableError


class HeadMovedError(Exception):
    """A guard did not hold: another process wrote in between. Nothing was written; look again and decide again."""


class OutcomeUnknownError(UnavailableError):
    """The connection was lost in the commit, which may have happened or not; only looking can tell."""

    code = "outcome_unknown"
