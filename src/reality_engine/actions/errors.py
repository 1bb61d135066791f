"""What can be wrong with a request to act, apart from what the rules of a world say."""

from dataclasses import dataclass
from typing import ClassVar

from reality_engine.kernel.errors import ConflictError, InvalidError, RealityError
from reality_engine.kernel.json import Plain
from reality_engine.visibility.entities import EntityView


class KeyReusedError(InvalidError):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"


@dataclass
class StaleError(ConflictError):
    """The target is not as the caller has seen it.

    `present` is what they may see of it now, at `position`, and `events` those they see since the point that they
    named, newest first; None where they named none.
    """

    present: EntityView | None = None
    position: int = 0
    events: tuple[dict[str, Plain], ...] | None = None
    code: ClassVar[str] = "stale"


@dataclass
class AbandonedError(Exception):
    """One of several wishes that belong together, at `index`, could not be judged: so none of them came true."""

    index: int
    cause: RealityError
