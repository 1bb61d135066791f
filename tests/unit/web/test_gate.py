import json

import pytest
from starlette.types import Receive, Scope, Send

from reality_engine.web.gate import Doors, Gate
from tests.asgi import Exchanged, Pairs, exchanged

ADDRESS = "https://worlds.example.org"
NAMES = ("worlds.example.org", "*.example.net", "[::1]")


async def inside(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


async def ask(doors: Doors, *headers: tuple[bytes, bytes], path: str = "/a?b=c", method: str = "GET") -> Exchanged:
    return await exchanged(Gate(inside, doors), method, path, headers)


def code(answer: Exchanged) -> str:
    return str(json.loads(answer.body)["errors"][0]["code"])


@pytest.mark.parametrize("host", ["worlds.example.org", "WORLDS.example.org:443", "a.b.example.net", "[::1]:8000"])
async def test_a_name_of_the_server_is_let_in(host: str) -> None:
    gate = Gate(inside, Doors(NAMES))
    for _ in range(2):
        assert (await exchanged(gate, "GET", "/", [(b"host", host.encode())])).status == 200


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["evil.example"],
        ["worlds.example.org.evil.example"],
        ["example.net"],
        ["evilexample.net"],
        ["worlds.example.org@evil.example"],
        ["worlds.example.org", "evil.example"],
        ["worlds.example.org", "worlds.example.org"],
        ["[::2]"],
        [""],
        ["\xff"],
    ],
)
async def test_any_other_is_turned_away(hosts: list[str]) -> None:
    sent: Pairs = [(b"host", host.encode("latin-1")) for host in hosts]
    answer = await ask(Doors(NAMES), *sent)
    assert (answer.status, code(answer)) == (421, "unknown_host")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_what_watches_over_it_may_ask_by_any_name_and_in_the_clear(path: str) -> None:
    assert (await ask(Doors(NAMES, ADDRESS), (b"host", b"10.0.0.7"), path=path)).status == 200


async def test_a_page_is_led_to_https() -> None:
    answer = await ask(Doors((), ADDRESS), (b"host", b"evil.example"))
    assert (answer.status, dict(answer.headers)[b"location"]) == (308, b"https://worlds.example.org/a?b=c")


@pytest.mark.parametrize(
    ("method", "headers"), [("POST", []), ("GET", [(b"authorization", b"Bearer t")])], ids=["post", "with a token"]
)
async def test_who_calls_the_api_in_the_clear_is_told(method: str, headers: list[tuple[bytes, bytes]]) -> None:
    answer = await ask(Doors((), ADDRESS), *headers, method=method)
    assert (answer.status, code(answer)) == (403, "https_required")
