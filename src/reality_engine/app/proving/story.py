"""Tells a counter-example as two short stories side by side, in the words of the pack; finds none itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reality_engine.app.proving.finding import Finding
from reality_engine.app.proving.proof import Leak
from reality_engine.app.proving.steps import BOTH, Act, Ask, Joined, Made, Named, Someone, Told, WorldName
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import decode, encode
from reality_engine.packs.loader import MAIN
from reality_engine.packs.problems import Problems
from reality_engine.packs.reader import read_source
from reality_engine.packs.source import Spot

NOTHING_HAPPENS: Final = "—"
_NAMES: Final = ("name", "title", "text")
_LONGEST: Final = 300
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One step, as it went in either world; `hidden` where the worlds differ in it, and the viewer may not know."""

    a: str
    b: str
    hidden: bool = False

    @property
    def same(self) -> bool:
        """Whether the same happened in both."""
        return self.a == self.b


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, what the viewer then did, where the answers differ, and where in the pack that comes from."""

    viewer: str
    lines: tuple[Line, ...]
    asked: str
    differences: tuple[Line, ...]
    blame: str
    place: str | None


def story_of(leak: Leak, files: Mapping[str, str], shown: str) -> Story:
    """Return the story of a leak; `shown` is what the pack's file is called."""
    telling = _Telling(leak)
    *before, last = leak.script.steps
    lines = [telling.line(step) for step in before]
    place = place_of(files, shown, leak.finding.rule)
    return Story(
        leak.finding.who, tuple(lines), telling.step(last, "A"), tuple(differences(leak.finding)),
        blame_of(leak.finding), place,
    )  # fmt: skip


def blame_of(finding: Finding) -> str:
    """Say what tells the viewer."""
    if not finding.rule:
        return "the engine itself: no rule of the pack does this"
    section, name, *part = finding.rule
    what = f"the {section.removesuffix('s')} '{name}'"
    return f"{part[0]} of {what}" if part else what


def place_of(files: Mapping[str, str], shown: str, rule: tuple[str, ...]) -> str | None:
    """Return file, line and column of a rule."""
    if not rule:
        return None
    spot = Spot(read_source(shown, files[MAIN], Problems()))
    for step in rule:
        spot /= step
    return str(spot.key)


def differences(finding: Finding) -> list[Line]:
    """Return where the two answers differ, part by part."""
    a, b = (finding.shown.get(name, "") for name in BOTH)
    (top_a, _, body_a), (top_b, _, body_b) = (text.partition("\n\n") for text in (a, b))
    if not body_a and not body_b:
        body_a, body_b, top_a, top_b = a, b, "", ""
    found = [
        Line(one, other) for one, other in _lines(top_a, top_b) if one != other and "content-length" not in one + other
    ]
    values = [decode(text) if text[:1] in ("{", "[") else text for text in (body_a, body_b)]
    found += [Line(f"{path}: {_short(one)}", f"{path}: {_short(other)}") for path, one, other in _parts("", *values)]
    return found[:_MOST] or [Line(_short(finding.a), _short(finding.b))]


def _lines(a: str, b: str) -> Iterator[tuple[str, str]]:
    one, other = a.split("\n"), b.split("\n")
    yield (f"status: {one[0]}", f"status: {other[0]}")
    for name in dict.fromkeys([*one[1:], *other[1:]]):
        key = name.partition(":")[0]
        held = [next((line for line in lines if line.startswith(f"{key}:")), NOTHING_HAPPENS) for lines in (one, other)]
        yield held[0], held[1]


def _parts(path: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any]]:
    if a == b:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            yield from _parts(f"{path}.{key}" if path else str(key), a.get(key), b.get(key))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _parts(f"{path}[{index}]", one, other)
    else:
        yield path or "answer", a, b


def _short(value: Any) -> str:
    text = NOTHING_HAPPENS if value is None else value if isinstance(value, str) else encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class _Telling:
    def __init__(self, leak: Leak) -> None:
        self._trial = leak.trial
        self._twins = leak.trial.twins

    def line(self, step: Act | Ask) -> Line:
        if isinstance(step, Ask):
            told = self.step(step, "A")
            return Line(told, told)
        a, b = (self.step(step, name) for name in BOTH)
        return Line(a, b, hidden=a != b)

    def step(self, step: Act | Ask, world: WorldName) -> str:
        if isinstance(step, Ask):
            return self._asks(step, world)
        if step.only not in (None, world):
            return NOTHING_HAPPENS
        refused = self._twins[world].outcomes.get(step.key)
        no = f" — refused: {refused}" if refused else ""
        doing = self._doing(step.action, step.actor, step.aim(world), step.given(world), world)
        return f"{step.by(world)}: {doing}{no}"

    def _doing(self, action: str, actor: Any, target: Any, inputs: Mapping[str, Any], world: WorldName) -> str:
        parts = {"actor": actor, "target": target, **inputs}
        told = [f"{name} {self._value(value, world)}" for name, value in parts.items() if value is not None]
        return f"{action}({', '.join(told)})"

    def _asks(self, ask: Ask, world: WorldName) -> str:
        if ask.body is not None:
            wish = "would" if ask.path.endswith("/preview") else "does"
            body = ask.wish
            doing = self._doing(
                str(ask.parts.get("action")), body.get("actor"), body.get("target"), body.get("input", {}), world
            )
            return f"{ask.who} {wish} {doing}"
        path = ask.path.removeprefix("/api/v1/worlds/{world}") or "/"
        for key, value in ask.parts.items():
            path = path.replace("{" + key + "}", self._value(value, world))
        query = "&".join(f"{key}={self._value(value, world)}" for key, value in ask.query.items())
        sent = ", ".join(f"{key}: {self._value(value, world)}" for key, value in ask.headers.items())
        pages = ", to the last page" if ask.follow else ""
        return f"{ask.who} asks GET {path}{'?' if query else ''}{query}{pages}{f' ({sent})' if sent else ''}"

    def _value(self, value: Any, world: WorldName) -> str:
        if isinstance(value, Someone):
            return value.name
        if isinstance(value, Told):
            return {"etag": "<the tag from before>"}.get(value.what, "<the cursor from before>")
        if isinstance(value, Made):
            return self._entity(self._twins.meaning(value, world), value, world)
        if isinstance(value, Joined):
            return "".join(part if isinstance(part, str) else self._value(part, world) for part in value.parts)
        if isinstance(value, Named):
            return "<an event>"
        return value if isinstance(value, str) else str(value)

    def _entity(self, key: str, named: Made, world: WorldName) -> str:
        if key == WORLD_ENTITY:
            return "the world"
        entity = self._twins[named.world or world].record.entities.get(key)
        if entity is None:
            return f"<no {named.kind}>"
        name = next((entity.get(field) for field in _NAMES if isinstance(entity.get(field), str)), None)
        return f"<{named.kind} {name}>" if name else f"<a {named.kind}>"
