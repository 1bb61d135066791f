"""The kinds of the example pack and a small world of them, as expressions see them; not the pack itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reality_engine.expressions.bindings import UNSET, Found, Path
from reality_engine.expressions.environment import Environment
from reality_engine.expressions.types import (
    BOOLEAN,
    DURATION,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    Shapes,
    entity_of,
    list_of,
    map_of,
    record_of,
    ref_to,
)
from reality_engine.kernel.json import Plain

SHAPES = Shapes(
    kinds={
        "faction": {
            "name": TEXT,
            "plan": INTEGER,
            "plot": TEXT,
            "due": TIMESTAMP,
            "pace": DURATION,
            "data": JSON,
            "scores": list_of(NUMBER),
            "days": list_of(TIMESTAMP),
            "labels": map_of(TEXT),
            "entries": list_of(record_of(amount=INTEGER, at=TIMESTAMP, tags=map_of(TEXT))),
        },
        "character": {
            "name": TEXT,
            "faction": ref_to("faction"),
            "mentor": ref_to("character"),
            "friends": list_of(ref_to("character")),
            "coin": INTEGER,
            "weight": NUMBER,
            "stress": INTEGER,
            "secret": TEXT,
            "broken": BOOLEAN,
            "joined": TIMESTAMP,
        },
    },
    unique=frozenset({("faction", "name")}),
)

VARIABLES = {
    "actor": entity_of("character"),
    "target": entity_of("faction"),
    "hero": entity_of("character"),
    "entity": entity_of("faction"),
    "self": entity_of("character"),
    "input": record_of(
        name=TEXT, faction=ref_to("faction"), effort=INTEGER, share=NUMBER, who=ref_to("character"), words=list_of(TEXT)
    ),
    "me": record_of(id=TEXT, name=TEXT, roles=list_of(TEXT), member=BOOLEAN, admin=BOOLEAN),
    "now": TIMESTAMP,
}

HARBOR = Environment(SHAPES, VARIABLES)

KNIVES, GULLS, MIRA, TAM = "id-knives", "id-gulls", "id-mira", "id-tam"
ENTITIES: Mapping[str, Mapping[str, Plain]] = {
    KNIVES: {
        "kind": "faction",
        "name": "Knives",
        "plan": 3,
        "due": "2026-05-02T00:00:00.000000Z",
        "pace": "5400s",
        "data": {"deep": {"er": [1, 2.5, None]}},
        "scores": [1.5, 2],
        "days": ["2026-05-02T00:00:00.000000Z"],
        "labels": {"dock": "north"},
        "entries": [{"amount": 2, "at": "2026-05-02T00:00:00.000000Z"}, {"amount": 3, "tags": {"a": "b"}}],
    },
    GULLS: {"kind": "faction", "name": "Gulls"},
    MIRA: {
        "kind": "character",
        "owner": "user-1",
        "name": "Mira",
        "faction": KNIVES,
        "mentor": TAM,
        "friends": [TAM],
        "coin": 2,
        "stress": 9,
        "weight": 1.5,
        "joined": "2026-04-01T00:00:00.000000Z",
    },
    TAM: {"kind": "character", "name": "Tam", "faction": KNIVES, "coin": 0, "stress": 1, "weight": 2},
}


@dataclass
class World:
    """Bindings over a mapping of entities: `entities` are the variables bound to ids, `values` all others."""

    values: Mapping[Path, Plain] = field(default_factory=dict)
    entities: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, Mapping[str, Plain]] = field(default_factory=lambda: ENTITIES)

    def value(self, path: Path) -> Found:
        """Return what a path holds."""
        if path[0] in self.entities:
            return self.walk(self.entities[path[0]], path[1:])
        held = next((path[:cut] for cut in range(len(path), 0, -1) if path[:cut] in self.values), None)
        if held is None:
            return UNSET
        return self._onward(self.values[held], path[len(held) :])

    def fields(self, name: str) -> Mapping[str, Plain]:
        """Return what is below a variable."""
        below = {path[1]: held for path, held in self.values.items() if len(path) > 1 and path[0] == name}
        return {**self.things.get(self.entities.get(name, ""), {}), **below}

    def entity(self, path: Path) -> str | None:
        """Return the id of the entity a path leads to."""
        if path[1:] == () and path[0] in self.entities:
            return self.entities[path[0]]
        found = self.value(path)
        return found if isinstance(found, str) else None

    def walk(self, entity: str, path: Path) -> Found:
        """Return what a path from an entity holds."""
        if path[0] == "id":
            return entity
        fields = self.things.get(entity, {})
        return self._onward(fields[path[0]], path[1:]) if path[0] in fields else UNSET

    def find(self, kind: str, field: str, key: Plain) -> str | None:
        """Return the id of the entity with this value."""
        matching = (id_ for id_, of in self.things.items() if of["kind"] == kind and of.get(field) == key)
        return next(matching, None)

    def referring(self, entity: str, kind: str, field: str) -> Sequence[Mapping[str, Plain]]:
        """Return the entities that refer to this one."""
        found = sorted(id_ for id_, of in self.things.items() if of["kind"] == kind and of.get(field) == entity)
        return [{**self.things[id_], "id": id_} for id_ in found]

    def _onward(self, found: Plain, path: Path) -> Found:
        if not path:
            return found
        return self.walk(found, path) if isinstance(found, str) else UNSET


EVENING = World(
    values={
        ("input", "name"): "Knives",
        ("input", "faction"): KNIVES,
        ("input", "effort"): 2,
        ("input", "share"): 3,
        ("input", "who"): MIRA,
        ("input", "words"): ["a", "b"],
        ("me", "id"): "user-1",
        ("me", "name"): "Ann",
        ("me", "roles"): ["player"],
        ("me", "member"): True,
        ("me", "admin"): False,
        ("now",): "2026-05-01T18:30:15.250000Z",
    },
    entities={"actor": MIRA, "target": KNIVES, "hero": MIRA, "entity": KNIVES, "self": MIRA},
)


def give(source: str, world: World = EVENING) -> Plain:
    """Compile and evaluate."""
    return HARBOR.expression(source).evaluate(world)
