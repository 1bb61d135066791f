import pytest
from starlette.types import Receive, Scope, Send

from reality_engine.web.safe_headers import CONTENT_POLICY, SafeHeaders
from tests.asgi import exchanged

OWN = (CONTENT_POLICY, b"default-src 'self'")
STRICT = b"strict-transport-security"


async def plain(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def page(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [OWN]})
    await send({"type": "http.response.body", "body": b""})


async def test_every_answer_says_that_it_is_data() -> None:
    told = dict((await exchanged(SafeHeaders(plain, https=False), "GET", "/")).headers)
    assert told[b"x-content-type-options"] == b"nosniff"
    assert b"default-src 'none'" in told[CONTENT_POLICY]
    assert b"frame-ancestors 'none'" in told[CONTENT_POLICY]
    assert told[b"referrer-policy"] == b"no-referrer"
    assert STRICT not in told


async def test_what_an_answer_says_itself_stands() -> None:
    headers = (await exchanged(SafeHeaders(page, https=False), "GET", "/")).headers
    assert [value for name, value in headers if name == CONTENT_POLICY] == [OWN[1]]


@pytest.mark.parametrize(("scheme", "told"), [("https", True), ("http", False)])
async def test_https_is_asked_for_where_it_is_spoken(*, scheme: str, told: bool) -> None:
    guarded = SafeHeaders(plain, https=True)

    async def spoken(scope: Scope, receive: Receive, send: Send) -> None:
        await guarded({**scope, "scheme": scheme}, receive, send)

    headers = dict((await exchanged(spoken, "GET", "/")).headers)
    assert (STRICT in headers) is told
