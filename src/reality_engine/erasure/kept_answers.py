"""Goes through the answers that a world keeps for keys, and has those tell anew what is erased; not what they tell."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from reality_engine.actions import repository as answers
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.erasure.answers import ids_in, told_anew
from reality_engine.erasure.scanning import Scan, places_of
from reality_engine.eventlog.erasing import spared
from reality_engine.eventlog.event import Event

# So many are looked at, and put right, at once.
PAGE: Final = 200


async def tell_anew(units: Units, scan: Scan, since: datetime | None = None) -> None:
    """Have the answers of a world tell what there is to be told once a person is erased from it."""
    after = ("", "")
    while True:
        async with units.read() as unit:
            page = await answers.answers_after(unit, scan.world, after, PAGE, since)
            told = await _told(unit, scan, page)
        if told:
            async with units.write() as unit:
                await answers.keep_instead(unit, scan.world, told)
                await unit.commit()
        if len(page) < PAGE:
            return
        after = page[-1][:2]


async def _told(
    unit: ReadUnit, scan: Scan, page: Sequence[tuple[str, str, dict[str, Any]]]
) -> Mapping[tuple[str, str], dict[str, Any]]:  # fmt: skip
    """Return those of the answers that are others now."""
    events = await _events(unit, scan, {key for _, _, answer in page for key in ids_in(answer)})
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for key, principal, answer in page:
        told = told_anew(answer, events, scan.values)
        if told != answer:
            found[key, principal] = told
    return found


async def _events(unit: ReadUnit, scan: Scan, ids: set[str]) -> Mapping[str, Event]:
    """Return those of the events of which something is erased, as they are told without it."""
    places = [scan.ids[key] for key in ids if key in scan.ids]
    drops = {place: {*keys} for place, keys in scan.drops.items() if place in places}
    for place, keys in places_of([*scan.belonging.ended, *scan.belonging.standing()]).items():
        if place in places:
            drops.setdefault(place, set()).update(keys)
    found = [one.event() for one in await spared(unit, scan.world, places, drops)]
    return {event.id: event for event in found}
