"""Leaks by what became of things: history, blame and diff."""

from typing import Any

import pytest

from reality_engine.history import blaming, diffing, reading, snapshots, steps
from tests.properties.leaks.catalogue import Aim, leak, seeing_all, was


def _all_is_seen(patch: pytest.MonkeyPatch, *modules: Any) -> None:
    for module in modules:
        seen = was(module, "stretches")
        patch.setattr(module, "stretches", lambda unit, viewer, *rest, seen=seen: seen(unit, seeing_all(viewer), *rest))


@leak("history", Aim("/entities/{entity}/history"), often=True)
def a_history_shows_what_was_hidden(patch: pytest.MonkeyPatch) -> None:
    _all_is_seen(patch, reading)


@leak("history", Aim("/entities/{entity}/history"))
def a_history_counts_hidden_steps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps.Step, "told", property(lambda _: True))
    _all_is_seen(patch, reading)


@leak("history", Aim("/entities/{entity}/blame"))
def blame_goes_by_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    _all_is_seen(patch, blaming)


@leak("diff", Aim("/diff"), often=True)
def a_diff_shows_what_is_hidden(patch: pytest.MonkeyPatch) -> None:
    _all_is_seen(patch, diffing, snapshots)


@leak("diff", Aim("/diff"))
def a_diff_is_ordered_by_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    page = was(diffing, "feed_page")
    patch.setattr(diffing, "feed_page", lambda unit, viewer, *rest: page(unit, seeing_all(viewer), *rest))
    _all_is_seen(patch, diffing)
