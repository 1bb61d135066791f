"""Holds what viewers read of events to the log, audiences that were moved later included; mends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.verify_texts import differing_event_texts
from reality_engine.projection.verify_undone import Undos
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow, EventFacetRow, MovedEventRow
from reality_engine.visibility.parts import facets_of

BATCH = 500


@dataclass
class Views:
    """What is known so far: what is wrong, by position, and the moves of heads as (first before, last after), by id.

    What looks wrong may come of a move that is still to be read, so nothing is told before the end.
    """

    unit: ReadUnit
    world: str
    wrong: dict[int, str] = field(default_factory=dict)
    moved: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    undos: Undos = field(default_factory=Undos)

    async def check(self, events: Sequence[Event]) -> None:
        """Compare some events; raises IntegrityError where a move does not start from the audience that there was."""
        for event in events:
            self.undos.play(event)
            for one in event.moved:
                first, last = self.moved.get(one.event, (one.before, one.before))
                if last != one.before:
                    raise IntegrityError(f"event {event.position} moves an audience that was another one before")
                self.moved[one.event] = (first, one.after)
        self.wrong |= await self._differing(events)

    async def conclude(self) -> None:
        """Compare what was moved; raises IntegrityError that names the first event that is not read as it should be."""
        expected: dict[int, list[str]] = {}
        ids = list(self.moved)
        for keys in (ids[at : at + BATCH] for at in range(0, len(ids), BATCH)):
            events = await eventlog.events_by_id(self.unit, self.world, keys)
            if len(events) != len(keys):
                raise IntegrityError("the audience of an event was moved that is not in the log")
            for event in events:
                if event.keys != self.moved[event.id][0]:
                    raise IntegrityError(f"the audience of event {event.position} was not the one that was moved")
                expected[event.position] = sorted(self.moved[event.id][1])
                self.wrong.pop(event.position, None)
            self.wrong |= await self._differing([one._replace(keys=self.moved[one.id][1]) for one in events])
        query = select(MovedEventRow.position, MovedEventRow.keys).where(MovedEventRow.world == self.world)
        found: dict[int, list[str]] = {at: list(keys) for at, keys in await self.unit.session.execute(query)}
        for position in expected.keys() | found.keys():
            if expected.get(position) != found.get(position):
                self.wrong[position] = f"the audience of event {position} is kept otherwise than it was moved"
        if self.wrong:
            raise IntegrityError(self.wrong[min(self.wrong)])
        await self.undos.check(self.unit, self.world)

    async def _differing(self, events: Sequence[Event]) -> dict[int, str]:
        """Return what is wrong with what viewers read of these events, by position."""
        positions = [event.position for event in events]
        if not positions:
            return {}
        contents, keys = await self._stored(positions)
        wrong = await differing_event_texts(self.unit, self.world, events)
        for event in events:
            at = event.position
            for part in facets_of(event):
                if contents.pop((at, part.facet), None) != (part.content, sorted(part.keys)):
                    wrong[at] = f"what viewers read of event {at} is not what it says"
                for key in part.keys:
                    if (at, part.facet, pack_key(key)) not in keys:
                        wrong.setdefault(at, f"event {at} is hidden from somebody who may see it: {key}")
                    keys.discard((at, part.facet, pack_key(key)))
        left = {at for at, _ in contents} | {at for at, _, _ in keys}
        for at in left - wrong.keys():
            wrong[at] = f"viewers read more of event {at} than it has, or more of them do than may"
        return wrong

    async def _stored(
        self, positions: Sequence[int]
    ) -> tuple[dict[tuple[int, int], object], set[tuple[int, int, bytes]]]:
        execute = self.unit.session.execute
        facet, seen = EventFacetRow, EventAudienceRow
        shown = select(facet.position, facet.facet, facet.content, facet.keys).where(facet.world == self.world)
        contents = await execute(shown.where(facet.position.in_(positions)))
        audience = select(seen.position, seen.facet, seen.key).where(seen.world == self.world)
        keys = await execute(audience.where(seen.position.in_(positions)))
        return (
            {(position, number): (content, held) for position, number, content, held in contents},
            {(position, number, bytes(key)) for position, number, key in keys},
        )
