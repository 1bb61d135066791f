"""Leaks by what surrounds an event: who acted, on what, why, when, and at which place of the log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.actions import recording
from reality_engine.reads import shown
from reality_engine.visibility import events
from tests.properties.leaks.catalogue import Aim, leak, was


@leak("envelope", Aim("/feed"), often=True)
def everybody_sees_positions(patch: pytest.MonkeyPatch) -> None:
    one = shown._shown
    patch.setattr(shown, "_shown", lambda view, **_: one(view, with_position=True))


@leak("envelope", Aim("/feed"), pack="rumours")
def each_event_has_a_moment_of_its_own(patch: pytest.MonkeyPatch) -> None:
    made = was(recording, "events_of")

    def stepped(*given: Any) -> list[Any]:
        found = made(*given)
        step = timedelta(microseconds=1)
        return [replace(one, recorded_at=one.recorded_at + index * step) for index, one in enumerate(found)]

    patch.setattr(recording, "events_of", stepped)


@leak("envelope", Aim("/feed"), pack="signs")
def who_acted_is_shown_to_strangers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(events, "_sees_principal", lambda *_: True)


@leak("hidden cause", Aim("/feed"), pack="rumours", often=True)
def a_hidden_cause_is_shown(patch: pytest.MonkeyPatch) -> None:
    hide = was(events, "_hide")
    patch.setattr(events, "_hide", lambda viewer, head, seen: hide(viewer, head, {*seen, head.get("cause")}))


@leak("hidden target", Aim("/feed"), pack="signs")
def a_hidden_target_is_shown(patch: pytest.MonkeyPatch) -> None:
    hide = was(events, "_hide")
    patch.setattr(events, "_hide", lambda viewer, head, seen: hide(viewer, head, {*seen, head.get("target")}))
