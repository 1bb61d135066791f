"""The tree of domain errors, each leaf with a stable `code` and typed fields; HTTP status is decided in `web`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass
class RealityError(Exception):
    """Base of every error that a caller may be told about.

    `message` is for people, `code` for programs; `field` names the offending input as a dotted path and `hint`
    says what to do about it.
    """

    message: str
    field: str | None = None
    hint: str | None = None
    code: ClassVar[str] = "error"

    def __str__(self) -> str:
        """Give the message alone, as logs and terminals show it."""
        return self.message


class NotFoundError(RealityError):
    """The thing does not exist, or lies outside the caller's scope: the two are never told apart."""

    code = "not_found"


class DeniedError(RealityError):
    """The caller is known and may see the thing, but may not do this."""

    code = "denied"


class UnauthenticatedError(RealityError):
    """The caller did not prove who they are."""

    code = "unauthenticated"


class ConflictError(RealityError):
    """The request does not fit the present state, such as a stale `If-Match` or a taken name."""

    code = "conflict"


class InvalidError(RealityError):
    """The request itself is wrong: its shape, a type, a bound or an unknown name."""

    code = "invalid"


class LimitExceededError(RealityError):
    """The request is larger, deeper or more frequent than this server allows."""

    code = "limit_exceeded"


@dataclass
class TooManyRequestsError(LimitExceededError):
    """The caller comes more often than is allowed; the same request will do after some seconds."""

    retry_after: int = 1
    code: ClassVar[str] = "too_many_requests"


@dataclass
class UnavailableError(RealityError):
    """The server cannot answer now; the same request may succeed after some seconds."""

    retry_after: int = 2
    code: ClassVar[str] = "unavailable"


class BusyError(UnavailableError):
    """More is being asked for than the server gets done; nothing of this request was begun."""

    code = "busy"


class IntegrityError(RealityError):
    """Stored data contradicts itself; `reality verify` names the place."""

    code = "integrity"


@dataclass
class Problem:
    """One thing wrong with one part of a request or file; many may be told at once."""

    code: str
    message: str
    field: str | None = None
    hint: str | None = None


@dataclass
class ProblemsError(InvalidError):
    """A request with several things wrong, every one of them told."""

    problems: tuple[Problem, ...] = ()
