"""Who is looking at what: one world through one scope. No read can be made without it."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Head
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.page import Standing
from reality_engine.visibility.resolver import NO_WORLD, scope_of
from reality_engine.visibility.states import NOW, States

# A scope of fifty keys takes some 8 kB.
DEFAULT_SIZE: Final = 4096
# What of a world's head a scope depends on: while these are the same, it holds.
Stamp: TypeAlias = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """A world as one principal may see it: as it is now, or the states as of a moment, with the pack of then."""

    world: str
    pack: CompiledPack
    scope: Scope
    principal: Principal = ANONYMOUS
    states: States = NOW

    def __post_init__(self) -> None:
        """Raise NotFoundError in a world for which the principal's credential is not good.

        It stands here since no read can be made without a viewer, however that came to be.
        """
        if self.principal.grant is not None and not self.principal.enters(self.world):
            raise NotFoundError(NO_WORLD)


@dataclass
class Viewers:
    """Keeps how principals last saw worlds, at most `size` of them, the most lately asked for.

    Whoever asks brings the head of the world as it is now, and gets what was kept only if nothing has happened since
    that may have changed who sees what. So it holds whichever process acted, and nobody has to be told.
    """

    packs: PackCache
    size: int = DEFAULT_SIZE
    _kept: "OrderedDict[tuple[str, str], tuple[Stamp, Viewer]]" = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._kept)

    def likely(self, world: str, principal: Principal) -> tuple[Stamp, Viewer] | None:
        """Return what was kept of a principal, and by which head it was true, to be compared with the present one."""
        place = (world, _who(principal))
        held = self._kept.get(place)
        if held is None:
            return None
        self._kept.move_to_end(place)
        stamp, viewer = held
        return stamp, viewer if viewer.principal == principal else replace(viewer, principal=principal)

    def known(self, head: Head, world: str, principal: Principal) -> Viewer | None:
        """Return how a principal sees a world whose head is this one, if that is kept and still true."""
        held = self.likely(world, principal)
        return held[1] if held is not None and held[0] == stamp_of(head) else None

    def keep(self, head: Head, viewer: Viewer) -> None:
        """Keep how a principal sees a world; only what is committed, since another head may come to look the same."""
        place = (viewer.world, _who(viewer.principal))
        self._kept[place] = stamp_of(head), viewer
        self._kept.move_to_end(place)
        while len(self._kept) > self.size:
            self._kept.popitem(last=False)


def stamp_of(head: Head | Standing) -> Stamp:
    """Return what of a head a scope depends on."""
    return head.scopes, head.epoch, head.pack


async def viewer_of(
    unit: ReadUnit, world: str, principal: Principal, viewers: Viewers, head: Head | None = None
) -> Viewer:
    """Return how a principal sees a world; raises NotFoundError where they see nothing of it, or there is none.

    `head` is that of the world in this transaction, for who has it already.
    """
    head = head or await eventlog.get_head(unit, world)
    known = viewers.known(head, world, principal)
    if known is not None:
        return known
    pack = await packs.load(unit, (await directory.get(unit, world)).pack, viewers.packs)
    viewer = Viewer(world, pack, await scope_of(unit, world, pack, principal), principal)
    if not isinstance(unit, WriteUnit):
        viewers.keep(head, viewer)
    return viewer


def _who(principal: Principal) -> str:
    """Tell apart who may see different things: nobody in particular, the world and whoever is known by an id."""
    return principal.id if principal.known else ""
