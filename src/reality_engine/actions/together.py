"""Wishes that come true all or none: decided one after the other, each seeing those before it; not written here."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import AbandonedError
from reality_engine.actions.outlook import Outlook
from reality_engine.actions.turn import Taken, Turn
from reality_engine.actions.wish import Together, Wish
from reality_engine.db.batch import Batch
from reality_engine.kernel.errors import InvalidError, RealityError, UnavailableError
from reality_engine.packs.chance import Chances

# After so many decisions, others who wait for nothing of this world get their turn on the processor.
_PAUSE: Final = 32


async def take_together(asked: Together, pending: Outlook, turn: Callable[[Outlook, Wish], Turn]) -> Taken:
    """Decide wishes on top of what is pending; `write` and `outlook` are there where all of them were accepted.

    Entity tags are those from before the first of them, since nobody can have seen what lies between. Raises
    AbandonedError where one of them cannot be judged, and NotFoundError where the principal sees nothing of the world.
    """
    await turn(pending, asked.wishes[0]).enter()
    chances = Chances(pending.pack)
    for index, wish in enumerate(asked.wishes):
        with _blamed(index):
            if index + 1 < len(asked.wishes) and chances.may_draw(wish.request.action):
                raise InvalidError(_CHANCE, field="action", hint=_CHANCE_HINT)
            if wish.if_match is not None:
                await turn(pending, wish).match()
    return await _take_all(asked, pending, turn)


_CHANCE: Final = "what is left to chance can only be the last action of an atomic batch"
_CHANCE_HINT: Final = "or else whoever dislikes the dice could have them fall again"


async def _take_all(asked: Together, pending: Outlook, turn: Callable[[Outlook, Wish], Turn]) -> Taken:
    batch, after = Batch(), Outlook(pending)
    answers: list[Answer] = []
    for index, wish in enumerate(asked.wishes):
        with _blamed(index):
            taken = await turn(after, replace(wish, if_match=None)).take()
        if taken.write is None or taken.outlook is None:
            return Taken(replace(taken.answer, index=index))
        taken.write(batch)
        taken.outlook.settle()
        answers.append(taken.answer)
        if index % _PAUSE == _PAUSE - 1:
            await asyncio.sleep(0)
    return Taken(Answer("accepted", parts=tuple(answers)), lambda whole: whole.merge(batch), after)


@contextmanager
def _blamed(index: int) -> Iterator[None]:
    try:
        yield
    except UnavailableError:
        raise
    except RealityError as error:
        raise AbandonedError(index, error) from error
