"""Talks to a Reality Engine over HTTP: logs in, stays logged in, tries again; not what is said to it."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx2

_BUSY: Final = frozenset({429, 502, 503, 504})
# Seconds. A server that answered once is worth waiting for; at first the address may be wrong.
_FIRST_PATIENCE: Final = 3.0
_PATIENCE: Final = 60.0
_LONGEST_PAUSE: Final = 5.0
_BAD_CREDENTIALS: Final = "bad_credentials"


class ServerError(Exception):
    """The server said no, or could not be reached. `code` is the server's word for it, where it gave one."""

    def __init__(self, message: str, code: str = "") -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


class Server:
    """One server, one account. Requests come one after the other."""

    def __init__(
        self, client: httpx2.Client, email: str, password: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Use a client whose base address is that of the server."""
        self._client: Final = client
        self._email: Final = email
        self._password: Final = password
        self._pause: Final = pause
        self._refresh_token = ""
        self._patience = _FIRST_PATIENCE

    def sign_in(self) -> None:
        """Log in; an address that the server does not know is registered first."""
        answer = self._log_in()
        # OAuth2 has 400 for this; the code says what it is.
        if answer.is_client_error and _BAD_CREDENTIALS in answer.text:
            name = "".join(letter for letter in self._email.partition("@")[0] if letter.isprintable())[:80]
            body = {"email": self._email, "name": name, "password": self._password}
            registered = self._persistent("POST", "/auth/register", json=body)
            if registered.status_code == httpx2.codes.CONFLICT:
                raise ServerError("there is an account with this address, and another password", _BAD_CREDENTIALS)
            checked(registered)
            answer = self._log_in()
        self._keep(answer)

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Return the envelope that stands at a path; raises ServerError."""
        return self._signed("GET", path, params=parameters)

    def post(self, path: str, body: object, key: str | None = None) -> Any:
        """Send a body and return the data of the answer; with a key, it is done once however often it is sent."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._signed("POST", path, json=body, headers=headers)["data"]

    def every(self, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield all items of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=100, **parameters, **cursor)
            yield from page["data"]
            following = page["meta"].get("next")
            if not following:
                return
            cursor = {"cursor": following}

    def _signed(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        answer = self._persistent(method, path, **parts)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            self._sign_in_again()
            answer = self._persistent(method, path, **parts)
        return checked(answer)

    def _sign_in_again(self) -> None:
        # A refresh token is good for one use: when it is not known whether it was used, the password helps.
        try:
            answer = self._client.post("/auth/refresh", json={"refresh_token": self._refresh_token})
        except httpx2.TransportError:
            answer = self._log_in()
        self._keep(answer if answer.is_success else self._log_in())

    def _log_in(self) -> httpx2.Response:
        form = {"grant_type": "password", "username": self._email, "password": self._password}
        return self._persistent("POST", "/auth/token", data=form)

    def _keep(self, answer: httpx2.Response) -> None:
        tokens = checked(answer)
        self._patience = _PATIENCE
        self._refresh_token = tokens["refresh_token"]
        self._client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def _persistent(self, method: str, path: str, **parts: Any) -> httpx2.Response:
        """Send until there is an answer, or patience ends."""
        waited, pause = 0.0, 0.1
        while True:
            try:
                answer = self._client.request(method, path, **parts)
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                if waited >= self._patience or isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
                    raise ServerError(f"the server cannot be reached: {error}") from error
            else:
                if answer.status_code not in _BUSY or waited >= self._patience:
                    return answer
                pause = max(pause, _asked_to_wait(answer))
            self._pause(pause)
            waited += pause
            pause = min(pause * 2, _LONGEST_PAUSE)


def _asked_to_wait(answer: httpx2.Response) -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told), _PATIENCE) if told.isdecimal() else 0.0


def checked(answer: httpx2.Response) -> dict[str, Any]:
    """Return the body of an answer that says yes; raises ServerError with all that is wrong otherwise."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServerError(f"{answer.url} is no Reality Engine: it answered {answer.status_code} without JSON")
    if answer.is_error:
        errors = body.get("errors") or [{"code": "", "message": f"status {answer.status_code}"}]
        told = "; ".join(": ".join(filter(None, (error.get("field"), error["message"]))) for error in errors)
        raise ServerError(told, errors[0]["code"])
    return body
