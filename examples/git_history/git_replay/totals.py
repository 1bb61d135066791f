"""Counts what a history says, and compares it with another count; where either comes from is another's."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from git_replay.history import Commit
from git_replay.names import fitted


@dataclass(slots=True)
class Tally:
    """How many changes of files, and how many lines."""

    changes: int = 0
    added: int = 0
    deleted: int = 0

    def count(self, added: int | None, deleted: int | None) -> None:
        """Count one change of a file; a binary one has no lines."""
        self.changes += 1
        self.added += added or 0
        self.deleted += deleted or 0

    def __str__(self) -> str:
        return f"{self.changes} changes, +{self.added} -{self.deleted} lines"


def _tallies() -> defaultdict[Any, Tally]:
    return defaultdict(Tally)


@dataclass
class Totals:
    """What a history comes to: as a whole, for each person, for each file, and for each person and file."""

    commits: int = 0
    merges: int = 0
    whole: Tally = field(default_factory=Tally)
    authored: Counter[str] = field(default_factory=Counter)
    people: defaultdict[str, Tally] = field(default_factory=_tallies)
    files: defaultdict[str, Tally] = field(default_factory=_tallies)
    pairs: defaultdict[tuple[str, str], Tally] = field(default_factory=_tallies)

    @classmethod
    def of(cls, commits: Iterable[Commit]) -> "Totals":
        """Count all commits; the people are in the order in which they appear."""
        totals = cls()
        for commit in commits:
            totals.count(commit)
        return totals

    def count(self, commit: Commit) -> None:
        """Count one commit."""
        person = fitted(commit.by)
        self.commits += 1
        self.merges += commit.merge
        self.authored[person] += 1
        by_person = self.people[person]  # named here too where the commit changes nothing
        for change in commit.changes:
            path = fitted(change.path)
            for tally in (self.whole, by_person, self.files[path], self.pairs[person, path]):
                tally.count(change.added, change.deleted)


def differences(expected: Totals, found: Totals) -> Iterator[str]:
    """Yield a line for everything in which two counts differ."""
    for name, mine, other in (
        ("commits", expected.commits, found.commits),
        ("merges", expected.merges, found.merges),
        ("all", expected.whole, found.whole),
    ):
        if mine != other:
            yield f"{name}: expected {mine}, found {other}"
    yield from _between("commits of", expected.authored, found.authored)
    yield from _between("person", expected.people, found.people)
    yield from _between("file", expected.files, found.files)
    yield from _between("person and file", expected.pairs, found.pairs)


def _between(what: str, expected: Mapping[Any, object], found: Mapping[Any, object]) -> Iterator[str]:
    for key in {**expected, **found}:
        mine, other = expected.get(key, "nothing"), found.get(key, "nothing")
        if mine != other:
            yield f"{what} {key!r}: expected {mine}, found {other}"


def tally_of(fields: Mapping[str, Any]) -> Tally:
    """Return the tally that an entity's fields hold."""
    return Tally(**{name: int(fields.get(name) or 0) for name in asdict(Tally())})
