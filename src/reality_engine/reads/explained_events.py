"""Explains an event that a viewer sees: its rule and place, what was read, and why they see it; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.repository import rule_of
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.packs import service as packs
from reality_engine.packs.audience import Audience
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.place import Place
from reality_engine.reads.asked_of_events import Told, asked_of_action, asked_of_reaction
from reality_engine.reads.explaining import Explained, explained
from reality_engine.reads.values import Sight
from reality_engine.reads.why_seen import Looker, Reason
from reality_engine.rules.asked import Asked
from reality_engine.state.audience import facet_of
from reality_engine.visibility.events import EventView, events_at
from reality_engine.visibility.reasons import position_of, seen_parts
from reality_engine.visibility.seen import member_of, seen_before
from reality_engine.visibility.states import AsOf
from reality_engine.visibility.viewer import Viewer


@dataclass(frozen=True, slots=True)
class MadeBy:
    """The rule that made an event: an action, or a reaction to another event. One that was emitted is told with it."""

    kind: str
    name: str
    place: Place
    audience: Audience = ()
    asked: tuple[Asked, ...] = ()


@dataclass
class EventExplained:
    """What can be said of an event to a viewer. Without a rule, that is not theirs to know."""

    view: EventView
    pack: CompiledPack | None = None
    made_by: MadeBy | None = None
    emitted: bool = False
    cause: EventView | None = None
    rules: list[Explained] = field(default_factory=list)
    reasons: dict[Reason, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explaining:
    """A viewer who asks about events of a world."""

    unit: ReadUnit
    viewer: Viewer
    packs: PackCache

    async def event(self, key: str) -> EventView:
        """Return an event as its viewer sees it; raises NotFoundError."""
        return (await self._found(key))[0]

    async def explain(self, key: str) -> EventExplained:
        """Explain an event; raises NotFoundError where there is none, or nothing of it is to be seen."""
        view, position = await self._found(key)
        if view.head is None:
            return EventExplained(view, reasons=await self._reasons(position, self.viewer.pack, Told(view), None))
        cause = view.head.get("cause")
        origin = await self._found(str(cause)) if cause is not None else None
        pack, reaction = await self._rule(position)
        told = Told(view, await self._me(pack, view, position), origin[0] if origin else None, self._mine(view))
        made_by, emitted = await self._of(pack, reaction, told, origin)
        own = made_by if made_by is not None and not emitted else None
        sight = self._sight(pack, position)
        scope = self.viewer.scope
        return EventExplained(
            view, pack, made_by, emitted, told.cause,
            await explained(sight, own.asked, with_source=scope.everything) if own else [],
            await self._reasons(position, pack, told, own),
        )  # fmt: skip

    async def made_by(self, view: EventView) -> EventExplained:
        """Say by which rule an event was made that the viewer sees, and no more."""
        if view.head is None:
            return EventExplained(view)
        cause = view.head.get("cause")
        origin = await self._found(str(cause)) if cause is not None else None
        pack, reaction = await self._rule(view.position)
        made_by, emitted = await self._of(pack, reaction, Told(view), origin)
        return EventExplained(view, pack, made_by, emitted)

    async def _of(
        self, pack: CompiledPack, reaction: str | None, told: Told, origin: tuple[EventView, int] | None
    ) -> tuple[MadeBy | None, bool]:
        """Return the rule that made an event, and whether it emitted it, so that it is that of its cause."""
        made_by = _made_by(pack, reaction, told)
        if made_by is not None or origin is None:
            return made_by, False
        its_pack, its_reaction = await self._rule(origin[1])
        return _made_by(its_pack, its_reaction, Told(origin[0])), True

    async def _found(self, key: str) -> tuple[EventView, int]:
        position = await position_of(self.unit, self.viewer.scope, self.viewer.world, key)
        states = self.viewer.states
        if position is not None and isinstance(states, AsOf) and position > states.position:
            position = None
        views = await events_at(self.unit, self.viewer, [] if position is None else [position])
        if not views or position is None:
            raise NotFoundError("there is no such event in this world")
        return views[0], position

    async def _rule(self, position: int) -> tuple[CompiledPack, str | None]:
        digest, reaction = await rule_of(self.unit, self.viewer.world, position)
        return await packs.load(self.unit, digest, self.packs), reaction

    def _mine(self, view: EventView) -> bool:
        by = (view.head or {}).get("by")
        user = self.viewer.scope.user
        return self.viewer.scope.everything or (isinstance(by, dict) and bool(user) and by.get("id") == user)

    def _sight(self, pack: CompiledPack, position: int) -> Sight:
        """Return how the viewer sees the state just before the event at a position."""
        world, scope = self.viewer.world, self.viewer.scope
        return Sight(pack, partial(seen_before, self.unit, scope, world, position))

    async def _me(self, pack: CompiledPack, view: EventView, position: int) -> Mapping[str, Plain]:
        """Return who acted, as the rules saw them: as far as the viewer sees it, and the world still has it."""
        by = (view.head or {}).get("by")
        if not isinstance(by, dict):
            return {}
        me: dict[str, Plain] = {"id": by["id"], "kind": by["kind"]}
        if by["kind"] == PrincipalKind.WORLD:
            return {**me, "member": False, "admin": False, "roles": []}
        key = await member_of(self.unit, self.viewer.world, str(by["id"]))
        seen = await self._sight(pack, position).entity(key) if key else None
        fields = seen.facets.get(facet_of(pack.kinds["member"], "roles")) if seen and seen.live else None
        if fields is None:
            return me
        held = fields.get("roles")
        roles = held if isinstance(held, list) else []
        admin = any(str(role) in pack.roles and pack.roles[str(role)].admin for role in roles)
        return {**me, "member": True, "admin": admin, "roles": roles}

    async def _reasons(
        self, position: int, pack: CompiledPack, told: Told, own: MadeBy | None
    ) -> dict[Reason, list[str]]:
        sights = [self._sight(pack, position + 1), self._sight(pack, position)]
        variables = told.variables()
        if "target" in variables:
            variables["entity"] = variables["target"]
        audience = own.audience if own else ()
        looker = Looker(self.viewer.scope, self.viewer.pack, sights, audience, variables, acted=self._mine(told.view))
        return await looker.reasons(await seen_parts(self.unit, self.viewer.scope, self.viewer.world, position))


def _made_by(pack: CompiledPack, reaction: str | None, told: Told) -> MadeBy | None:
    """Return the rule that an event is of, None for one that was emitted."""
    for rule in pack.reactions if reaction is not None else ():
        if rule.name == reaction:
            return MadeBy("reaction", rule.name, rule.place, rule.audience, tuple(asked_of_reaction(rule, told)))
    action = pack.actions.get(str(told.head.get("action")))
    if action is None:
        return None
    return MadeBy("action", action.name, action.place, action.audience, tuple(asked_of_action(action, told)))
