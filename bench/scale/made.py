"""Draws events and crates as the rows that the projector would write of them; the same each time, apart from ids.

Of every `nth` thing, `rare` sees one; `all` sees each, by the role of a reader, and many by a group of theirs as well.
The log itself is left out, and so are the words of searches: no page reads the one, but where an event that is shown
had a cause, and no page that is timed the other.
"""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy.orm import DeclarativeBase

from bench.scale.peopled import PACK, Peopled
from reality_engine.db.batch import Batch
from reality_engine.db.serial import to_json
from reality_engine.eventlog.event import Event, Recorded
from reality_engine.kernel.clock import from_text
from reality_engine.packs.loader import compile_source
from reality_engine.projection.holding import held_after
from reality_engine.projection.projector import write_entities
from reality_engine.state.entity import Change, Entity
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow, EventFacetRow
from reality_engine.visibility.parts import facets_of

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

Row: TypeAlias = dict[str, Any]

MOMENT: Final = from_text("2026-05-01T12:00:00.000000Z")
_FIRST_MILLISECOND: Final = 1_777_636_800_000
_READER: Final = "role:reader"
_TEXTS: Final = 64
_PLACEHOLDER: Final = {"id": "@id@", "target": "@target@"}


class Made:
    """What fills one world."""

    def __init__(self, world: Peopled, events: int, entities: int, rare_events: int, rare_entities: int) -> None:
        """`rare` sees so many of each, spread evenly."""
        self._chance = random.Random(7)  # noqa: S311 - to be repeated, not to be secret
        self._world = world
        self._events, self._entities = events, entities
        self._nth_event, self._nth_entity = events // rare_events, entities // rare_entities
        self._pack = compile_source({"pack.yaml": PACK.read_text(encoding="utf-8")})
        self.ids = [self._id(number) for number in range(entities)]
        self._rare_ids = self.ids[:: self._nth_entity]
        self._contents = [self._template() for _ in range(_TEXTS)]

    def crates(self) -> Iterator[tuple[type[DeclarativeBase], Row]]:
        """Yield the rows of all crates, each with its table."""
        kind = self._pack.kinds["crate"]
        for number, key in enumerate(self.ids):
            rare = number % self._nth_entity == 0
            draw = self._chance
            fields: dict[str, Plain] = {"name": f"Crate {number}"}
            fields |= {"weight": draw.randrange(1000), "worth": draw.randrange(1000)}
            if rare or draw.random() < 0.5:
                fields["place"] = self._place(rare=rare)
            if draw.random() < 0.3:
                fields["note"] = draw.randbytes(100).hex()
            entity, batch = Entity(key, "crate", fields), Batch()
            held = held_after(kind, None, entity, self._world.position, MOMENT)
            write_entities(batch, self._world.id, self._pack, {}, {key: held})
            for writes in batch.tables:
                shape = writes.shape
                for row in writes.new if shape.name != "entity_texts" else ():
                    stored = [to_json(value) if isinstance(value, dict | list | tuple) else value for value in row]
                    yield shape.model, dict(zip(shape.names, stored, strict=True))

    def events(self) -> Iterator[tuple[type[DeclarativeBase], Row]]:
        """Yield the rows of all events, each with its table. Three in ten have a second part, for readers alone."""
        draw = self._chance
        for number in range(self._events):
            rare = number % self._nth_event == 0
            head, second = draw.choice(self._contents)
            groups = [self._place(rare=rare)] if rare or draw.random() < 0.5 else []
            target = draw.choice(self._rare_ids if rare else self.ids)
            key = self._id(number)
            parts = [(head, [_READER, *(f"group:{one}" for one in groups)])]
            parts += [(second, [_READER])] if draw.random() < 0.3 and groups else []
            for facet, (content, keys) in enumerate(parts):
                place = {"world": self._world.id, "position": self._world.position + 1 + number, "facet": facet}
                told = content.replace(_PLACEHOLDER["id"], key).replace(_PLACEHOLDER["target"], target)
                yield EventFacetRow, {**place, "content": told, "keys": to_json(sorted(keys))}
                for one in keys:
                    yield EventAudienceRow, {**place, "key": pack_key(one)}

    def _place(self, *, rare: bool) -> str:
        return self._chance.choice(self._world.rare if rare else self._world.places)

    def _id(self, number: int) -> str:
        bits = (_FIRST_MILLISECOND + number) << 80 | 7 << 76 | 0b10 << 62
        return str(UUID(int=bits | self._chance.getrandbits(62)))

    def _template(self) -> tuple[str, str]:
        """Return the contents of an event's two parts, with words for the ids in them."""
        change = Change(_PLACEHOLDER["target"], "crate", "weight", self._chance.randrange(1000), 7)
        note = Change(_PLACEHOLDER["target"], "crate", "note", None, self._chance.randbytes(50).hex())
        head, second = facets_of(
            Event(
                id=_PLACEHOLDER["id"], position=1, type="crate.moved", recorded_at=MOMENT, correlation="", depth=1,
                pack="", principal_kind="person", principal=self._world.rare[0], credential=None,
                keys=frozenset({"head"}), target=_PLACEHOLDER["target"],
                changes=(
                    Recorded(change, frozenset({"head"}), frozenset({"head"})),
                    Recorded(note, frozenset({"second"}), frozenset({"second"})),
                ),
                pattern="Somebody moves a crate: {words}", arguments={"words": self._chance.randbytes(50).hex()},
            )
        )  # fmt: skip
        return to_json(head.content), to_json(second.content)
