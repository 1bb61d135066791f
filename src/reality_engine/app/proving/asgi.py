"""Sends requests to an application in this process, without a server and without a client's own doings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import FastAPI

from reality_engine.kernel.json import Plain, decode, encode

_SAFE: Final = "/"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `text` is the body as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str

    @property
    def whole(self) -> str:
        """Everything that a client can tell two answers apart by."""
        lines = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.status}\n{lines}\n\n{self.text}"

    @property
    def json(self) -> Any:
        """The body, where it is JSON."""
        return decode(self.text) if self.text[:1] in ("{", "[") else None

    def header(self, name: str) -> str | None:
        """Return a header, by its name in small letters."""
        return dict(self.headers).get(name)


async def send(
    app: FastAPI, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: Plain = None
) -> Answer:
    """Return the application's answer."""
    payload = b"" if body is None else encode(body)
    sent = {**headers, "host": "proof"}
    if body is not None:
        sent |= {"content-type": "application/json", "content-length": str(len(payload))}
    got: list[dict[str, Any]] = []
    asked = [{"type": "http.request", "body": payload, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return asked.pop() if asked else {"type": "http.disconnect"}

    async def collect(message: Any) -> None:
        got.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": quote(path, _SAFE).encode(), "query_string": urlencode(_plain(query)).encode(),
        "root_path": "", "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1), "server": ("proof", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, collect)
    shown = tuple((name.decode(), value.decode()) for name, value in got[0]["headers"])
    return Answer(got[0]["status"], shown, b"".join(part.get("body", b"") for part in got[1:]).decode())


def _plain(query: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()}
