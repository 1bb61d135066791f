"""Plays a script in two worlds and holds what each viewer is answered against what they may see; makes no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reality_engine.app.proving.asgi import Answer
from reality_engine.app.proving.finding import Finding, Outcome
from reality_engine.app.proving.flows import Before, choices_differ, flow_between, refusal_differs, refused_alike
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.reference import Sight, sight_of
from reality_engine.app.proving.renaming import Renaming
from reality_engine.app.proving.steps import BOTH, Act, Ask, Named, Step, Told, WorldName, names_in, resolved
from reality_engine.app.proving.twins import NOTHING, Twins
from reality_engine.eventlog.event import Event
from reality_engine.kernel.json import Plain

MAX_PAGES: Final = 5
Pair = dict[WorldName, str]


@dataclass(frozen=True)
class Script:
    """What is to be done in two worlds that begin with the same settings."""

    settings: Mapping[str, Plain]
    steps: Sequence[Step]


@dataclass
class Talk:
    """What one viewer was told so far by each of the worlds, and by what names they know the tokens in it."""

    viewer: Person
    names: dict[WorldName, Renaming]
    told: dict[tuple[int, str], Pair] = field(default_factory=dict)
    asked: int = 0
    # What was compared last, and whether it was alike: what is known by a name keeps it, so it stays so.
    compared: tuple[Sight, Sight, bool] | None = None


@dataclass
class Trial:
    """Two worlds under way, and a talk with each viewer who has asked something."""

    twins: Twins
    talks: dict[str, Talk] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    only: str | None = None
    # By viewer and world, with how many events had happened.
    _sights: dict[tuple[str, WorldName], tuple[int, Sight]] = field(default_factory=dict)

    @property
    def viewers(self) -> list[Person]:
        """Those from whom anything can be hidden; `only` the one of this name, where one is named."""
        people = self.twins.people.values()
        return [one for one in people if not one.sees_everything and self.only in (None, one.name)]

    async def play(self, steps: Sequence[Step]) -> Finding | None:
        """Play steps until something is found that is not as it should be."""
        for step in steps:
            found = await (self.act(step) if isinstance(step, Act) else self.ask(step))
            if found is not None and found.outcome is Outcome.LEAK:
                return found
        return None

    def sights(self, viewer: Person) -> dict[WorldName, Sight]:
        """Return what a viewer may see of either world now."""
        return {name: self._sight(viewer, name) for name in BOTH}

    def _sight(self, viewer: Person, name: WorldName) -> Sight:
        record = self.twins[name].record
        known = self._sights.get((viewer.name, name))
        if known is None or known[0] != len(record.events):
            known = len(record.events), sight_of(record, viewer.principal)
            self._sights[viewer.name, name] = known
        return known[1]

    def fresh_names(self) -> dict[WorldName, Renaming]:
        """Return names for a viewer who knows nothing of the worlds but who there is."""
        people = [person.principal.id for person in self.twins.people.values() if person.principal.id]
        names = {name: Renaming(people) for name in BOTH}
        for name in BOTH:
            names[name].rename(self.twins[name].id)
        return names

    def talk(self, viewer: Person) -> Talk:
        """Return the talk with a viewer."""
        if viewer.name not in self.talks:
            self.talks[viewer.name] = Talk(viewer, self.fresh_names())
        return self.talks[viewer.name]

    def alike(self, viewer: Person, sights: Mapping[WorldName, Sight]) -> bool:
        """Say whether a viewer may see the same in both worlds; their talk goes on with these names if so."""
        talk, known = self.talk(viewer), self.talk(viewer).compared
        if known is None or known[0] is not sights["A"] or known[1] is not sights["B"]:
            names = {name: talk.names[name].copy() for name in BOTH}
            same = len({names[name].rename(sights[name].text()) for name in BOTH}) == 1
            talk.names = names if same else talk.names
            known = talk.compared = sights["A"], sights["B"], same
        return known[2]

    async def act(self, act: Act) -> Finding | None:
        """Let somebody act; finds what the pack's rules tell of hidden things to those who saw the same before."""
        before = self._before() if act.alike else []
        counts = {name: len(self.twins[name].record.events) for name in BOTH}
        await self.twins.perform(act)
        new = {name: self.twins[name].record.events[counts[name] :] for name in BOTH}
        for each in before if new["A"] and new["B"] else ():
            found = self._judged(act.key, each, new)
            if found is not None and found.outcome is Outcome.LEAK:
                return found
        return None

    def _before(self) -> list[Before]:
        found = []
        for viewer in self.viewers:
            sights = self.sights(viewer)
            if self.alike(viewer, sights):
                found.append(Before(viewer, sights, self.talk(viewer).names))
        return found

    def _judged(self, key: int, before: Before, new: dict[WorldName, list[Event]]) -> Finding | None:
        """Say what came of an action for a viewer to whom the worlds were alike, None where they still are."""
        if self.alike(before.viewer, self.sights(before.viewer)):
            return None
        records = {name: self.twins[name].record for name in BOTH}
        return self._count(flow_between(key, before, self.twins.pack, records, new))

    def _count(self, found: Finding) -> Finding:
        self.counts[found.outcome.value] = self.counts.get(found.outcome.value, 0) + 1
        return found

    async def ask(self, ask: Ask) -> Finding | None:
        """Send a viewer's request to both worlds and compare the answers, where the worlds are alike to them."""
        viewer = self.twins.people[ask.who]
        sights = self.sights(viewer)
        if not self.alike(viewer, sights) or not self._same_names(ask):
            return self._count(Finding(Outcome.UNLIKE, ask.key, viewer.name))
        self.twins.house.turn(ask.key)
        before = Before(viewer, sights, self.talk(viewer).names)
        counts = {name: len(self.twins[name].record.events) for name in BOTH}
        found = await self._pages(ask)
        new: dict[WorldName, list[Event]] = {name: [] for name in BOTH}
        if ask.changes:
            for name in BOTH:
                await self.twins.catch_up(name, ask.key)
                new[name] = self.twins[name].record.events[counts[name] :]
            judged = self._judged(ask.key, before, new)
            if judged is not None:
                return judged if found is None else self._told(ask, judged.told(found))
        return self._explained(ask, before, found) if found is not None else None

    async def _pages(self, ask: Ask) -> Finding | None:
        query = dict(ask.query)
        for page in range(MAX_PAGES if ask.follow else 1):
            answers = {name: await self._send(ask, query, name) for name in BOTH}
            found = self._compared(ask, answers, page)
            if found is not None:
                return found
            if (ask.key, "next") not in self.talk(self.twins.people[ask.who]).told:
                break
            query = {**query, "cursor": Told(ask.key, "next")}
            query.pop("offset", None)
        return None

    async def _send(self, ask: Ask, query: Mapping[str, object], name: WorldName) -> Answer:
        def meaning(named: Named) -> str:
            return self._meaning(named, name, ask.who)

        parts = {key: resolved(value, meaning) for key, value in ask.parts.items()}
        path = ask.path.replace("{world}", self.twins[name].id)
        for key, value in parts.items():
            path = path.replace("{" + key + "}", str(value))
        sent, headers, body = resolved([dict(query), dict(ask.headers), ask.body], meaning)
        return await self.twins.house.send(self.twins.people[ask.who], ask.method, path, sent, headers, body)

    def _compared(self, ask: Ask, answers: dict[WorldName, Answer], page: int) -> Finding | None:
        talk = self.talk(self.twins.people[ask.who])
        talk.asked += 1
        shown = {name: talk.names[name].rename(answers[name].whole) for name in BOTH}
        for what in ("next", "cursor", "etag"):
            talk.told.pop((ask.key, what), None)
        if shown["A"] == shown["B"]:
            self._keep(talk, ask.key, answers)
            return None
        return Finding(Outcome.LEAK, ask.key, ask.who, answers["A"].text, answers["B"].text, shown, page=page)

    def _keep(self, talk: Talk, key: int, answers: dict[WorldName, Answer]) -> None:
        told = {name: _tokens(answer) for name, answer in answers.items()}
        for what in told["A"]:
            talk.told[key, what] = {name: told[name].get(what, NOTHING) for name in BOTH}

    def _meaning(self, named: Named, world: WorldName, who: str) -> str:
        if isinstance(named, Told):
            return self.talk(self.twins.people[who]).told.get((named.step, named.what), {}).get(world, NOTHING)
        return self.twins.meaning(named, world)

    def _same_names(self, ask: Ask) -> bool:
        """Say whether all that is named means the same to the viewer in both worlds, so that the same is asked."""
        names = self.talk(self.twins.people[ask.who]).names
        return all(
            names["A"].number(self._meaning(named, "A", ask.who))
            == names["B"].number(self._meaning(named, "B", ask.who))
            for named in names_in([ask.parts, ask.query, ask.headers, ask.body])
        )

    def _explained(self, ask: Ask, before: Before, found: Finding) -> Finding:
        """Say whether a difference comes of what a rule declares, of what a rule does not, or of the engine."""
        if ask.path.endswith(("/allowed", "/actions")) and ask.method == "GET":
            return self._count(choices_differ(found, self.twins.pack))
        if ask.method != "GET":
            return self._count(self._of_rules(ask, before, found))
        return self._count(found)

    def _of_rules(self, ask: Ask, before: Before, found: Finding) -> Finding:
        wish = ask.wish
        action = str(ask.parts.get("action", ""))
        act = Act(ask.key, ask.who, action, wish.get("actor"), wish.get("target"), wish.get("input", {}))
        records = {name: self.twins.foreseen(act, name) for name in BOTH}
        if records["A"] is None or records["B"] is None:
            decided = [self.twins.decided(act, name, explain=True) for name in BOTH]
            return found if refused_alike(*decided) else refusal_differs(found, self.twins.pack, action)
        after = {name: sight_of(record, before.viewer.principal) for name, record in records.items() if record}
        names = {name: before.names[name].copy() for name in BOTH}
        if names["A"].rename(after["A"].text()) == names["B"].rename(after["B"].text()):
            return found
        known = {name: len(self.twins[name].record.events) for name in BOTH}
        new = {name: record.events[known[name] :] for name, record in records.items() if record}
        whole = {name: record for name, record in records.items() if record}
        return flow_between(ask.key, before, self.twins.pack, whole, new).told(found)

    def _told(self, ask: Ask, judged: Finding) -> Finding:
        """Blame the part that refuses, where the action happened in one of the worlds alone."""
        if judged.outcome is not Outcome.LEAK:
            return judged
        refused = refusal_differs(judged, self.twins.pack, str(ask.parts.get("action", "")))
        return refused if refused.outcome is not Outcome.LEAK or refused.rule != judged.rule else judged


def _tokens(answer: Answer) -> dict[str, str]:
    told: dict[str, str] = {}
    whole = answer.json
    meta = whole.get("meta") if isinstance(whole, dict) else None
    if isinstance(meta, dict):
        told |= {what: str(meta[what]) for what in ("next", "cursor") if meta.get(what)}
    tag = answer.header("etag")
    return told | ({"etag": tag} if tag else {})
