"""Finds in a world's log what belongs to a person: their entities, and the personal values that stood in these; pure.

A value belongs to whoever owned its entity at any time while it stood, and to the user whom its entity is about, as
their membership or their ban; so does the next one, as long as it repeats that, such as a list to which others add. It
stands from the event that set it to the one that put another one in its place, and is erased in both: what a change
starts from is always what the one before it left.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reality_engine.eventlog.erased import is_of_erasure
from reality_engine.eventlog.sealing import MARK
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import OWNER

# A text inside of another one is only taken for a repetition if it is no shorter than this.
MIN_WITHIN: Final = 3
_MEMBER: Final = "member"
# Kinds of the core pack whose entities are about the user that they name.
_ABOUT_USERS: Final = (_MEMBER, "ban")
_USER: Final = "user"

# The personal fields of a kind, under a pack.
Personal = Callable[[str, str], Collection[str]]


@dataclass(slots=True)
class Run:
    """A value of a personal field while it stood: where it was set and where it ended, each with its commitment.

    One that was never sealed, since its field was not personal yet, has none, and cannot be erased. `action` is the
    event of the action that set it.
    """

    entity: str
    kind: str
    field: str
    places: list[tuple[int, str | None]]
    value: Any
    action: str
    theirs: bool = False


@dataclass(slots=True)
class Belonging:
    """What was found so far, one event after another. `places` are the events that changed each entity."""

    person: str
    personal: Personal
    entities: set[str] = field(default_factory=set)
    ended: list[Run] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    members: set[str] = field(default_factory=set)
    about: set[str] = field(default_factory=set)
    _owners: dict[str, str] = field(default_factory=dict)
    _standing: dict[str, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))

    def play(self, position: int, tree: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Go on with an event, as it is stored: its sealed content, and the values kept for that."""
        touched: dict[str, None] = {}
        for row in tree.get("changes", ()):
            touched[row[0]] = None
            self._change(position, tree, row, private)
        for entity in touched:
            self.places[entity].append(position)
            if self._owners.get(entity) == self.person or entity in self.about:
                self.entities.add(entity)
                for run in self._standing[entity].values():
                    run.theirs = True

    def standing(self) -> Iterator[Run]:
        """Yield their values that nothing has taken the place of."""
        for entity in self.entities:
            yield from (run for run in self._standing[entity].values() if run.theirs)

    def member(self) -> str | None:
        """Return their entity as a member, the last one where there were several."""
        return max(self.members, default=None)

    def _change(
        self, position: int, tree: Mapping[str, Any], row: Sequence[Any], private: Mapping[str, Any]
    ) -> None:  # fmt: skip
        entity, kind, name, before, after = row[:5]
        if name == OWNER:
            self._own(entity, after)
            return
        if kind in _ABOUT_USERS and name == _USER and _value(after, private) == self.person:
            self.about.add(entity)
            if kind == _MEMBER:
                self.members.add(entity)
        run = self._standing[entity].pop(name, None) if before is not None or after is not None else None
        # Where it was erased, the change starts from nothing.
        if run is not None and before is not None:
            run.places.append((position, commitment(before)))
            if run.theirs:
                self.ended.append(run)
        # What an erasure sets stands in place of a value, and is none.
        if after is not None and not is_of_erasure(tree) and name in self.personal(tree["pack"], kind):
            place, value = (position, commitment(after)), _value(after, private)
            goes_on = run is not None and run.theirs and repeats(run.value, value)
            self._standing[entity][name] = Run(entity, kind, name, [place], value, tree["correlation"], goes_on)

    def _own(self, entity: str, owner: str | None) -> None:
        if owner is None:
            self._owners.pop(entity, None)
        else:
            self._owners[entity] = owner


def commitment(value: Any) -> str | None:
    """Return what stands for a value that was sealed, None for one that was not."""
    return str(value[MARK]) if isinstance(value, dict) and len(value) == 1 and MARK in value else None


def repeats(old: Any, new: Any) -> bool:
    """Say whether a value still says something that the one before it did, as a list does to which others add."""
    told = [*texts_in(new)]
    return any(text in other if len(text) >= MIN_WITHIN else text == other for text in texts_in(old) for other in told)


def texts_in(value: Plain) -> Iterator[str]:
    """Yield the texts in a value, the keys of maps too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from texts_in(part)


def _value(value: Any, private: Mapping[str, Any]) -> Any:
    sealed = commitment(value)
    if sealed is None:
        return value
    held = private.get(sealed)
    return held[1] if isinstance(held, list) else None
