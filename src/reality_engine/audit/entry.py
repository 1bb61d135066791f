"""An entry of the audit as the rest of the product knows one; not the row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to whom or what, and when.

    `by_id` is "" for the anonymous, such as who comes with a token out of a mail, and for the server itself, as which
    every command acts. `credential` is the session or key that was used. `details` are ids and words, never names.
    """

    id: str
    at: datetime
    by_kind: PrincipalKind
    by_id: str
    credential: str | None
    what: str
    subject: str
    details: Mapping[str, Plain]
