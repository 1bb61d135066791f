"""Kills in a row on one database: load, a kill, a restart, a look at everything; not what is compared."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from tests.crash.book import Book, BrokenError
from tests.crash.checks import check
from tests.crash.commons import settled
from tests.crash.house import House, Server
from tests.crash.load import Load
from tests.crash.points import Moment, Place, Point
from tests.postgres import Cluster

AT_RANDOM: Final = "at random"
DATABASE: Final = "database killed"
SPELL_SECONDS: Final = 20  # a point that is not come to by then becomes a kill at random
PATIENCE: Final = 90  # for what has to happen
CLIENTS: Final = (1, 4, 16)


@dataclass
class Tally:
    """What came of a session."""

    kills: Counter[str] = field(default_factory=Counter)
    between: int = 0
    cut: int = 0
    done: int = 0
    absent: int = 0
    elsewhere: int = 0
    put_off: int = 0
    repeated: int = 0
    acknowledged: int = 0
    refusals: int = 0
    verified: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass
class Session:
    """One world, the servers on its database, and whoever acts in it. `cluster` is there where it may be killed too."""

    house: House
    book: Book
    servers: list[Server]
    dice: random.Random
    cluster: Cluster | None = None
    tally: Tally = field(default_factory=Tally)

    async def run(self, kills: int, verify_every: int, enough: Callable[[Tally], bool] = lambda _: False) -> Tally:
        """Kill so often, or until it is enough; the tally has what was broken, which ends the session."""
        try:
            for number in range(1, kills + 1):
                if self.cluster is not None and self.dice.random() < 0.1:
                    await self.kill_database()
                else:
                    await self.kill_server(self._any_point())
                if number % verify_every == 0:
                    await self.verify()
                if enough(self.tally):
                    break
            await self.verify()
        except BrokenError as broken:
            self.tally.broken.append(str(broken))
        return self.tally

    async def kill_server(self, point: Point | None) -> None:
        """Load, kill a server at a point (at random without one), restart it, and look."""
        index = self.dice.randrange(len(self.servers))
        victim = self.servers[index]
        if point is not None:
            victim.arm(point)
        load = self.load(first=victim)
        load.start()
        await self._until_killed(victim, load, self._any_moment(load) if point is None else None)
        if len(self.servers) > 1:
            await asyncio.sleep(self.dice.uniform(0.0, 0.3))  # the others go on
        await load.stop()
        where = victim.reached or AT_RANDOM
        self.servers[index] = await self.house.serve(port=victim.port)
        await self._look(load, where)

    async def kill_database(self) -> None:
        """Load, kill the database, start it again, wait until the servers answer by themselves, and look."""
        assert self.cluster is not None
        load = self.load()
        load.persistent = True
        load.start()
        await self._any_moment(load)
        self.cluster.kill()
        await asyncio.sleep(self.dice.uniform(0.0, 0.3))
        put_off, answered = load.put_off, load.answered
        await asyncio.to_thread(self.cluster.start)
        await self.go_on(load, lambda: load.answered > answered + load.clients)
        await load.stop()
        self.tally.between += put_off > 0
        await self._look(load, DATABASE)

    async def cut_connection(self, point: Point) -> None:
        """Load, have a server lose its connection to the database at a point, let it go on, and look."""
        (victim,) = self.servers
        victim.arm(point)
        load = self.load()
        load.start()
        await self.go_on(load, lambda: victim.reached is not None)
        answered = load.answered
        await self.go_on(load, lambda: load.answered > answered + load.clients)
        await load.stop()
        await self._look(load, str(point))
        victim.kill()  # a process comes to one point
        await victim.ended  # its port is free then
        self.servers = [await self.house.serve(port=victim.port)]

    async def verify(self) -> None:
        """Let the product verify its own log and state."""
        status, said = await self.house.run("verify")
        if status:
            raise BrokenError("torn", said)
        self.tally.verified += 1

    async def _until_killed(self, victim: Server, load: Load, moment: Awaitable[None] | None) -> None:
        if moment is not None:
            await moment
        else:
            await asyncio.wait([asyncio.shield(victim.ended)], timeout=SPELL_SECONDS)
        load.tell()
        victim.kill()
        if await victim.ended != -9:
            raise BrokenError("odd", f"a server ended by itself: {victim.log.read_text(errors='replace')[-2000:]}")

    async def _look(self, load: Load, where: str) -> None:
        found = await check(self.dice.choice(self.servers).port, self.book)
        tally = self.tally
        tally.kills[where] += 1
        tally.between += load.cut > 0 and where != DATABASE
        tally.cut += load.cut
        tally.elsewhere += load.elsewhere
        tally.put_off += load.put_off
        tally.done += found.done + load.done
        tally.absent += found.absent + load.absent
        tally.repeated += found.repeated
        tally.acknowledged, tally.refusals = self.book.acknowledged, self.book.refusals

    async def go_on(self, load: Load, until: Callable[[], bool]) -> None:
        """Wait for something while everybody acts; raises TimeoutError, and what has gone wrong meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while not until():
                load.tell()
                await asyncio.sleep(0.01)

    def load(self, first: Server | None = None) -> Load:
        """Return some of the people, ready to act; if one only, then at the server that is named."""
        clients = min(self.dice.choice(CLIENTS), len(self.book.people))
        ports = [server.port for server in sorted(self.servers, key=lambda server: server is not first)]
        return Load(self.book, ports, clients, persistent=False)

    async def _any_moment(self, load: Load) -> None:
        """Wait for a while, mostly from the first answer on: a cold server takes its time."""
        if self.dice.random() < 0.9:
            await self.go_on(load, lambda: load.answered > 0)
        await asyncio.sleep(self.dice.uniform(0.0, 0.5))

    def _any_point(self) -> Point | None:
        """Half of the kills come at random, from outside; the others at a point."""
        if self.dice.random() < 0.5:
            return None
        place = self.dice.choice([Place.APPEND, Place.PROJECT, Place.COMMIT, Place.COMMIT])
        return Point(place, self.dice.choice(list(Moment)), self.dice.randint(1, 40), self.dice.uniform(0.0, 0.002))


async def begun(house: House, processes: int, people: int, seed: int) -> Session:
    """Begin servers on the database of a house, and a world in it."""
    servers = [await house.serve() for _ in range(processes)]
    book = await settled(servers[0].port, people, seed)
    return Session(house, book, servers, random.Random(seed))
