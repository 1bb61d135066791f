"""Says in words by which of their own keys a viewer sees an event; of other audiences it knows nothing."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import EVERYONE, MEMBERS, Audience, Term
from reality_engine.packs.compiled import CompiledPack
from reality_engine.reads.values import Sight
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.parts import NUMBER
from reality_engine.visibility.reasons import SeenPart
from reality_engine.visibility.seen import Seen

_PARTS: Final = ("head", "input", "changes")
_WHERE_ELSE_NOTHING: Final = "you belong to a group that may see it"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody sees parts of an event: a role or an entity of theirs, where it is because of one."""

    because: str
    words: str
    role: str | None = None
    entity: str | None = None


@dataclass
class Looker:
    """Whoever looks at an event, with what they see of the world just before it and just after, the later one first.

    `audience` is that of the rule that made the event, and `variables` what it named, as far as the viewer knows.
    """

    scope: Scope
    pack: CompiledPack
    sights: Sequence[Sight]
    audience: Audience = ()
    variables: Mapping[str, Plain] = field(default_factory=dict)
    acted: bool = False

    async def reasons(self, parts: Sequence[SeenPart]) -> dict[Reason, list[str]]:
        """Return the reasons, each with the parts of the event that it opens."""
        if self.scope.everything:
            titles = {role: self.pack.roles[role] for role in self.scope.roles if role in self.pack.roles}
            seers = [role for role in titles.values() if role.sees_everything]
            told = (Reason("role", f"your role {role.title} sees everything", role=role.name) for role in seers)
            return {reason: list(_PARTS) for reason in told}
        found: dict[Reason, list[str]] = {}
        for name, key, content in _opened(parts):
            async for reason in self._reasons(key, name, content):
                opened = found.setdefault(reason, [])
                opened.extend({name} - set(opened))
        return _without_needless(found)

    async def _reasons(self, key: str, part: str, content: Mapping[str, Plain]) -> AsyncIterator[Reason]:
        kind, _, name = key.partition(":")
        if key == EVERYONE:
            yield Reason("everyone", "everybody may see it")
        elif key == MEMBERS:
            yield Reason("member", "you are a member")
        elif kind == "role":
            yield Reason("role", f"you are {self.pack.roles[name].title}", role=name)
        elif kind == "group":
            seen = await self._seen(name)
            words = f"you belong to the group of {_label(seen)}" if seen else _WHERE_ELSE_NOTHING
            yield Reason("group", words, entity=seen.id if seen else None)
        else:
            mine = [one async for one in self._of_mine(part, content)]
            for reason in mine or [Reason("you", "it is meant for you")]:
                yield reason

    async def _of_mine(self, part: str, content: Mapping[str, Plain]) -> AsyncIterator[Reason]:
        """Yield what a key of one's own comes of: having acted, or owning what the part is about."""
        named = part == "input" or any(seer.term is Term.ACTOR for seer in self.audience)
        if self.acted and named and part != "changes":
            yield Reason("actor", "you did it")
        for path, variables in self._about(part, content):
            for sight in self.sights:
                values = await sight.values([path, (*path, "owner")], variables)
                key = values.get(path)
                if isinstance(key, str) and values.get((*path, "owner")) == self.scope.user:
                    seen = await sight.entity(key)
                    if seen is not None:
                        yield Reason("owner", f"you own {_label(seen)}", entity=key)
                        break

    def _about(self, part: str, content: Mapping[str, Plain]) -> list[tuple[Path, Mapping[str, Plain]]]:
        if part == "head":
            return [(seer.path, self.variables) for seer in self.audience if seer.term is Term.OWNER_OF]
        changes = content.get("changes") if part == "changes" else None
        entities = [one["entity"] for one in changes if isinstance(one, dict)] if isinstance(changes, list) else []
        return [(("it",), {"it": key}) for key in dict.fromkeys(entities)]

    async def _seen(self, key: str) -> Seen | None:
        for sight in self.sights:
            seen = await sight.entity(key)
            if seen is not None:
                return seen
        return None


def _opened(parts: Sequence[SeenPart]) -> Iterator[tuple[str, str, Mapping[str, Plain]]]:
    """Yield what is opened, by which key, each change by itself, in an order that is that of the event.

    In that of its parts it would tell which of them have the same audience, and so of others who see them.
    """
    for name in ("head", "input"):
        yield from ((name, key, part.content) for part in parts if name in part.content for key in part.keys)
    changes = {
        (one[NUMBER], key): one for part in parts for one in part.content.get("changes", ()) for key in part.keys
    }
    abouts = {(changes[place]["entity"], place[1]): None for place in sorted(changes)}
    for entity, key in abouts:
        yield "changes", key, {"changes": [{"entity": entity}]}


def _without_needless(found: dict[Reason, list[str]]) -> dict[Reason, list[str]]:
    """Leave out a group that the viewer does not see, for parts that another reason opens.

    That they belong to it is said by a ref of their own entity, which may be hidden from them.
    """
    others = {part for reason, parts in found.items() if reason.words != _WHERE_ELSE_NOTHING for part in parts}
    kept = {
        reason: [part for part in parts if reason.words != _WHERE_ELSE_NOTHING or part not in others]
        for reason, parts in found.items()
    }
    return {reason: parts for reason, parts in kept.items() if parts}


def _label(seen: Seen) -> str:
    """Name an entity by its kind and, where it has one that is seen, its name."""
    names = [fields["name"] for fields in seen.facets.values() if isinstance(fields.get("name"), str)]
    return " ".join(("the", seen.kind, *(str(name) for name in names)))
