"""Reads a world's log for what is to be erased of a person, holding up nobody; what is found is erased elsewhere."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reality_engine.db.unit import ReadUnit
from reality_engine.erasure.belonging import Belonging, Run
from reality_engine.erasure.speech import Speech, Values
from reality_engine.erasure.voice import Voice, voice_of
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.erased import Missing
from reality_engine.eventlog.reading import Stored
from reality_engine.kernel.json import decode
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack


class _Read(NamedTuple):
    position: int
    tree: Any
    private: Any
    body: bytes


@dataclass
class Scan:
    """What is known of one person in one world, up to the event at `position`.

    `drops` are the commitments that are still to be dropped of what they said, by position; `ids` the events from which
    anything is to be dropped; `missing` is what was gone when it was read. `moved` is where an event last moved the
    audiences of others.
    """

    world: str
    person: str
    cache: PackCache
    values: Values
    position: int = 0
    drops: dict[int, set[str]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    missing: Missing = field(default_factory=Missing)
    packs: dict[str, CompiledPack] = field(default_factory=dict)
    turns: list[int] = field(default_factory=list)
    moved: int = 0
    belonging: Belonging = field(init=False)
    _speech: Speech = field(init=False)
    _voices: dict[str, Voice] = field(default_factory=dict)
    _pack: str = ""
    _present: CompiledPack | None = None
    _set: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.belonging = Belonging(self.person, self._personal)
        self._speech = Speech(self.person, self.belonging.entities, self.values, self._voices.get)

    async def read_on(self, unit: ReadUnit) -> None:
        """Read what follows in the log, which the unit must see at one moment: first for values, then for speech."""
        begin, known = self.position, len(self.belonging.ended)
        present = (await eventlog.get_head(unit, self.world)).pack
        self._present = await packs.load(unit, present, self.cache)
        async for page in self._pages(unit, begin):
            await asyncio.to_thread(self._belong, page)
        for run in (*self.belonging.ended[known:], *self.belonging.standing()):
            self._speech.wrote.add(run.action)
            self._set.update(position for position, _ in run.places)
            self.values.add(run.value)
        async for page in self._pages(unit, begin):
            await asyncio.to_thread(self._hear, page)

    def history(self, entities: Iterable[str]) -> set[int]:
        """Return the places of the events that make entities what they are, and of those at which packs turned."""
        return {*self.turns, *(place for key in entities for place in self.belonging.places[key])}

    async def _pages(self, unit: ReadUnit, after: int) -> Any:
        while True:
            rows = await eventlog.stored_page(unit, self.world, after, eventlog.PAGE)
            page = await asyncio.to_thread(_decoded, rows)
            for digest in {one.tree["pack"] for one in page} - self.packs.keys():
                pack = self.packs[digest] = await packs.load(unit, digest, self.cache)
                self._voices[digest] = voice_of(pack, self._present)
            yield page
            if len(rows) < eventlog.PAGE:
                return
            after = rows[-1][0]

    def _personal(self, pack: str, kind: str) -> Collection[str]:
        """Return the fields of a kind that are personal, by the pack of an event or by that of now."""
        kinds = [one.kinds.get(kind) for one in (self.packs[pack], self._present) if one is not None]
        return {name for one in kinds if one is not None for name, field in one.fields.items() if field.personal}

    def _belong(self, page: Iterable[_Read]) -> None:
        for position, tree, private, _ in page:
            self.belonging.play(position, tree, private)
            if tree["pack"] != self._pack:
                self.turns.append(position)
                self._pack = tree["pack"]
            if tree.get("moved"):
                self.moved = position
            self.position = position

    def _hear(self, page: Iterable[_Read]) -> None:
        for position, tree, private, body in page:
            self.missing.count(tree, body, private)
            if private and (said := self._speech.to_erase(tree, private)):
                self.drops[position] = said
            if position in self.drops or position in self._set:
                self.ids[tree["id"]] = position


def places_of(runs: Iterable[Run]) -> Mapping[int, set[str]]:
    """Return the commitments of values, by position."""
    drops: dict[int, set[str]] = defaultdict(set)
    for run in runs:
        for position, key in run.places:
            if key is not None:
                drops[position].add(key)
    return drops


def _decoded(rows: Iterable[Stored]) -> list[_Read]:
    return [_read(row) for row in rows]


def _read(row: Stored) -> _Read:
    private: Any = decode(row[6])
    return _Read(row[0], decode(row[5]), private, row[5])
