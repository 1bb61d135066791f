"""Leaks by answers to why: of an event, and of a refusal."""

from typing import Any

import pytest

from reality_engine.actions import turn
from reality_engine.kernel.errors import DeniedError
from reality_engine.reads import explained_events
from tests.properties.leaks.catalogue import ALL, Aim, leak, seeing_all, was


@leak("explanation", Aim("/events/{event}/explain"), pack="beggars", often=True)
def an_explanation_shows_hidden_values(patch: pytest.MonkeyPatch) -> None:
    before = was(explained_events, "seen_before")
    patch.setattr(explained_events, "seen_before", lambda unit, _, *rest: before(unit, ALL, *rest))


@leak("explanation", Aim(reads=10), pack="beggars")
def a_refusal_explains_itself_by_hidden_values(patch: pytest.MonkeyPatch) -> None:
    now = was(turn, "seen_of")
    patch.setattr(turn, "seen_of", lambda viewer, held: now(seeing_all(viewer), held))


@leak("error text", Aim("/events/{event}"), often=True)
def a_hidden_event_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    position = was(explained_events, "position_of")

    async def told(unit: Any, scope: Any, world: str, key: str) -> Any:
        found = await position(unit, scope, world, key)
        if found is None and await position(unit, ALL, world, key) is not None:
            raise DeniedError("this is not for you")
        return found

    patch.setattr(explained_events, "position_of", told)
