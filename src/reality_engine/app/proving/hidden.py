"""What differs between two worlds beside of what a viewer may see, and which requests pass by it; judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reality_engine.app.proving.reference import Sight
from reality_engine.app.proving.steps import BOTH, Ask, Made, WorldName
from reality_engine.app.proving.twins import Twins
from reality_engine.eventlog.event import Event
from reality_engine.kernel.json import Plain

FIELDS: Final = "a field of something they see"
ENTITIES: Final = "a thing that they do not see"
EVENTS: Final = "something that happened"


@dataclass
class Hidden:
    """The kinds with hidden fields that differ, the kinds with hidden entities that do, and whether events do.

    `seen` are the things that the viewer sees and of which a hidden field differs, `names` those fields by kind.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    seen: list[Made] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    events: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.entities or self.events)

    def beside(self, ask: Ask) -> set[str]:
        """Say what of this lies beside the answer to a request."""
        kinds = self._kinds(ask)
        found = {FIELDS} if self.fields & kinds else set()
        if self.entities & kinds:
            found.add(ENTITIES)
        if self.events and ("/feed" in ask.path or "/events" in ask.path or "/search" in ask.path or not kinds):
            found.add(EVENTS)
        return found

    def _kinds(self, ask: Ask) -> set[str]:
        if "kind" in ask.query:
            return {str(ask.query["kind"])}
        if ask.path.endswith("/members"):
            return {"member"}
        wish = ask.wish
        named = [value for value in (ask.parts.get("entity"), wish.get("target"), wish.get("actor")) if value]
        if named:
            return {one.kind for one in named if isinstance(one, Made)}
        return self.fields | self.entities if ask.path.endswith(("/actions", "/search")) else set()


def hidden_beside(twins: Twins, sights: Mapping[WorldName, Sight]) -> Hidden:
    """Compare all that there is in two worlds that are alike to a viewer."""
    hidden = Hidden()
    states = {name: _state(twins, name) for name in BOTH}
    for named in dict.fromkeys([*states["A"], *states["B"]]):
        if states["A"].get(named) != states["B"].get(named):
            seen = any(twins.meaning(named, name) in sights[name].entities for name in BOTH)
            (hidden.fields if seen else hidden.entities).add(named.kind)
            hidden.seen.extend([named] if seen else [])
            hidden.names.setdefault(named.kind, []).extend(_different(states, named))
    logs = [[_happened(event) for event in twins[name].record.events] for name in BOTH]
    hidden.events = logs[0] != logs[1]
    return hidden


def _state(twins: Twins, name: WorldName) -> dict[Made, Plain]:
    twin = twins[name]
    found: dict[Made, Plain] = {}
    for key, one in twin.record.entities.items():
        fields = {field: _named(twins, name, value) for field, value in one.fields.items()}
        found[twin.names[key]] = [fields, one.owner, str(one.life)]
    return found


def _different(states: Mapping[WorldName, dict[Made, Plain]], named: Made) -> list[str]:
    a, b = (states[name].get(named) for name in BOTH)
    if not isinstance(a, list) or not isinstance(b, list) or not isinstance(a[0], dict) or not isinstance(b[0], dict):
        return []
    return [name for name in {**a[0], **b[0]} if a[0].get(name) != b[0].get(name)]


def _named(twins: Twins, name: WorldName, value: Plain) -> Plain:
    if isinstance(value, str):
        return repr(twins[name].names.get(value, value))
    return value


def _happened(event: Event) -> tuple[object, ...]:
    return (event.type, event.principal, dict(event.input), event.arguments)
