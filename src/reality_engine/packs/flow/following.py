"""Follows one rule from what it reads to those who could learn of it; not what single effects bring about."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reality_engine.packs.flow.beyond import may_go_beyond
from reality_engine.packs.flow.circles import ACTOR, EVERYONE, Circles
from reality_engine.packs.flow.facts import both, either, facts, holding, otherwise
from reality_engine.packs.flow.knowledge import NOTHING, Knowledge
from reality_engine.packs.flow.reading import Reader, holes
from reality_engine.packs.flow.refusals import may_fail
from reality_engine.packs.flow.sources import Label, Source, Text, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reality_engine.expressions.expression import Expression
    from reality_engine.expressions.syntax import Node
    from reality_engine.expressions.template import Template
    from reality_engine.packs.compiled import Role
    from reality_engine.packs.flow.names import Names
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that a rule lets people see: who sees it, what it is, and where it stands."""

    circles: Circles
    what: str
    place: "Place"


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that decides whether what follows happens. `asked` says that who acts was told already."""

    source: Source
    how: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """Those in `told`, who may not see the source, learn of it by the outcome; `how` if it only decides about that."""

    source: Source
    how: str | None
    outcome: Outcome
    told: Circles


@dataclass
class Following:
    """A rule, as far as it has been followed. What is found goes to `flows`, which all parts of a rule share."""

    roles: "Mapping[str, Role]"
    names: "Names"
    gone: frozenset[tuple[str, str]] = frozenset()
    mortal: frozenset[str] = frozenset()
    known: Knowledge = NOTHING
    carried: tuple[Carried, ...] = ()
    flows: list[Flow] = field(default_factory=list)
    thrown: "list[tuple[Outcome, Following]]" = field(default_factory=list)

    def inside(self, label: Label, how: str, known: Knowledge = NOTHING) -> "Following":
        """Return what follows only as something decides."""
        further = replace(self, names=self.names.inner(), known=self.known & known)
        further.carry(label, how)
        return further

    def carry(self, label: Label, how: str, *, asked: bool = False) -> None:
        """Note that whatever follows tells something of these."""
        more = [Carried(source, how, asked) for source in label if EVERYONE not in source.circles]
        self.carried = tuple(dict.fromkeys((*self.carried, *more)))

    def tell(self, outcome: Outcome, label: Label = ()) -> None:
        """Note an outcome, and each flow into it of what is not for those who see it."""
        viewers = [each for each in outcome.circles if not self._sees_everything(each.role)]
        known = self.known & self.names.moment.knowledge
        for one in (*self.carried, *(Carried(source, "") for source in label)):
            if known.absent and any(_below(one.source.text, path) for path in known.absent):
                continue
            seers = self.names.seen_now(one.source)
            told = [each for each in viewers if not (one.asked and each == ACTOR) and not known.sees(each, seers)]
            if told:
                self.flows.append(Flow(one.source, one.how or None, outcome, frozenset(told)))

    def refuse(self, label: Label, why: str, place: "Place") -> None:
        """Note that who acts is told of a refusal."""
        self.tell(Outcome(frozenset({ACTOR}), f"the refusal {why}", place), label)

    def ask(self, reader: Reader, how: str) -> None:
        """Follow a condition that refuses where it does not hold, and go on knowing that it does."""
        told = Outcome(frozenset({ACTOR}), f"the answer to {how}", reader.text.place())
        self._ask(reader.root, reader, told, self.known)
        self.known &= facts(reader.root, reader, self.roles)

    def _ask(self, node: "Node", reader: Reader, told: Outcome, known: Knowledge) -> None:
        """Tell of each part only where the others say yes, or else it would not have made a difference."""
        parts, choices = list(both(node)), list(either(node))
        if len(choices) > 1:
            for choice in choices:
                self._ask(choice, reader, told, known)
            return
        known &= facts(node, reader, self.roles)
        if len(parts) > 1:
            for part in parts:
                self._ask(part, reader, told, known)
        else:
            replace(self, known=known, carried=()).tell(told, reader.label(node))

    def read(self, template: "Template", spot: "Spot") -> Label:
        """Return what a text tells something of."""
        return merged(*(reader.label() for reader in holes(template, self.names, spot)))

    def value(self, expression: "Expression", text: Text) -> tuple[Reader, Label]:
        """Follow an expression without whose value the action is refused; return what it tells something of."""
        reader = Reader(self.names, text, expression.source)
        label = reader.label()
        if not expression.optional and may_fail(reader.root, reader, self.known, self.gone):
            self.refuse(label, "where this has no value", text.place())
        if may_go_beyond(reader.root, reader):
            self.refuse(label, "where this is more than can be kept, for an input without bounds", text.place())
        return reader, label

    def condition(self, expression: "Expression", text: Text) -> tuple[Label, Knowledge, Knowledge]:
        """Return what a condition tells something of, and what is known where it holds and where it does not."""
        reader = Reader(self.names, text, expression.source)
        known = facts(reader.root, reader, self.roles) & holding(expression, reader)
        return reader.label(), known, otherwise(reader.root)

    def _sees_everything(self, role: str | None) -> bool:
        return role is not None and role in self.roles and self.roles[role].sees_everything


def _below(text: str, path: str) -> bool:
    return text.startswith(f"{path}.")
