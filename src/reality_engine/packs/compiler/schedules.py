"""Compiles schedules; not the firing of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from reality_engine.packs.compiled import Schedule
from reality_engine.packs.compiler.names import check_name
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.definitions.reactions import ScheduleDefinition
    from reality_engine.packs.source import Spot

# A cron line is right or wrong at any time; it is only read here, so the present does not matter.
_ANY_MOMENT: Final = datetime(2024, 1, 1, tzinfo=UTC)


def compile_schedule(name: str, definition: "ScheduleDefinition", spot: "Spot", ground: "Ground") -> Schedule:
    """Compile one schedule."""
    check_name(spot.key, name, "a schedule", ground.problems)
    try:
        CronSim(definition.cron, _ANY_MOMENT)
    except CronSimError as error:
        hint = "such as 0 18 * * FRI: minute, hour, day, month, weekday"
        ground.problems.add((spot / "cron").place, "bad_cron", f"'{definition.cron}' is not a cron line: {error}", hint)
    _check_zone(definition.zone, spot / "zone", ground)
    _check_perform(definition.perform, spot / "perform", ground)
    return Schedule(name, definition.cron, definition.zone, definition.perform)


def _check_zone(name: str, at: "Spot", ground: "Ground") -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        hint = nearest(name, available_timezones())
        ground.problems.add(at.place, "unknown_zone", f"there is no time zone '{name}'", hint)


def _check_perform(name: str, at: "Spot", ground: "Ground") -> None:
    shape = ground.actions.get(name)
    if shape is None:
        own = [each.name for each in ground.actions.values() if not each.core]
        ground.problems.add(at.place, "unknown_action", f"there is no action '{name}'", nearest(name, own))
        return
    definition = shape.definition
    needs = [word for word in ("actor", "target") if getattr(definition, word)]
    needs += [
        f"input '{each}'"
        for each, given in definition.input.items()
        if given.default is None and given.required is not False
    ]
    if shape.core:
        ground.problems.add(at.place, "bad_perform", f"the world cannot perform {name} by itself")
    elif needs:
        message = f"the world cannot perform {name} by itself: it needs {', '.join(needs)}"
        ground.problems.add(at.place, "bad_perform", message)
