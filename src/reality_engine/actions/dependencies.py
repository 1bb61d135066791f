"""What routes need to act, as `Annotated` types for their parameters."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from reality_engine.actions.models import MAX_KEY
from reality_engine.actions.service import Actions


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the headers ask: to be done once for this key, and only if the target has this entity tag."""

    key: str | None = None
    if_match: str | None = None


async def actions_of(connection: HTTPConnection) -> Actions:
    """Return what the composition root stored."""
    actions: Actions = connection.app.state.actions
    return actions


async def conditions_of(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY,
            pattern=r"^[\x21-\x7e]+$",
            description="Makes repeating the request harmless: the same key and body give the stored answer",
        ),
    ] = None,
    match: Annotated[
        str | None,
        Header(alias="If-Match", max_length=100, description="The target's ETag: refuses to act on a stale view"),
    ] = None,
) -> Conditions:
    """Read the headers."""
    tag = None if match is None else match.strip().removeprefix("W/").strip('"')
    return Conditions(key, None if tag == "*" else tag)


ActionsDep = Annotated[Actions, Depends(actions_of)]
ConditionsDep = Annotated[Conditions, Depends(conditions_of)]
