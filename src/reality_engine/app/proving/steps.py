"""The steps of a trial, in words that mean the same in both worlds and stay true when other steps are left out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

WorldName = Literal["A", "B"]
BOTH: tuple[WorldName, WorldName] = ("A", "B")


@dataclass(frozen=True, slots=True)
class Made:
    """An entity: the `number`-th of its kind that a step made. With `world`, its id there, in either world."""

    step: int
    kind: str
    number: int = 0
    world: WorldName | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event: the `number`-th of a step. With `world`, its id there, in either world."""

    step: int
    number: int = 0
    world: WorldName | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Something out of the answer to an earlier question: the cursor of its next page, or its entity tag."""

    step: int
    what: Literal["next", "cursor", "etag"]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person, by name; their id is the same in every world."""

    name: str


Named: TypeAlias = Made | Happened | Told | Someone


@dataclass(frozen=True, slots=True)
class Joined:
    """A text in which names stand, such as a filter by an id."""

    parts: "tuple[str | Named, ...]"


@dataclass(frozen=True)
class Act:
    """Somebody acts, in both worlds or in `only` one.

    In B with other inputs (`otherwise`), on something else (`elsewhere`), or somebody else does it (`instead`).
    """

    key: int
    who: str
    action: str
    actor: Any = None
    target: Any = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Mapping[str, Any] | None = None
    only: WorldName | None = None
    instead: str | None = None
    elsewhere: Any = None

    @property
    def alike(self) -> bool:
        """Whether the same is asked for in both worlds."""
        return self.only is None and self.otherwise is None and self.instead is None and self.elsewhere is None

    def by(self, world: WorldName) -> str:
        """Return who acts in one of the worlds."""
        return self.who if world == "A" or self.instead is None else self.instead

    def aim(self, world: WorldName) -> Any:
        """Return what is acted on in one of the worlds."""
        return self.target if world == "A" or self.elsewhere is None else self.elsewhere

    def given(self, world: WorldName) -> Mapping[str, Any]:
        """Return the inputs for one of the worlds."""
        return self.inputs if world == "A" or self.otherwise is None else self.otherwise


@dataclass(frozen=True)
class Ask:
    """The viewer sends the same request to both worlds. `follow`: and goes on to the last page."""

    key: int
    who: str
    method: str
    path: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    follow: bool = False

    @property
    def wish(self) -> Mapping[str, Any]:
        """What is wished for, of a batch the first."""
        body = self.body or {}
        first: Mapping[str, Any] = body["actions"][0] if "actions" in body else body
        return first

    @property
    def changes(self) -> bool:
        """Whether it may change the world."""
        return self.method != "GET" and not self.path.endswith("/preview")


Step: TypeAlias = Act | Ask


def resolved(value: Any, meaning: Callable[[Named], str]) -> Any:
    """Return a value with what its names stand for."""
    if isinstance(value, Named):
        return meaning(value)
    if isinstance(value, Joined):
        return "".join(part if isinstance(part, str) else meaning(part) for part in value.parts)
    if isinstance(value, Mapping):
        return {key: resolved(item, meaning) for key, item in value.items()}
    return [resolved(item, meaning) for item in value] if isinstance(value, list) else value


def names_in(value: Any) -> Iterator[Named]:
    """Yield every name in a value."""
    if isinstance(value, Named):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item)
    elif isinstance(value, list | tuple | Joined):
        for item in value.parts if isinstance(value, Joined) else value:
            yield from names_in(item)
