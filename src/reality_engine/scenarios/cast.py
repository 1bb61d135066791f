"""Who is who in a test: names for people and entities, and the ids behind them; not what happens to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.ids import WORLD_ENTITY, new_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import ANONYMOUS, WORLD, Principal, PrincipalKind
from reality_engine.packs.compiled import FieldType
from reality_engine.scenarios.outcome import FailureError
from reality_engine.state.entity import Entity

_EVERYBODY: Final = {"world": WORLD, "anyone": ANONYMOUS}


@dataclass
class Cast:
    """People, entities and events by name."""

    people: dict[str, Principal] = field(default_factory=lambda: dict(_EVERYBODY))
    entities: dict[str, str] = field(default_factory=lambda: {"world": WORLD_ENTITY})
    events: dict[str, str] = field(default_factory=dict)

    def admit(self, name: str, moment: datetime) -> Principal:
        """Make up a person."""
        person = Principal(PrincipalKind.PERSON, new_id(moment, SeededChance(name.encode())), name)
        self.people[name] = person
        return person

    def person(self, name: str, *steps: str | int) -> Principal:
        """Return the person of a name."""
        if name not in self.people:
            raise FailureError(f"there is nobody called '{name}'{_near(name, self.people)}", *steps)
        return self.people[name]

    def entity(self, name: str, *steps: str | int) -> str:
        """Return the id of the entity of a name; for a member's name that is their membership."""
        if name not in self.entities:
            hint = _near(name, self.entities) or "; give it a name by bind, or by names under given"
            raise FailureError(f"nothing is called '{name}' here{hint}", *steps)
        return self.entities[name]

    def meant(self, value: Plain, kind: FieldType | None) -> Plain:
        """Put ids in place of names: `@name` for a person, a bare name where a ref or an event is wanted."""
        if isinstance(value, list):
            return [self.meant(item, kind.of if kind else None) for item in value]
        if isinstance(value, dict):
            inner = dict(kind.fields) if kind else {}
            return {key: self.meant(item, inner.get(key, kind.of if kind else None)) for key, item in value.items()}
        if isinstance(value, str) and value.startswith("@") and value[1:] in self.people:
            return self.people[value[1:]].id
        if isinstance(value, str) and kind is not None and kind.base == "ref":
            return self.entities.get(value, value)
        if isinstance(value, str) and kind is not None and kind.base == "event":
            return self.events.get(value, value)
        return value

    def shown(self, value: Plain) -> str:
        """Write a value with names in place of the ids they stand for."""
        names = {key: name for name, key in self.entities.items()}
        names |= {person.id: f"@{name}" for name, person in self.people.items() if person.id}
        if isinstance(value, str) and value in names:
            return names[value]
        if isinstance(value, list):
            return f"[{', '.join(self.shown(item) for item in value)}]"
        return "no value" if value is None else repr(value)


def matching(wanted: Mapping[str, Plain], kind: str, entities: Mapping[str, Entity]) -> list[str]:
    """Return the ids of the live entities of a kind that have these values."""
    return [
        each.id
        for each in entities.values()
        if each.kind == kind and each.live and all(each.get(name) == value for name, value in wanted.items())
    ]


def _near(name: str, names: Mapping[str, object]) -> str:
    near = get_close_matches(name, names, 1)
    return f"; did you mean '{near[0]}'?" if near else ""
