"""Holds a world to what was acknowledged: nothing lost, doubled or torn, positions without a gap; kills nothing."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from tests.crash.book import Book, BrokenError, Person, Wish
from tests.crash.commons import STOCK
from tests.crash.load import asked, taken
from tests.crash.wire import Wire

PAGE: Final = 100


@dataclass
class Found:
    """What had become of the wishes without an answer, and how many answers were given again."""

    done: int = 0
    absent: int = 0
    repeated: int = 0


async def check(port: int, book: Book) -> Found:
    """Look at the whole world while nobody acts, repeat what has no answer, and look again; raises BrokenError."""
    found = Found()
    with closing(Wire(port, book.steward)) as wire:
        happened = await _looked(wire, book)
        for person in book.people:
            with closing(Wire(port, person.token)) as own:
                if person.open is not None:
                    there = person.gatherer in happened
                    await _settle(own, book, person, there=there)
                    found.done, found.absent = found.done + there, found.absent + (not there)
                found.repeated += await _repeat(own, book, person)
        if await _looked(wire, book):
            raise BrokenError("torn", "something happened that nobody had asked for")
    book.position += len(book.told)
    book.told.clear()
    return found


async def _looked(wire: Wire, book: Book) -> dict[str, Wish]:
    """Return whose unanswered wish came true, by their gatherers; raises BrokenError where anything does not fit."""
    held = {str(one["id"]): int(one["fields"]["store"]) for one in await _every(wire, book, "gatherer")}
    happened = {
        person.gatherer: person.open
        for person in book.people
        if person.open is not None and person.open.gain and held[person.gatherer] == person.store + person.open.gain
    }
    for person in book.people:
        more = held[person.gatherer] - person.store
        if more and person.gatherer not in happened:
            raise BrokenError("lost" if more < 0 else "doubled", f"a store is {more} off, open is {person.open}")
    await _compare_patches(wire, book, list(happened.values()))
    await _compare_log(wire, book, len(happened))
    return happened


async def _compare_patches(wire: Wire, book: Book, happened: list[Wish]) -> None:
    gone = Counter(book.taken)
    for wish in happened:
        if wish.patch is not None:
            gone[wish.patch] += wish.gain
    for one in await _every(wire, book, "patch"):
        told = (one["fields"]["pressure"], one["fields"]["stock"])
        if one["id"] in book.patches and told != (gone[one["id"]], STOCK - gone[one["id"]]):
            raise BrokenError("torn", f"a patch has pressure and stock {told}, and {gone[one['id']]} was taken")
    orders = await wire.call("GET", f"/worlds/{book.world}/entities?kind=order&limit=1&total=true")
    wanted, total = book.orders + sum(wish.patch is None for wish in happened), orders.body["meta"]["total"]
    if total != wanted:
        raise BrokenError("lost" if total < wanted else "doubled", f"there are {total} orders and not {wanted}")


async def _compare_log(wire: Wire, book: Book, happened: int) -> None:
    """Hold the events since the last look to the answers since then."""
    events = await _since(wire, book)
    places = [event["position"] for event in reversed(events)]
    if places != list(range(book.position + 1, book.position + 1 + len(places))):
        raise BrokenError("torn", f"after {book.position} come the positions {places}")
    ids = {event["id"] for event in events}
    if lost := book.told - ids:
        raise BrokenError("lost", f"{len(lost)} acknowledged events are not in the log, such as {min(lost)}")
    if len(events) != len(book.told) + happened:
        kind = "doubled" if len(events) > len(book.told) + happened else "torn"
        raise BrokenError(kind, f"{len(events)} events, {len(book.told)} by answers and {happened} by what stands")


async def _settle(wire: Wire, book: Book, person: Person, *, there: bool) -> None:
    """Repeat a wish without an answer: it is done by now, once, and was before if its effect was there."""
    wish = book.wish(person)
    reply = await asked(wire, book.world, wish)
    if reply.status == 200 and reply.data["repeated"] is not there:
        raise BrokenError("torn", f"its effect {'was' if there else 'was not'} there, and its answer says otherwise")
    taken(book, person, wish, reply)


async def _repeat(wire: Wire, book: Book, person: Person) -> int:
    """Repeat the last wish that was answered, and the last that was refused; return how many there were.

    Those of earlier looks are in the log, once, by every look since.
    """
    if person.last is not None:
        wish, ids = person.last
        reply = await asked(wire, book.world, wish)
        if not reply.data["repeated"] or [event["id"] for event in reply.data["events"]] != ids:
            raise BrokenError("doubled", f"{wish.key} was done again: {reply.body}")
    if person.refused is not None:
        reply = await asked(wire, book.world, person.refused)
        if reply.codes != ["requirement_failed"]:
            raise BrokenError("odd", f"a refusal became {reply.status} {reply.body}")
    count = (person.last is not None) + (person.refused is not None)
    person.last = person.refused = None
    return count


async def _every(wire: Wire, book: Book, kind: str) -> list[dict[str, Any]]:
    reply = await wire.call("GET", f"/worlds/{book.world}/entities?kind={kind}&limit={PAGE}")
    if "next" in reply.body["meta"]:
        raise BrokenError("odd", f"more than {PAGE} of kind {kind}")
    held: list[dict[str, Any]] = reply.data
    return held


async def _since(wire: Wire, book: Book) -> list[dict[str, Any]]:
    """Return every event since the last look, the newest first."""
    events: list[dict[str, Any]] = []
    following: str | None = ""
    while following is not None:
        reply = await wire.call("GET", f"/worlds/{book.world}/feed?limit={PAGE}{following and f'&cursor={following}'}")
        events += [event for event in reply.data if event["position"] > book.position]
        following = reply.body["meta"].get("next") if reply.data[-1]["position"] > book.position else None
    return events
