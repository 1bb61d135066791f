"""Says which inputs, arguments and data of an event are a person's to be erased; pure, and of no entity's fields."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reality_engine.erasure.belonging import MIN_WITHIN, commitment, texts_in
from reality_engine.erasure.voice import Source, Voice
from reality_engine.expressions.template import shown
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain


@dataclass(slots=True)
class Values:
    """The values that are to be erased, to be found again where they are repeated.

    `shown` has them all as narratives show them, `whole` the texts alone.
    """

    shown: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    _within: set[str] = field(default_factory=set)
    _pattern: re.Pattern[str] | None = None

    def add(self, value: Plain) -> None:
        """Look for a value, and for the texts in it."""
        if value is None:
            return
        self.shown.add(shown(value))
        for text in filter(None, texts_in(value)):
            self.whole.add(text)
            if len(text) >= MIN_WITHIN:
                self._within.add(text)
                self._pattern = None

    def equal(self, value: Plain) -> bool:
        """Say whether a value is one of them, or has a text in it that is."""
        return any(text in self.whole for text in texts_in(value))

    def within(self, value: Plain) -> bool:
        """Say whether a value is one of them, or has a text in it that repeats one, as words of its own."""
        return self.equal(value) or any(self._within and self.pattern.search(text) for text in texts_in(value))

    def replaced(self, text: str, by: str) -> str:
        """Return a text without them."""
        return self.pattern.sub(by, text) if self._within else text

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds them in a text; the longest first, of which others are a part."""
        if self._pattern is None:
            words = "|".join(re.escape(text) for text in sorted(self._within, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
        return self._pattern


@dataclass(slots=True)
class Speech:
    """How a person is known in events: by who they are, by what is theirs, and by the values that are to be erased."""

    person: str
    entities: set[str]
    values: Values
    voice: Callable[[str], Voice | None]
    # The actions that set one of the values, by the id of their own event.
    wrote: set[str] = field(default_factory=set)

    def to_erase(self, tree: Mapping[str, Any], private: Mapping[str, Any]) -> set[str]:
        """Return the commitments of an event's inputs, arguments and data that are to be erased."""
        return {*self._inputs(tree, private), *self._arguments(tree, private), *self._data(tree, private)}

    def _inputs(self, tree: Mapping[str, Any], private: Mapping[str, Any]) -> Iterator[str]:
        own, wrote = self._is_own(tree), tree["correlation"] in self.wrote
        for _, key, value in _sealed(tree.get("input"), private):
            if own or self.values.equal(value) or (wrote and self.values.within(value)):
                yield key

    def _arguments(self, tree: Mapping[str, Any], private: Mapping[str, Any]) -> Iterator[str]:
        voice = self._voice(tree)
        for number, key, value in _sealed(tree.get("arguments"), private):
            source = voice.argument(tree["pattern"], number) if voice else Source.SAID
            if self._goes(source, tree, value):
                yield key

    def _data(self, tree: Mapping[str, Any], private: Mapping[str, Any]) -> Iterator[str]:
        voice = self._voice(tree)
        for name, key, value in _sealed(tree.get("data"), private):
            source = voice.datum(tree["type"], name) if voice else Source.SAID
            if self._goes(source, tree, value):
                yield key

    def _goes(self, source: Source, tree: Mapping[str, Any], value: Plain) -> bool:
        """Say whether a part is to be erased that is made of this."""
        if source is Source.OTHER:
            return False
        if source is Source.ACTOR:
            return self._is_own(tree)
        if source is Source.VALUE:
            return self.values.equal(value) or value in self.values.shown
        if source is Source.SAID and self._is_own(tree) and not _is_engine_s(tree):
            return True
        about = source is Source.DERIVED and (self._is_own(tree) or self._is_about(tree))
        return about or self.values.within(value)

    def _voice(self, tree: Mapping[str, Any]) -> Voice | None:
        return self.voice(tree["pack"])

    def _is_own(self, tree: Mapping[str, Any]) -> bool:
        return bool(tree["by"]["id"] == self.person)

    def _is_about(self, tree: Mapping[str, Any]) -> bool:
        named = {tree.get("acting"), tree.get("target"), *(row[0] for row in tree.get("changes", ()))}
        return not self.entities.isdisjoint(named)


def _is_engine_s(tree: Mapping[str, Any]) -> bool:
    """Say whether an event is one of the engine's own, which is not called like the action, and says nobody's words."""
    return not tree.get("cause") and not tree.get("rule") and tree["type"] != tree.get("action")


def _sealed(parts: Mapping[str, Any] | None, private: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield the parts that are kept apart, each with its commitment and value: not ids, which are nobody's words."""
    for name, part in (parts or {}).items():
        key = commitment(part)
        held = private.get(key) if key is not None else None
        if key is not None and isinstance(held, list) and not (isinstance(held[1], str) and is_id(held[1])):
            yield name, key, held[1]
