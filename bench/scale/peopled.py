"""Makes a world over HTTP with its viewers, who hold fifty keys each; what fills it comes from `bench.scale.made`."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.api import Api

PACK: Final = Path(__file__).parent / "pack.yaml"
PLACES: Final = 200
AT_ONCE: Final = 100
KEYS: Final = 50
OTHER_PLACES: Final = PLACES - (KEYS - 4)
CROWD_SEATS: Final = KEYS - 5
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Peopled:
    """A world with tokens by viewer: `rare`, `all` and `unscoped`; places where `rare` sits, and all others.

    `crowd` are the tokens of more viewers, each with seats at some of the other places.
    """

    id: str
    position: int
    tokens: dict[str, str]
    rare: tuple[str, ...]
    places: tuple[str, ...]
    crowd: tuple[str, ...] = ()


def people(port: int, crowd: int = 0) -> Peopled:
    """Make users, a world and seats. Beside groups, viewers hold `everyone`, `members`, roles and their own key."""
    api = Api(port)
    keeper = api.log_in("keeper")
    api.call("POST", "/packs", {"files": {"pack.yaml": PACK.read_text(encoding="utf-8")}})
    world = str(api.call("POST", "/worlds", {"pack": "wide", "title": "Wide"})["id"])
    for start in range(0, PLACES, AT_ONCE):
        names = [f"Place {number}" for number in range(start, start + AT_ONCE)]
        api.act(world, "build", input={"names": names})
    places = [str(one["id"]) for one in api.all(f"/worlds/{world}/entities?kind=place&limit=100")]
    tokens = {"unscoped": keeper}
    seats = {"rare": places[: KEYS - 4], "all": places[100 : 100 + KEYS - 5]}
    for name, roles in (("rare", ["player"]), ("all", ["player", "reader"])):
        tokens[name] = _seated(api, world, _Seating(name, roles, seats[name]))
    others = tuple(key for key in places if key not in seats["rare"])
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seated = pool.map(lambda one: _seated(_as(port, keeper), world, one), _crowd(crowd, others))
    newest = api.call("GET", f"/worlds/{world}/feed?limit=1")
    return Peopled(world, int(newest[0]["position"]), tokens, tuple(seats["rare"]), others, tuple(seated))


@dataclass(frozen=True, slots=True)
class _Seating:
    name: str
    roles: Sequence[str]
    places: Sequence[str]


def _crowd(size: int, places: Sequence[str]) -> Iterator[_Seating]:
    for number in range(size):
        start = number * 11 % len(places)
        yield _Seating(f"crowd{number}", ["player"], [*places[start:], *places[:start]][:CROWD_SEATS])


def _seated(keeper: Api, world: str, seating: _Seating) -> str:
    """Make a member who has seats, and return their token."""
    api = _as(keeper.port, "")
    token = api.log_in(seating.name)
    invited = {"email": f"{seating.name}@bench.example.org", "roles": list(seating.roles)}
    keeper.call("POST", f"/worlds/{world}/members", invited)
    api.act(world, "sit", input={"places": list(seating.places)})
    return token


def _as(port: int, token: str) -> Api:
    api = Api(port)
    api.token = token
    return api
