"""Reads one file of YAML 1.2 into plain values with their places; not what the values mean."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reality_engine.packs.scalars import resolve
from reality_engine.packs.source import Mark, Source, Steps

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.packs.problems import Problems

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_VALUES: Final = 100_000  # with every alias written out, so that a small file cannot become a huge one


def read_source(file: str, text: str, problems: "Problems") -> Source:
    """Read YAML of plain values; what is wrong goes to `problems` with its place, and nothing is raised."""
    source = Source(file, text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        problems.add(source.place(0), "too_large", f"the file is larger than {MAX_BYTES} bytes")
        return source
    try:
        _Reader(source, problems).read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(source.text)) if mark else 0
        problems.add(source.place(index), "bad_yaml", _said(error), _hint(source.text, index))
    except YAMLError as error:
        where = source.place(getattr(error, "position", 0))
        problems.add(where, "bad_yaml", "the file has a character that YAML does not allow")
    except (RecursionError, ValueError, IndexError, AttributeError, TypeError, KeyError) as error:
        # The YAML library is known to let its own slips through on odd input; a file must never crash a server.
        problems.add(source.place(0), "bad_yaml", f"the file is not YAML: {error}")
    return source


def _said(error: MarkedYAMLError) -> str:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return f"the file is not YAML: {said}"


def _hint(text: str, index: int) -> str | None:
    line = text[text.rfind("\n", 0, index) + 1 :].split("\n", 1)[0]
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not with tabs"
    return "put text with ': ' or ' #' inside, or with one of {[*&!%@` in front, in quotes"


class _StopError(Exception):
    """Ends the reading of a file after its problem was noted."""


@dataclass
class _Reader:
    """Builds values from the parser's events; nesting is bounded, so that no file can exhaust the stack."""

    source: Source
    problems: "Problems"
    events: list[Event] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def read(self) -> None:
        try:
            self._parse()
            starts = [at for at, event in enumerate(self.events) if isinstance(event, DocumentStartEvent)]
            if len(starts) > 1:
                self._stop(self.events[starts[1]], "bad_yaml", "the file has more than one YAML document")
            if starts:
                self.source.data, _ = self._value(starts[0] + 1, (), None)
        except _StopError:
            self.source.data = None

    def _parse(self) -> None:
        depth = 0
        for event in YAML(typ="safe", pure=True).parse(self.source.text):
            depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
            depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
            if depth > MAX_DEPTH:
                self._stop(event, "too_deep", f"values are nested more than {MAX_DEPTH} deep")
            self.events.append(event)

    def _value(self, at: int, steps: Steps, key: int | None) -> "tuple[Plain, int]":
        event = self.events[at]
        self._admit(event, steps)
        if isinstance(event, AliasEvent):
            return self._alias(event, steps, key), at + 1
        if isinstance(event, NodeEvent) and event.anchor:
            self.anchors[event.anchor] = at
        self.source.marks[steps] = Mark(event.start_mark.index, event.end_mark.index, key)
        if isinstance(event, MappingStartEvent):
            return self._mapping(at + 1, steps)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(at + 1, steps)
        if isinstance(event, ScalarEvent):
            return self._scalar(event), at + 1
        raise _StopError

    def _alias(self, event: AliasEvent, steps: Steps, key: int | None) -> "Plain":
        if event.anchor not in self.anchors:
            self._stop(event, "bad_yaml", f"there is no anchor &{event.anchor} before this alias")
        return self._value(self.anchors[event.anchor], steps, key)[0]

    def _mapping(self, at: int, steps: Steps) -> "tuple[Plain, int]":
        mapping: dict[str, Plain] = {}
        while not isinstance(self.events[at], MappingEndEvent):
            event = self.events[at]
            key = self._key(event, mapping)
            start = event.start_mark.index
            value, at = self._value(at + 1, (*steps, key), start)
            mapping[key] = value
        return mapping, at + 1

    def _key(self, event: Event, mapping: "dict[str, Plain]") -> str:
        if not isinstance(event, ScalarEvent):
            self._stop(event, "bad_key", "a key must be a word, not a list, a mapping or an alias")
        key = self._scalar(event)
        if event.value == "<<" and event.style is None:
            self._stop(event, "bad_key", "merge keys (<<) are not part of YAML 1.2", "repeat the keys, or use an alias")
        if not isinstance(key, str):
            self._note(event, "bad_key", f"a key must be text, but {event.value!r} is not", "put it in quotes")
            key = str(event.value)
        if key in mapping:
            self._note(event, "duplicate_key", f"'{key}' stands here twice")
        return key

    def _sequence(self, at: int, steps: Steps) -> "tuple[Plain, int]":
        sequence: list[Plain] = []
        while not isinstance(self.events[at], SequenceEndEvent):
            value, at = self._value(at, (*steps, len(sequence)), None)
            sequence.append(value)
        return sequence, at + 1

    def _scalar(self, event: ScalarEvent) -> "Plain":
        text = str(event.value)
        try:
            # JSON writes a character beyond U+FFFF as two escapes, and YAML is to read all of JSON.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._note(event, "bad_yaml", "this has half a character: an escape that stands for nothing alone")
            return None
        return resolve(text) if event.style is None and not event.tag else text

    def _admit(self, event: Event, steps: Steps) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            self._stop(event, "too_large", f"the file has more than {MAX_VALUES} values, aliases written out")
        if len(steps) > MAX_DEPTH:
            self._stop(event, "too_deep", f"values are nested more than {MAX_DEPTH} deep, aliases written out")
        tag = getattr(event, "tag", None)
        if tag and str(tag) != "!":
            self._note(event, "bad_yaml", "YAML tags are not used here", "leave out the word that begins with '!'")

    def _note(self, event: Event, code: str, message: str, hint: str | None = None) -> None:
        self.problems.add(self.source.place(event.start_mark.index), code, message, hint)

    def _stop(self, event: Event, code: str, message: str, hint: str | None = None) -> NoReturn:
        self._note(event, code, message, hint)
        raise _StopError
