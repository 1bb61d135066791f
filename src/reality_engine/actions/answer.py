"""What a request to act comes to, as its principal may see it, and as it is kept for a repetition; values only."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from reality_engine.kernel.errors import Problem
from reality_engine.kernel.json import Plain
from reality_engine.reads.explaining import Explained
from reality_engine.state.entity import LIFE, Life


@dataclass(frozen=True, slots=True)
class Created:
    """An entity that came to be, by its id, and of what kind it is."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` is accepted or refused. Where refused, `code`, `message` and `problems` say why, and nothing changed.

    `events` is what the principal may see of what happened, in order; `repeated` marks a stored answer. `explanation`
    is there where a refusal was asked for one. It is not kept: what it says is of the moment.

    Of wishes that belong together, `parts` are the answers to each, where they came true; where none did, `index` says
    which of them was refused.
    """

    outcome: str
    events: tuple[dict[str, Plain], ...] = ()
    code: str | None = None
    message: str | None = None
    problems: tuple[Problem, ...] = ()
    repeated: bool = False
    explanation: tuple[Explained, ...] | None = None
    parts: "tuple[Answer, ...]" = ()
    index: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the action happened."""
        return self.outcome == "accepted"

    @property
    def created(self) -> list[Created]:
        """What came to be and was not deleted again, in order; told by `events`, so nothing that these do not show."""
        living: dict[str, Created] = {}
        for change in self._changes():
            key = str(change["entity"])
            if change["field"] != LIFE:
                continue
            if "before" in change and change["before"] is None:
                living[key] = Created(key, str(change["kind"]))
            elif change.get("after") == Life.DELETED:
                living.pop(key, None)
        return list(living.values())

    def _changes(self) -> Iterator[dict[str, Plain]]:
        for event in self.events:
            changes = event.get("changes")
            for change in changes if isinstance(changes, list) else ():
                if isinstance(change, dict):
                    yield change

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        kept: dict[str, Any] = {
            "outcome": self.outcome, "events": list(self.events), "code": self.code, "message": self.message,
            "problems": [asdict(problem) for problem in self.problems],
        }  # fmt: skip
        if self.parts:
            kept["parts"] = [part.to_json() for part in self.parts]
        if self.index is not None:
            kept["index"] = self.index
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Answer":
        """Read a kept answer."""
        problems = tuple(Problem(**problem) for problem in kept["problems"])
        parts = tuple(cls.from_json(part) for part in kept.get("parts", ()))
        return cls(
            kept["outcome"], tuple(kept["events"]), kept["code"], kept["message"], problems, repeated=True, parts=parts,
            index=kept.get("index"),
        )  # fmt: skip
