"""Calls the product over HTTP to set up what is measured, and writes requests as text; measures nothing."""

import json
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode

PASSWORD: Final = "correct horse battery"  # noqa: S105 - guards nothing


class Api:
    """Calls a server as whoever logged in last; connects anew each time, since a kept connection would time out."""

    def __init__(self, port: int) -> None:
        """Connect at each call."""
        self.port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.token = ""

    def log_in(self, name: str, *, register: bool = True) -> str:
        """Return the access token of a user, who is made for it."""
        email = f"{name}@bench.example.org"
        if register:
            self.call("POST", "/auth/register", {"email": email, "name": name, "password": PASSWORD})
        form = urlencode({"username": email, "password": PASSWORD})
        self.token = str(self._send("POST", "/auth/token", form, "application/x-www-form-urlencoded")["access_token"])
        return self.token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the data of an answer; raises RuntimeError for any that is not a success."""
        return self._send(method, path, json.dumps(body) if body is not None else None, "application/json")["data"]

    def act(self, world: str, action: str, **wish: Any) -> dict[str, str]:
        """Perform an action and return the ids of what it created, the last one of each kind."""
        answer = self.call("POST", f"/worlds/{world}/actions/{action}", wish)
        return {one["kind"]: str(one["id"]) for one in answer["created"]}

    def all(self, path: str) -> list[dict[str, Any]]:
        """Return the items of all pages of a list, whose path has a query."""
        found: list[dict[str, Any]] = []
        following: str | None = ""
        while following is not None:
            page = self._send("GET", path + (following and f"&cursor={following}"), None, "application/json")
            found += page["data"]
            following = page["meta"].get("next")
        return found

    def _send(self, method: str, path: str, body: str | None, content_type: str) -> dict[str, Any]:
        headers = {"Content-Type": content_type, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        self._connection.request(method, f"/api/v1{path}", body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:1000]!r}")
        told: dict[str, Any] = json.loads(text)
        return told


def post(path: str, body: Any, token: str) -> str:
    """Return a whole request."""
    text = json.dumps(body)
    length = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{length}\r\n{text}"


def get(path: str, token: str) -> str:
    """Return a whole request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"


def echoed(_client: int) -> str:
    """Return the request to the bare endpoint: as long as the one to act, and with a token that nobody reads."""
    key = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
    return post("/echo", {"actor": key, "target": key, "input": {"effort": 1}}, "x" * 300)
