"""From where somebody logs in, as they are shown it in the list of their sessions; nothing decides by it."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.rates.networks import network_of

MAX_AGENT: Final = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """What a client calls itself, and the network that it comes from; both "" where it is not known."""

    agent: str = ""
    network: str = ""


UNKNOWN: Final = Caller()


async def _caller(connection: HTTPConnection) -> Caller:
    sent = connection.headers.get("user-agent", "")
    agent = "".join(letter for letter in sent if letter.isprintable())[:MAX_AGENT]
    return Caller(agent, network_of(connection.client.host) if connection.client is not None else "")


CallerDep = Annotated[Caller, Depends(_caller)]
