"""One wish's turn in a group: judged until nothing is lacking, then answered; not when that is written."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias, TypeVar

from reality_engine.actions.answer import Answer
from reality_engine.actions.built_upon import pending_since, standing_in_the_way
from reality_engine.actions.judging import check_match, judge, refusal, told
from reality_engine.actions.memory import Memory
from reality_engine.actions.outlook import Outlook
from reality_engine.actions.recalling import recall
from reality_engine.actions.recording import Record
from reality_engine.actions.scopes import viewer_in
from reality_engine.actions.wish import Wish
from reality_engine.db.batch import Batch
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.chance import Draws
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.json import Plain
from reality_engine.reads.explaining import explained
from reality_engine.reads.values import Sight
from reality_engine.rules.decision import LackError, Question, Refused
from reality_engine.rules.undoable import undone_by_request
from reality_engine.rules.undoing import BUILT_UPON
from reality_engine.visibility.seen import Seen
from reality_engine.visibility.showing import seen_of
from reality_engine.visibility.viewer import Viewer

T = TypeVar("T")
# Gives a unit to read by, in which nothing is older than what is remembered.
Reader: TypeAlias = Callable[[], Awaitable[ReadUnit]]

# Each round answers everything that was lacking, so the rounds count how far one answer led to the next question.
MAX_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """What a wish came to; `write`, which fills a batch, and the outlook are there where something happened."""

    answer: Answer
    write: Callable[[Batch], None] | None = None
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A wish at its turn, on top of what is pending; `memory` is what lies under that.

    `foresee` tells, once something is lacking, what else is likely to be asked for next.
    """

    wish: Wish
    memory: Memory
    pending: Outlook
    now: datetime
    draws: Draws
    etag_key: bytes
    read: Reader
    foresee: Callable[[], set[Question]]

    async def enter(self) -> None:
        """Raise NotFoundError where its principal sees nothing of the world."""
        await self._known(lambda: viewer_in(self.pending, self.wish.principal, vouched=self.wish.request.vouched))

    async def match(self) -> None:
        """Raise StaleError where the target is not as its principal has seen it."""
        await self._known(lambda: check_match(self.pending, self.wish, self.etag_key))

    async def take(self) -> Taken:
        """Decide the wish; raises what `judge` does."""
        judged = await self._known(lambda: judge(self.pending, self.wish, self.now, self.draws, self.etag_key))
        if isinstance(judged.outcome, Refused):
            return Taken(await self._refused(judged.viewer, judged.outcome))
        return await self._accepted(judged.viewer, judged.outcome)

    async def _accepted(self, viewer: Viewer, done: Record) -> Taken:
        after = Outlook(self.pending)
        after.happened(done.head, done.before, done.after, [event for event, _ in done.events])
        return Taken(await self._known(lambda: told(after, viewer, done)), done.write, after)

    async def _refused(self, viewer: Viewer, refused: Refused) -> Answer:
        answer = refusal(refused)
        if refused.code == BUILT_UPON:
            answer = replace(answer, events=await self._in_the_way(viewer))
        if not self.wish.request.explain:
            return answer
        # By the present, which it has not changed.
        sight = Sight(viewer.pack, lambda keys: self._seen(viewer, keys))
        rules = await explained(sight, refused.asked, with_source=viewer.scope.everything)
        return replace(answer, explanation=tuple(rules))

    async def _in_the_way(self, viewer: Viewer) -> tuple[dict[str, Plain], ...]:
        undoing = await self._known(lambda: undone_by_request(self.pending, self.wish.request))
        if undoing is None:
            return ()
        pending = await self._known(lambda: pending_since(viewer, self.pending, undoing))
        return await standing_in_the_way(await self.read(), viewer, pending, undoing)

    async def _seen(self, viewer: Viewer, keys: Collection[str]) -> Mapping[str, Seen]:
        found = {key: await self._known(partial(self._sight, viewer, key)) for key in keys}
        return {key: seen for key, seen in found.items() if seen is not None}

    def _sight(self, viewer: Viewer, key: str) -> Seen | None:
        return seen_of(viewer, self.pending.held(key))

    async def _known(self, work: Callable[[], T]) -> T:
        """Do pure work, until it lacks nothing."""
        for number in range(MAX_ROUNDS):
            try:
                return work()
            except LackError as lack:
                further = set() if number else self.foresee()
                await recall(await self.read(), self.memory, {*lack.questions, *further})
        raise UnavailableError("the decision kept lacking facts")
