"""What of a pack's rules may repeat in events what people said: which parts of narratives and data, and of what; pure.

An event keeps of a narrative its pattern and what fills that. The pattern leads back to the expressions of the pack,
and these say what they read: so a name that is nobody's is told from what a person wrote.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from reality_engine.expressions.expression import Expression
from reality_engine.expressions.template import Template
from reality_engine.expressions.types import Base
from reality_engine.packs.compiled import Action, CompiledPack, Reaction
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Effect, Emit

_METERS: Final = "meter."
_TEXTS: Final = frozenset({Base.TEXT, Base.JSON, Base.LIST, Base.MAP, Base.RECORD})
# What rules read that may hold whatever somebody said.
_SAID: Final = frozenset({"input", "event"})
# The name of their account.
_ACTOR: Final = ("me", "name")


class Source(IntEnum):
    """What a part of an event may be made of, the more of a person the greater."""

    OTHER = 0  # nothing of anybody: it stays
    ACTOR = 1  # what who acted is called: it goes where that was the person
    VALUE = 2  # one field that is personal: it goes where it is a value that is erased
    DERIVED = 3  # made from a personal field: it goes where the event is about something of theirs
    SAID = 4  # what whoever acted said, or cannot be told: it goes where that was the person


@dataclass(frozen=True)
class Voice:
    """The parts of a pack's events, by where they stand."""

    arguments: Mapping[tuple[str, str], Source]
    data: Mapping[tuple[str, str], Source]

    def argument(self, pattern: str, number: str) -> Source:
        """Return what fills a hole of a narrative."""
        return self.arguments.get((pattern, number), Source.SAID)

    def datum(self, event: str, name: str) -> Source:
        """Return what stands under a name in the data of an event of a type."""
        return Source.OTHER if event.startswith(_METERS) else self.data.get((event, name), Source.SAID)


def voice_of(pack: CompiledPack, present: CompiledPack | None = None) -> Voice:
    """Return what the rules of a pack may repeat, of what is personal by it, or by that of now."""
    kinds = [*pack.kinds.values(), *(present.kinds.values() if present is not None else ())]
    personal = frozenset(name for kind in kinds for name, field in kind.fields.items() if field.personal)
    emits = [effect for effect, _ in every_effect(_effects(pack)) if isinstance(effect, Emit)]
    rules: tuple[Action | Reaction | Emit, ...] = (*pack.actions.values(), *pack.reactions, *emits)
    arguments: dict[tuple[str, str], Source] = defaultdict(lambda: Source.OTHER)
    data: dict[tuple[str, str], Source] = defaultdict(lambda: Source.OTHER)
    for template in (rule.narrative for rule in rules if rule.narrative is not None):
        for number, expression in _numbered(template):
            place = template.pattern, number
            arguments[place] = max(arguments[place], source_of(expression, personal))
    for emit in emits:
        for name, operand in emit.data.items():
            made = source_of(operand, personal) if isinstance(operand, Expression) else Source.OTHER
            data[emit.type, name] = max(data[emit.type, name], made)
    return Voice(dict(arguments), dict(data))


def source_of(expression: Expression, personal: frozenset[str]) -> Source:
    """Return what an expression yields; `personal` are the names of fields that are personal in any kind."""
    reads = expression.reads
    if reads == {_ACTOR}:
        return Source.ACTOR
    if expression.type.base in _TEXTS and (expression.lookups or any(_is_said(path) for path in reads)):
        return Source.SAID
    if not any(path[-1] in personal and len(path) > 1 for path in reads):
        return Source.OTHER
    return Source.VALUE if [expression.source.strip()] == [".".join(path) for path in reads] else Source.DERIVED


def _is_said(path: tuple[str, ...]) -> bool:
    # What a loop or a draw binds is named by one word, and may be anything.
    return path[0] in _SAID or len(path) == 1 or path == _ACTOR


def _effects(pack: CompiledPack) -> Iterable[Effect]:
    rules: tuple[Action | Reaction, ...] = (*pack.actions.values(), *pack.reactions)
    for rule in rules:
        yield from rule.effects
    yield from pack.seeds


def _numbered(template: Template) -> Iterable[tuple[str, Expression]]:
    return ((str(number), each) for number, each in enumerate(template.expressions))
