"""Leaks by what comes back to those who act, whether or not they had seen what is there now."""

from dataclasses import replace
from typing import Any

import pytest

from reality_engine.actions import service
from tests.properties.leaks.catalogue import Aim, leak, seeing_all, was


@leak("answer", Aim(reads=10), pack="pawns")
def an_answer_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    at = was(service, "events_at")
    patch.setattr(service, "events_at", lambda unit, viewer, where: at(unit, seeing_all(viewer), where))


@leak("conflict", Aim(reads=10, conflicts=20), pack="pawns", often=True)
def a_conflict_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    page = was(service, "feed_page")
    patch.setattr(service, "feed_page", lambda unit, viewer, *rest: page(unit, seeing_all(viewer), *rest))


@leak("revision", Aim(reads=10))
def a_refusal_says_how_much_has_happened(patch: pytest.MonkeyPatch) -> None:
    answered = was(service, "_answer")

    async def told(actions: Any, under: Any, *rest: Any) -> Any:
        answer = await answered(actions, under, *rest)
        return answer if answer.accepted else replace(answer, message=f"{answer.message} ({under.head.position})")

    patch.setattr(service, "_answer", told)
