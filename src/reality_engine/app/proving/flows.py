"""Tells why what a viewer sees has come to differ: by a rule, by what a rule declares, by chance, or by audiences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reality_engine.app.proving.finding import Finding, Outcome
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.record import Record
from reality_engine.app.proving.reference import Sight, events_seen, sight_of
from reality_engine.app.proving.renaming import Renaming
from reality_engine.app.proving.steps import BOTH, WorldName
from reality_engine.eventlog.event import Event
from reality_engine.kernel.json import decode, encode
from reality_engine.packs.compiled import Action, CompiledPack, Reaction
from reality_engine.rules.decision import Decision, Refused
from reality_engine.rules.undoable import UNDO
from reality_engine.visibility.audience import Scope

Events: TypeAlias = Mapping[WorldName, Sequence[Event]]
# Which part of an action says no, by the code of its refusal; codes that are no rule's come from the engine.
_PARTS: Final = {
    "denied": "allow", "requirement_failed": "require", "approval_required": "approval", "out_of_bounds": "effects",
    "not_unique": "effects", "no_value": "effects", "evaluation_failed": "effects", "empty_list": "effects",
    "invariant_broken": "effects", "limit_exceeded": "effects", "built_upon": "effects", "already_undone": "effects",
}  # fmt: skip
_EVERYTHING: Final = Scope(frozenset(), everything=True, member=True)


@dataclass(frozen=True)
class Before:
    """A viewer to whom the two worlds were alike, what they could see of them, and their names for it."""

    viewer: Person
    sights: Mapping[WorldName, Sight]
    names: Mapping[WorldName, Renaming]

    def shown(self, records: Mapping[WorldName, Record], new: Events) -> dict[WorldName, list[tuple[Event, str]]]:
        """Return what they see of new events with the keys that they held before, without tokens."""
        found: dict[WorldName, list[tuple[Event, str]]] = {}
        for name in BOTH:
            names = self.names[name].copy()
            sight = sight_of(records[name], self.viewer.principal, self.sights[name].scope)
            sight = sight if self.sights[name].enters else Sight(self.viewer.principal, Scope(frozenset()))
            seen = ((event, events_seen([event], sight, records[name])) for event in new[name])
            found[name] = [(event, names.rename(_text(shown))) for event, shown in seen if shown]
        return found


def flow_between(
    key: int, before: Before, pack: CompiledPack, records: Mapping[WorldName, Record], new: Events
) -> Finding:
    """Explain why the worlds, alike to a viewer until then, differ to them after what happened in both."""
    shown = before.shown(records, new)
    plain = {name: "\n".join(text for _, text in shown[name]) for name in BOTH}
    found = Finding(Outcome.OPENED, key, before.viewer.name, plain["A"], plain["B"], plain)
    if plain["A"] == plain["B"]:
        return found
    if _discloses(pack, new):
        return found.by(Outcome.DISCLOSED)
    told = _first_difference(shown)
    if _rolls(shown["A"]) != _rolls(shown["B"]):
        return found.by(Outcome.CHANCE)
    if _whole(before, records["A"], new["A"], "A") == _whole(before, records["B"], new["B"], "B"):
        return found
    return found.by(Outcome.LEAK, *_rule_of(told, [*new["A"], *new["B"]], _part(shown)))


def refusal_differs(found: Finding, pack: CompiledPack, action: str) -> Finding:
    """Explain why an action is refused in one of the worlds, or in both with other words."""
    known = pack.actions.get(action)
    if known is not None and _declares(pack, known):
        return found.by(Outcome.DISCLOSED)
    codes = [code for text in (found.a, found.b) for code in _codes(text)]
    part = next((_PARTS[code] for code in codes if code in _PARTS), None)
    return found.by(Outcome.LEAK, "actions", action, part) if part and known else found


def refused_alike(a: Decision | None, b: Decision | None) -> bool:
    """Say whether the rules say no to both in the same words, and for the same reasons: then none of them tells."""
    return isinstance(a, Refused) and isinstance(b, Refused) and _refusal(a) == _refusal(b)


def choices_differ(found: Finding, pack: CompiledPack) -> Finding:
    """Explain why somebody may do something in one of the worlds alone: the rule that allows it reads hidden things."""
    a, b = (_choices(text) for text in (found.a, found.b))
    names = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name) and name in pack.actions)
    if not names:
        return found
    if any(_declares(pack, pack.actions[name]) for name in names):
        return found.by(Outcome.DISCLOSED)
    return found.by(Outcome.LEAK, "actions", names[0], "allow")


def _refusal(refused: Refused) -> tuple[Any, ...]:
    return refused.code, refused.message, refused.problems, [(one.rule, one.place, one.holds) for one in refused.asked]


def _text(shown: Any) -> str:
    return encode(shown).decode()


def _discloses(pack: CompiledPack, new: Events) -> bool:
    reactions = {reaction.name: reaction for reaction in pack.reactions}
    for event in (*new["A"], *new["B"]):
        rule = pack.actions.get(event.action or "") or reactions.get(event.rule or "")
        if rule is not None and _declares(pack, rule):
            return True
    return False


def _declares(pack: CompiledPack, rule: Action | Reaction) -> bool:
    """Say whether a rule says that it discloses something; for an undo, those say it whose doings may be undone."""
    if rule.name == UNDO:
        return any(one.undo is not None and bool(one.discloses) for one in pack.actions.values())
    return bool(rule.discloses)


def _first_difference(shown: Mapping[WorldName, list[tuple[Event, str]]]) -> Event:
    for one, other in zip(shown["A"], shown["B"], strict=False):
        if one[1] != other[1]:
            return one[0]
    longer = max(shown["A"], shown["B"], key=len)
    return longer[min(len(shown["A"]), len(shown["B"]))][0]


def _part(shown: Mapping[WorldName, list[tuple[Event, str]]]) -> str:
    a, b = (decode(next(iter(_only(shown, name)), "[{}]")) for name in BOTH)
    if isinstance(a, list) and isinstance(b, list) and isinstance(a[0], dict) and isinstance(b[0], dict):
        different = {part for part in a[0].keys() | b[0].keys() if a[0].get(part) != b[0].get(part)}
        if "narrative" in different and "changes" not in different:
            return "narrative"
    return "effects"


def _only(shown: Mapping[WorldName, list[tuple[Event, str]]], name: WorldName) -> list[str]:
    other = {text for _, text in shown["B" if name == "A" else "A"]}
    return [text for _, text in shown[name] if text not in other]


def _rolls(shown: list[tuple[Event, str]]) -> list[Any]:
    return [dict(event.rolls) for event, _ in shown if event.rolls]


def _whole(before: Before, record: Record, new: Sequence[Event], name: WorldName) -> str:
    names = before.names[name].copy()
    sight = Sight(before.viewer.principal, _EVERYTHING, enters=True, entities={key: {} for key in record.entities})
    return names.rename(_text(events_seen(list(new), sight, record)))


def _rule_of(event: Event, events: Sequence[Event], part: str) -> tuple[str, ...]:
    """Return which rule made an event; one that was emitted belongs to the rule whose event caused it."""
    by_id = {one.id: one for one in events}
    found: Event | None = event
    while found is not None and not (found.action or found.rule):
        found = by_id.get(found.cause or "")
        part = "effects"
    if found is None:
        return ()
    return ("reactions", found.rule, part) if found.rule else ("actions", str(found.action), part)


def _codes(text: str) -> list[str]:
    whole = decode(text) if text[:1] == "{" else None
    if not isinstance(whole, dict):
        return []
    # Of a batch, each action has its own.
    data = whole.get("data")
    each = [whole, *(data if isinstance(data, list) else ())]
    told = [one["errors"] for one in each if isinstance(one, dict) and isinstance(one.get("errors"), list)]
    return [str(error["code"]) for errors in told for error in errors if isinstance(error, dict)]


def _choices(text: str) -> dict[str, Any]:
    whole = decode(text) if text[:1] == "{" else None
    data = whole.get("data") if isinstance(whole, dict) else None
    return {str(one.get("action")): one for one in data if isinstance(one, dict)} if isinstance(data, list) else {}
