"""What goes into a decision and what comes out of it; values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reality_engine.eventlog.event import Moved, Recorded
from reality_engine.kernel.errors import Problem
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.rules.asked import Asked
from reality_engine.state.entity import Entity


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one action may set in motion; beyond any of them it is refused as a whole."""

    depth: int = 16
    events: int = 256
    changes: int = 10_000
    evaluations: int = 50_000


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to act. `founding` is set only where a world is being created, never by a caller.

    Nor is `vouched`: by it the server says that the principal may know of the world and of what the wish names, though
    they may see nothing of it, and that it has made sure of what the inputs say of them.

    `hidden` are ids among those it names that lie outside of the principal's scope: for them they do not exist.
    `unseen` are events that it would undo and whose changes the principal does not see all of. With `explain`, a no
    tells which rules were asked.
    """

    action: str
    principal: Principal
    actor: str | None = None
    target: str | None = None
    input: Mapping[str, Plain] = field(default_factory=dict)
    occurred_at: str | None = None
    founding: bool = False
    vouched: bool = False
    hidden: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Narrative:
    """A text as template and arguments, so that what a person wrote can be erased from it."""

    pattern: str
    arguments: Mapping[str, str]


@dataclass(slots=True)
class DraftEvent:
    """An event that is about to happen, filled in while it is decided: all of it but its position, time and digest.

    `cause` is the index of the event that caused it, in the same decision; `keys` are the audience of its head (type,
    action, narrative, data), `input` is there on an action's own event only.
    """

    id: str
    type: str
    depth: int
    keys: frozenset[str]
    cause: int | None = None
    action: str | None = None
    rule: str | None = None
    acting: str | None = None
    target: str | None = None
    input: Mapping[str, Plain] = field(default_factory=dict)
    private_input: frozenset[str] = frozenset()
    changes: tuple[Recorded, ...] = ()
    rolls: Mapping[str, Plain] = field(default_factory=dict)
    narrative: Narrative | None = None
    data: Mapping[str, Plain] = field(default_factory=dict)
    occurred_at: str | None = None
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The action happens: these events in this order, the first being the action's own; entities before and after."""

    events: tuple[DraftEvent, ...]
    before: Mapping[str, Entity | None]
    after: Mapping[str, Entity]


@dataclass(frozen=True, slots=True)
class Refused:
    """The action does not happen. `code` is stable (see docs/errors.md); `problems` tells each thing wrong.

    `asked` are the rules that were asked, in order, where the request wants to know.
    """

    code: str
    message: str
    problems: tuple[Problem, ...] = ()
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Deferred:
    """The action waits for somebody's yes."""

    roles: frozenset[str]
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityQuestion:
    """Which entity has this id?"""

    id: str


@dataclass(frozen=True, slots=True)
class EventQuestion:
    """Which keys see the head of the event with this id?"""

    id: str


@dataclass(frozen=True, slots=True)
class FindQuestion:
    """Which live entity of this kind has this value in a unique field?"""

    kind: str
    field: str
    key: str


@dataclass(frozen=True, slots=True)
class ReferringQuestion:
    """Which live entities of this kind refer to this one by this field?"""

    entity: str
    kind: str
    field: str


@dataclass(frozen=True, slots=True)
class BelongingsQuestion:
    """Which entities by which one may belong to a group does this user own? Asked by whoever works out scopes."""

    user: str


@dataclass(frozen=True, slots=True)
class PastEventQuestion:
    """What is the event with this id? Asked by undo, and by whoever writes down what was decided."""

    id: str


@dataclass(frozen=True, slots=True)
class CascadeQuestion:
    """What came of the action whose own event has this id?"""

    id: str


@dataclass(frozen=True, slots=True)
class UndoneQuestion:
    """By what was the event with this id undone last?"""

    id: str


Question: TypeAlias = (
    EntityQuestion
    | EventQuestion
    | FindQuestion
    | ReferringQuestion
    | BelongingsQuestion
    | PastEventQuestion
    | CascadeQuestion
    | UndoneQuestion
)


@dataclass(frozen=True, slots=True)
class Lacking:
    """The decision needs to know more; it is to be taken again with the answers and the same clock and chance."""

    questions: tuple[Question, ...]


Decision: TypeAlias = Accepted | Refused | Deferred | Lacking


class RefusalError(Exception):
    """Unwinds a decision that has come to a no; it never leaves this package."""

    def __init__(self, code: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        """Carry the refusal that `decide` will return."""
        super().__init__(message)
        self.refused = Refused(code, message, problems)


class LackError(Exception):
    """Unwinds work that needs to know more; a decision returns it as `Lacking`."""

    def __init__(self, *questions: Question) -> None:
        """Carry the questions that `decide` will return."""
        super().__init__("the decision lacks facts")
        self.questions = questions
