"""Makes a world over HTTP with its viewers, who hold fifty keys each; what fills it comes from `bench.scale.made`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.prepared import Api

PACK: Final = Path(__file__).parent / "pack.yaml"
PLACES: Final = 200
AT_ONCE: Final = 100
KEYS: Final = 50


@dataclass(frozen=True, slots=True)
class Peopled:
    """A world with tokens by viewer: `rare`, `all` and `unscoped`; places where `rare` sits, and all others."""

    id: str
    position: int
    tokens: dict[str, str]
    rare: tuple[str, ...]
    places: tuple[str, ...]


def people(port: int) -> Peopled:
    """Make users, a world and seats. Beside groups, viewers hold `everyone`, `members`, roles and their own key."""
    api = Api(port)
    keeper = api.log_in("keeper")
    api.call("POST", "/packs", {"files": {"pack.yaml": PACK.read_text(encoding="utf-8")}})
    world = str(api.call("POST", "/worlds", {"pack": "wide", "title": "Wide"})["id"])
    for start in range(0, PLACES, AT_ONCE):
        names = [f"Place {number}" for number in range(start, start + AT_ONCE)]
        _act(api, world, "build", {"names": names})
    places = [str(one["id"]) for one in api.all(f"/worlds/{world}/entities?kind=place&limit=100")]
    tokens = {"unscoped": keeper}
    seats = {"rare": places[: KEYS - 4], "all": places[100 : 100 + KEYS - 5]}
    for name, roles in (("rare", ["player"]), ("all", ["player", "reader"])):
        api.token = ""
        tokens[name] = api.log_in(name)
        api.token = keeper
        api.call("POST", f"/worlds/{world}/members", {"email": f"{name}@bench.example.org", "roles": roles})
        api.token = tokens[name]
        _act(api, world, "sit", {"places": seats[name]})
    api.token = keeper
    newest = api.call("GET", f"/worlds/{world}/feed?limit=1")
    others = tuple(key for key in places if key not in seats["rare"])
    return Peopled(world, int(newest[0]["position"]), tokens, tuple(seats["rare"]), others)


def _act(api: Api, world: str, action: str, given: dict[str, Any]) -> None:
    api.call("POST", f"/worlds/{world}/actions/{action}", {"input": given})
