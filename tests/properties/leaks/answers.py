"""Leaks by what comes back to those who act, whether or not they had seen what is there now."""

from dataclasses import replace
from typing import Any

import pytest

from reality_engine.actions import judging, meanwhile, turn
from reality_engine.rules.decision import Refused
from tests.properties.leaks.catalogue import Aim, leak, seeing_all, was


@leak("answer", Aim(reads=10), pack="pawns")
def an_answer_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    views = was(judging, "event_views")
    patch.setattr(judging, "event_views", lambda viewer, *rest: views(seeing_all(viewer), *rest))


@leak("conflict", Aim(reads=10, conflicts=20), pack="pawns", often=True)
def a_conflict_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    page = was(meanwhile, "feed_page")
    patch.setattr(meanwhile, "feed_page", lambda unit, viewer, *rest: page(unit, seeing_all(viewer), *rest))


@leak("revision", Aim(reads=10))
def a_refusal_says_how_much_has_happened(patch: pytest.MonkeyPatch) -> None:
    judge = was(turn, "judge")

    def told(known: Any, *rest: Any) -> Any:
        judged = judge(known, *rest)
        no = judged.outcome
        if not isinstance(no, Refused):
            return judged
        return replace(judged, outcome=replace(no, message=f"{no.message} ({known.head.position})", problems=()))

    patch.setattr(turn, "judge", told)
