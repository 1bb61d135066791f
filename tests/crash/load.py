"""Everybody acts at once, each waiting for the answer before asking for more, until the server is gone or all stop."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.crash.book import Book, BrokenError, Person, Wish
from tests.crash.wire import LostError, Reply, Wire

PAUSE: Final = 0.02  # before a request that was put off is repeated


@dataclass
class Load:
    """One spell of acting. `cut` counts the requests that were sent and lost their connection, `put_off` the 503s.

    Of those that were repeated elsewhere or later, `done` had been done the first time and `absent` had not.
    """

    book: Book
    ports: Sequence[int]
    clients: int
    persistent: bool
    stopped: bool = False
    cut: int = 0
    put_off: int = 0
    elsewhere: int = 0
    done: int = 0
    absent: int = 0
    answered: int = 0
    _doubtful: set[str] = field(default_factory=set)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Let everybody begin: as many as there are clients, each with a server to begin with."""
        people = self.book.people[: self.clients]
        self._tasks = [asyncio.create_task(self._live(person, turn)) for turn, person in enumerate(people)]

    def tell(self) -> None:
        """Raise what has gone wrong so far."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Let everybody finish what they are at, where they can."""
        self.stopped = True
        await asyncio.gather(*self._tasks)

    async def _live(self, person: Person, turn: int) -> None:
        """Act again and again. Without its server somebody goes to another one or, every other time, gives up."""
        wires = [Wire(port, person.token) for port in (*self.ports[turn % len(self.ports) :], *self.ports)]
        try:
            while not self.stopped and wires:
                wish = self.book.wish(person)
                try:
                    reply = await asked(wires[0], self.book.world, wish)
                except LostError as lost:
                    self.cut += lost.sent
                    self._doubtful.add(wish.key)
                    wires = self._others(wires, turn)
                    continue
                if reply.status == 503:
                    self.put_off += 1
                    self._doubtful.add(wish.key)
                    await asyncio.sleep(PAUSE)
                else:
                    self._take(person, wish, reply)
        finally:
            for wire in wires:
                wire.close()

    def _take(self, person: Person, wish: Wish, reply: Reply) -> None:
        taken(self.book, person, wish, reply)
        self.answered += 1
        if reply.status == 200 and wish.key in self._doubtful:
            again = bool(reply.data["repeated"])
            self.done, self.absent = self.done + again, self.absent + (not again)

    def _others(self, wires: list[Wire], turn: int) -> list[Wire]:
        left = [wire for wire in wires if wire.port != wires[0].port]
        goes_on = self.persistent or turn % 4 < 2
        self.elsewhere += bool(left) and goes_on
        return left if goes_on else []


async def asked(wire: Wire, world: str, wish: Wish) -> Reply:
    """Ask for a wish under its key; raises LostError."""
    return await wire.call("POST", f"/worlds/{world}/actions/{wish.action}", wish.body, wish.key)


def taken(book: Book, person: Person, wish: Wish, reply: Reply) -> None:
    """Take an answer to a wish; raises BrokenError where it is none that could be."""
    if reply.status == 200:
        book.answered(person, wish, reply.data["events"])
    elif reply.codes == ["requirement_failed"]:
        book.declined(person, wish)
    else:
        raise BrokenError("odd", f"{wish.action} was answered with {reply.status} {reply.body}")
