"""What routes need to act, as `Annotated` types for their parameters."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from reality_engine.actions.models import MAX_KEY
from reality_engine.actions.service import Actions

KEY_PATTERN: Final = r"^[\x21-\x7e]+$"
MAX_TAG: Final = 100

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY,
        pattern=KEY_PATTERN,
        description="Makes repeating the request harmless: the same key and body give the stored answer",
    ),
]
MatchHeader = Annotated[
    str | None,
    Header(alias="If-Match", max_length=MAX_TAG, description="The target's ETag: refuses to act on a stale view"),
]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the headers ask: to be done once for this key, and only if the target has this entity tag."""

    key: str | None = None
    if_match: str | None = None

    @classmethod
    def of(cls, key: str | None, match: str | None) -> "Conditions":
        """Read the headers."""
        tag = None if match is None else match.strip().removeprefix("W/").strip('"')
        return cls(key, None if tag == "*" else tag)


async def actions_of(connection: HTTPConnection) -> Actions:
    """Return what the composition root stored."""
    actions: Actions = connection.app.state.actions
    return actions


async def conditions_of(key: KeyHeader = None, match: MatchHeader = None) -> Conditions:
    """Read the headers."""
    return Conditions.of(key, match)


ActionsDep = Annotated[Actions, Depends(actions_of)]
ConditionsDep = Annotated[Conditions, Depends(conditions_of)]
