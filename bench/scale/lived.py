"""Draws crates with their lives, as the projector would write them, and the log that they would be of.

The log has a body that says no more than its pack: no read of the past needs the rest of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy.orm import DeclarativeBase

from bench.scale.made import MOMENT, Made, Row
from bench.scale.peopled import Peopled
from reality_engine.db.batch import Batch
from reality_engine.db.serial import to_json
from reality_engine.eventlog.models import EventRow
from reality_engine.projection.holding import held_after
from reality_engine.projection.projector import Projection
from reality_engine.projection.steps import Step
from reality_engine.state.entity import Entity, Life

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.state.held import Held

# Words are left out: no search is timed.
_LEFT_OUT: Final = frozenset({"entity_texts", "past_entity_texts"})
_MOST: Final = 6


class Lived(Made):
    """What fills a world of crates that were made, moved, deleted and restored, one after the other."""

    def __init__(self, world: Peopled, events: int, entities: int, rare_events: int, rare_entities: int) -> None:
        """`rare` sees so many of each, spread evenly. A crate has the id of the moment at which it was made."""
        super().__init__(world, events, entities, rare_events, rare_entities)
        self.ids = [self._id(self._born(number)) for number in range(entities)]

    def crates(self) -> Iterator[tuple[type[DeclarativeBase], Row]]:
        """Yield the rows of all crates, present and past, each with its table."""
        for number, key in enumerate(self.ids):
            batch = Batch()
            self._life(number, key).write(batch)
            for writes in batch.tables:
                shape = writes.shape
                for row in () if shape.name in _LEFT_OUT else (*writes.new, *writes.kept.values()):
                    stored = [to_json(value) if isinstance(value, dict | list | tuple) else value for value in row]
                    yield shape.model, dict(zip(shape.names, stored, strict=True))

    def log(self) -> Iterator[tuple[type[DeclarativeBase], Row]]:
        """Yield the rows of all events."""
        body, world, first = to_json({"pack": self._pack.digest}).encode(), self._world.id, self._world.position + 1
        for number in range(self._events):
            yield (
                EventRow,
                {
                    "world": world, "position": first + number, "id": self._id(number), "type": "crate.moved",
                    "recorded_at": MOMENT + timedelta(milliseconds=number), "digest": b"", "body": body,
                    "private": "{}",
                },
            )  # fmt: skip

    def _life(self, number: int, key: str) -> Projection:
        """Return what becomes of a crate, from when it was made to the end of the log, at moments of its own."""
        kind, draw, rare = self._pack.kinds["crate"], self._chance, number % self._nth_entity == 0
        born = self._born(number)
        fields: dict[str, Plain] = {"name": f"Crate {number}", "weight": draw.randrange(1000)}
        if rare or draw.random() < 0.5:
            fields["place"] = self._place(rare=rare)
        entity, was, steps = Entity(key, "crate", fields), None, list[Step]()
        turns = sorted(draw.sample(range(born + 1, self._events + _MOST), draw.randrange(_MOST)))
        after: dict[str, Held] = {}
        for at in (born, *turns):
            if was is not None:
                entity = self._turned(entity, rare=rare)
            place, moment = self._world.position + 1 + at, MOMENT + timedelta(milliseconds=at)
            now: Held = held_after(kind, was, entity, place, moment)
            steps.append(Step(kind, was, now, place, frozenset({"@life"})))
            after[key] = was = now
        return Projection(self._world.id, self._pack, (), {}, after, steps, {})

    def _turned(self, entity: Entity, *, rare: bool) -> Entity:
        drawn = self._chance.random()
        if not entity.live:
            return entity._replace(life=Life.LIVE)
        if drawn < 0.1 and not rare:
            return entity._replace(life=Life.DELETED)
        if drawn < 0.4:
            return entity.changed("place", self._place(rare=rare))
        return entity.changed("weight", self._chance.randrange(1000))

    def _born(self, number: int) -> int:
        """Return the number of the event that made a crate."""
        return number * self._events // self._entities

    def _id(self, number: int) -> str:
        """Return an id that was drawn when the event of this number was recorded."""
        bits = (int(MOMENT.timestamp()) * 1000 + number) << 80 | 7 << 76 | 0b10 << 62
        return str(UUID(int=bits | self._chance.getrandbits(62)))
