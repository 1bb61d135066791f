"""Somebody with a browser, as far as pages without scripts need one: reads forms, fills them, sends them on."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2


class _Forms(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")


@dataclass
class Browser:
    """Follows redirects within the server, and stops at the address of an application."""

    client: httpx2.AsyncClient

    async def open(self, address: str) -> httpx2.Response:
        """Go to an address."""
        return await self._follow(await self.client.get(address))

    async def send(self, page: httpx2.Response, **typed: str) -> httpx2.Response:
        """Fill in the form of a page and send it."""
        form = _Forms(page.text)
        return await self._follow(
            await self.client.post(urljoin(str(page.url), form.action), data={**form.fields, **typed})
        )

    async def log_in(self, page: httpx2.Response, name: str, password: str) -> httpx2.Response:
        """Log in on the page for that."""
        return await self.send(page, username=f"{name.lower()}@example.org", password=password)

    async def _follow(self, answer: httpx2.Response) -> httpx2.Response:
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target).netloc != urlsplit(str(self.client.base_url)).netloc:
                return answer
            answer = await self.client.get(target)
        return answer


def told(answer: httpx2.Response) -> dict[str, str]:
    """Return what an application is told at the address that somebody is sent back to."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def fields_in(text: str) -> dict[str, str]:
    """Return what stands in the form of a page."""
    return _Forms(text).fields
