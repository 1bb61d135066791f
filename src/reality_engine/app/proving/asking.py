"""Makes up what a viewer asks, over every endpoint that there is; also for what they cannot know is there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reality_engine.app.proving.acting import Acting
from reality_engine.app.proving.endpoints import ROOT, Endpoint, Parameter, UnknownParameterError
from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.filters import Filters
from reality_engine.app.proving.hidden import Hidden
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.reference import Sight
from reality_engine.app.proving.steps import BOTH, Ask, Happened, Made, Step, Told
from reality_engine.app.proving.trial import Trial
from reality_engine.app.proving.twins import NOTHING
from reality_engine.packs.compiled import CORE_KINDS, Kind

BATCH: Final = f"{ROOT}/actions/batch"
_GARBAGE: Final = "garbage"
_OPTIONAL: Final = 25
_OFTEN: Final = {
    "kind": 97,
    "limit": 60,
    "total": 50,
    "X-View-As": 3,
    "cursor": 15,
    "as_of": 12,
    "keys": 4,
    "actor": 40,
}
# What a list is looked through by: mostly one of them, since with several one hides what another would tell.
_LENSES: Final = (("filter", 35.0), ("sort", 20.0), ("q", 20.0), ("fields", 5.0), ("", 20.0))
_BY_FIELDS: Final = ("filter", "sort")
_SECOND: Final = 7
# What lists or shows things has more to tell than the rest.
_WEIGHTS: Final = (("/entities", 9.0), ("/entities/{entity}", 4.0), ("/feed", 4.0))


@dataclass
class Asking:
    """Makes up the requests of one viewer."""

    trial: Trial
    picker: Picker
    endpoints: Sequence[Endpoint]
    acting: Acting
    viewer: Person
    hidden: Hidden
    last: Ask | None = None

    def ask(self, key: int, endpoint: Endpoint | None = None) -> Ask:
        """Return a request to read something."""
        chosen = endpoint or self.picker.weighted([(one, _weight(one)) for one in self.endpoints])
        sight = self.trial.sights(self.viewer)["A"]
        parts: dict[str, Any] = {}
        query: dict[str, Any] = {}
        headers: dict[str, Any] = {}
        lens = self.picker.weighted(_LENSES)
        wanted = [one for one in chosen.parameters if one.required or self.picker.often(_percent(one.name, lens))]
        kind = self.kind(sight, lens)
        for parameter in wanted:
            value = self._value(parameter, sight, kind, chosen.path)
            if value is not None:
                {"path": parts, "query": query, "header": headers}.get(parameter.place, {})[parameter.name] = value
        if "offset" in query and "cursor" in query:
            del query["cursor" if self.picker.often(80) else "offset"]
        follow = "limit" in query and self.picker.often(40)
        self.last = Ask(key, self.viewer.name, "GET", chosen.path, parts, query, headers, follow=follow)
        return self.last

    def act(self, key: int, *, preview: bool) -> Ask | None:
        """Return a request to act, at times in a batch, or to say what acting would come to."""
        ask = self._acting(key, preview=preview)
        return self._batched(ask) if ask is not None and not preview and self.picker.often(20) else ask

    def _acting(self, key: int, *, preview: bool) -> Ask | None:
        act = self.acting.act(key, self.viewer)
        if act is None:
            return None
        body = {"actor": act.actor, "target": act.target, "input": dict(act.inputs)}
        sent = {name: value for name, value in body.items() if value is not None}
        path = f"{ROOT}/actions/{{action}}" + ("/preview" if preview else "")
        query = {"explain": True} if self.picker.often(40) else {}
        ask = Ask(key, self.viewer.name, "POST", path, {"action": act.action}, query, body=sent)
        tagged = self.earlier("etag")
        if act.target is not None and tagged is not None and self.picker.often(25):
            return replace(ask, headers={"if-match": tagged})
        return ask

    def _batched(self, ask: Ask) -> Ask:
        """Return the same wish in a batch, alone where that is atomic: so what it comes to is what it does."""
        guard = {"if_match": ask.headers["if-match"]} if ask.headers else {}
        wish = {**ask.wish, "action": ask.parts["action"], **guard}
        atomic = self.picker.often(50)
        actions = [wish] if atomic else [wish, {"action": "nothing"}]
        return replace(ask, path=BATCH, query={}, headers={}, body={"atomic": atomic, "actions": actions})

    def again(self, keys: Iterator[int]) -> list[Step]:
        """Return requests that ask the same twice, before and after something that may make no difference to it."""
        looking = self.ask(next(keys)) if self.last is None else self.last
        named = looking.parts.get("entity")
        near = named if isinstance(named, Made) and named.world is None else None
        hidden = self.acting.different(next(keys), near)
        if hidden is None:
            return []
        before = [looking] if self.last is None else []
        return [*before, hidden, replace(looking, key=next(keys))]

    def conflict(self, keys: Iterator[int]) -> list[Step]:
        """Return requests of which the last one acts on what it has seen before it changed, and asks what happened."""
        acting = self._acting(next(keys), preview=False)
        target = None if acting is None or acting.body is None else acting.body.get("target")
        if acting is None or target is None:
            return []
        looking = Ask(next(keys), self.viewer.name, "GET", f"{ROOT}/entities/{{entity}}", {"entity": target})
        hidden = self.acting.different(next(keys))
        tag = {"if-match": Told(looking.key, "etag")}
        body = {**(acting.body or {}), "since": Told(looking.key, "cursor")}
        first, second = replace(acting, key=next(keys)), replace(acting, key=next(keys), headers=tag, body=body)
        return [looking, *([hidden] if hidden else []), first, second]

    def _value(self, parameter: Parameter, sight: Sight, kind: str, path: str) -> Any:
        about = _About(self, sight, kind, path)
        maker = _MAKERS.get(parameter.name)
        return by_schema(parameter, self.picker) if maker is None else maker(about)

    def kind(self, sight: Sight, lens: str = "") -> str:
        """Return the name of a kind, mostly one of which something hidden differs; for an order of what is seen."""
        seen = [str(one["kind"]) for one in sight.entities.values()]
        own = [name for name in self.trial.twins.pack.kinds if name not in CORE_KINDS]
        near = sorted(self.hidden.fields | self.hidden.entities)
        alone, differing = sorted(self.hidden.entities & set(seen)), sorted(self.hidden.fields & set(seen))
        if lens in _BY_FIELDS and differing and self.picker.often(60):
            return self.picker.one(differing)
        for mixed in (alone, differing) if self.picker.often(40) else (differing, alone):
            if mixed and self.picker.often(50):
                return self.picker.one(mixed)
        if near and self.picker.often(60):
            return self.picker.one(near)
        if seen and self.picker.often(40):
            return self.picker.one(seen)
        return self.picker.one([*own, *own, *own, "member", "world", "nothing"])

    def entity(self, sight: Sight) -> Any:
        """Return the id of something that is seen, or of something that is hidden, in this world or in the other."""
        seen = [self.trial.twins["A"].names[key] for key in sight.entities]
        if self.hidden.seen and self.picker.often(40):
            return self.picker.one(self.hidden.seen)
        if seen and self.picker.often(65):
            return self.picker.one(seen)
        hidden = [
            replace(named, world=name)
            for name in BOTH
            for key, named in self.trial.twins[name].names.items()
            if key not in sight.entities
        ]
        return self.picker.one(hidden) if hidden and self.picker.often(90) else self.picker.one((NOTHING, _GARBAGE))

    def event(self, sight: Sight) -> Any:
        """Return the id of an event that is seen, or of one that is not."""
        name = self.picker.one(BOTH)
        happened = self.trial.twins[name].happened
        every = [Happened(step, number, name) for step, ids in happened.items() for number in range(len(ids))]
        shown = {str(event["id"]) for event in sight.events}
        seen = [one for one in every if self.trial.twins.meaning(one, name) in shown]
        if seen and self.picker.often(60):
            return replace(self.picker.one(seen), world=None)
        return self.picker.one(every) if every and self.picker.often(90) else self.picker.one((NOTHING, _GARBAGE))

    def type(self) -> str:
        """Return a type of event that occurs, or that does not."""
        events = [event.type for name in BOTH for event in self.trial.twins[name].record.events]
        return self.picker.one([*events, "nothing"])

    def moment(self) -> Any:
        """Return a moment: mostly the cursor of an earlier answer, else a time, or what is neither."""
        told = self.earlier("cursor")
        if told is not None and self.picker.often(85):
            return told
        return f"2026-05-01T12:00:0{self.picker.below(10)}Z" if self.picker.often(70) else _GARBAGE

    def earlier(self, what: Any) -> Told | None:
        """Return what was told in answer to an earlier request."""
        told = [key for key, kept in self.trial.talk(self.viewer).told if kept == what]
        return Told(self.picker.one(told), what) if told else None


@dataclass(frozen=True, slots=True)
class _About:
    """What the value of one parameter is made up by."""

    asking: Asking
    sight: Sight
    kind: str
    path: str

    @property
    def garbage(self) -> str | None:
        return _GARBAGE if self.asking.picker.often(20) else None

    @property
    def filters(self) -> Filters:
        return Filters(self.asking.picker, self.asking.trial.twins, self.asking.hidden.names)

    @property
    def known(self) -> Kind | None:
        return self.asking.trial.twins.pack.kinds.get("member" if self.path.endswith("/members") else self.kind)


# By the name of the parameter; others are made up by their schema alone.
_MAKERS: Final[dict[str, Callable[[_About], Any]]] = {
    "entity": lambda about: about.asking.entity(about.sight),
    "actor": lambda about: about.asking.entity(about.sight),
    "target": lambda about: about.asking.entity(about.sight),
    "member": lambda about: about.asking.entity(about.sight),
    "event": lambda about: about.asking.event(about.sight),
    "kind": lambda about: about.kind,
    "limit": lambda about: about.asking.picker.between(1, 3),
    "offset": lambda about: about.asking.picker.between(0, 3),
    "cursor": lambda about: about.asking.earlier("next") or about.garbage,
    "as_of": lambda about: about.asking.moment(),
    "from": lambda about: about.asking.moment(),
    "to": lambda about: about.asking.moment(),
    "since": lambda about: about.asking.earlier("cursor") or about.garbage,
    "filter": lambda about: about.filters.condition(about.known),
    "sort": lambda about: about.filters.order(about.known),
    "fields": lambda about: about.filters.names(about.known),
    "q": lambda about: about.filters.search(),
    "action": lambda about: about.asking.picker.one([*about.asking.trial.twins.pack.actions, "nothing"]),
    "type": lambda about: about.asking.type(),
    "If-None-Match": lambda about: about.asking.earlier("etag"),
    "If-Match": lambda about: about.asking.earlier("etag"),
    "X-View-As": lambda _: _GARBAGE,
}


def unfillable(endpoints: Sequence[Endpoint]) -> list[str]:
    """Return the parameters for which no values can be made up, with their paths: none, or the proof has a gap."""
    found = []
    for endpoint in endpoints:
        for parameter in endpoint.parameters:
            try:
                if parameter.name not in _MAKERS:
                    by_schema(parameter, Picker("any"))
            except UnknownParameterError:
                found.append(f"{endpoint.path}: {parameter.name}")
    return found


def _percent(name: str, lens: str) -> int:
    if name in dict(_LENSES):
        return 100 if name == lens else _SECOND
    return _OFTEN.get(name, _OPTIONAL)


def _weight(endpoint: Endpoint) -> float:
    return next((weight for end, weight in _WEIGHTS if endpoint.path.endswith(end)), 1.0)


def by_schema(parameter: Parameter, picker: Picker) -> Any:
    """Return a value that a schema allows; raises UnknownParameterError where that cannot be told from it."""
    schema = parameter.schema
    if "enum" in schema:
        return picker.one(schema["enum"])
    if schema.get("type") == "boolean":
        return picker.often(70)
    if schema.get("type") == "integer":
        low = int(schema.get("minimum", 0))
        return picker.between(low, min(low + 5, int(schema.get("maximum", low + 5))))
    if schema.get("format") == "date-time":
        return f"2026-05-01T12:00:0{picker.below(10)}Z"
    if schema.get("format") == "uuid":
        return NOTHING
    if not parameter.required and parameter.place == "header":
        return None
    raise UnknownParameterError(f"the proof knows no values for the parameter '{parameter.name}'")
