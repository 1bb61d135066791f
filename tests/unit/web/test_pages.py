"""Pages for people: nothing runs or loads on them, and their forms come from nowhere else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from jinja2 import DictLoader, Environment
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reality_engine.kernel.errors import BusyError, InvalidError
from reality_engine.web import page_assets, pages
from reality_engine.web.forgery import FormGuard
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import Pages, PagesDep

SECRET = b"0123456789abcdefghijklmnopqrstuvwxyz"
HOME = "https://worlds.example"
TEMPLATES = sorted(Path(pages.__file__).with_name("templates").rglob("*.html"))
router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/ask")
async def ask(request: Request, pages: PagesDep) -> Response:
    return pages.page(request, "message.html", title="<Ask>", message="…", onward=None, leads_to=["https://a.example"])


@router.get("/field")
async def field(request: Request, pages: PagesDep) -> Response:
    return JSONResponse({"csrf": pages.guard.field(pages.guard.drawn(request))})


@router.post("/ask")
async def asked(request: Request, pages: PagesDep) -> Response:
    return JSONResponse(await pages.sent(request))


@router.get("/refuse")
async def refuse(number: int = 0) -> Response:
    raise (BusyError("wait <a bit>") if number else InvalidError("no", hint="yes"))


def make_app(secret: bytes = SECRET, home: str = HOME) -> FastAPI:
    app = FastAPI()
    app.state.pages = Pages(FormGuard(secret, home))
    app.include_router(router)
    app.include_router(page_assets.router)
    return app


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(make_app()), base_url=HOME) as client:
        yield client


async def filled(browser: httpx2.AsyncClient, **fields: str) -> dict[str, str]:
    """Return a form as a page gave it to the browser."""
    await browser.get("/ask")
    return {**(await browser.get("/field")).json(), **fields}


async def test_a_page_runs_nothing_and_is_shown_nowhere_else(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/ask")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://a.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "<h1>&lt;Ask&gt;</h1>" in answer.text


async def test_how_pages_look_is_served_by_us_and_kept(browser: httpx2.AsyncClient) -> None:
    style, icon = re.findall(r'<link [^>]*href="([^"]+)"', (await browser.get("/ask")).text)
    for address, media_type in ((style, "text/css"), (icon, "image/svg+xml")):
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert "immutable" in answer.headers["cache-control"]
    other = await browser.get("/pages/0/pages.css")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")


async def test_the_cookie_is_for_this_host_and_for_no_script(browser: httpx2.AsyncClient) -> None:
    kept = (await browser.get("/ask")).headers["set-cookie"]
    assert kept.startswith("__Host-reality-forms=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(kept.split("; "))


async def test_a_form_that_was_shown_is_taken(browser: httpx2.AsyncClient) -> None:
    form = await filled(browser, name="Mira & Co")
    for headers in ({}, {"Origin": HOME}, {"Sec-Fetch-Site": "same-origin"}):
        answer = await browser.post("/ask", data=form, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"name": "Mira & Co"})


async def test_pages_that_are_open_side_by_side_have_one_field(browser: httpx2.AsyncClient) -> None:
    first = await filled(browser)
    assert await filled(browser) == first


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
async def test_a_form_from_elsewhere_is_refused(browser: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    answer = await browser.post("/ask", data=await filled(browser), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")


async def test_a_form_without_its_field_or_with_anothers_is_refused(browser: httpx2.AsyncClient) -> None:
    form = await filled(browser)
    for given in ({}, {"csrf": ""}, {"csrf": form["csrf"][::-1]}, {"csrf": "ü"}):
        assert (await browser.post("/ask", data={"name": "x", **given})).status_code == 403
    browser.cookies.clear()
    assert (await browser.post("/ask", data=form)).status_code == 403


async def test_a_field_is_good_for_one_browser_and_one_server(browser: httpx2.AsyncClient) -> None:
    form = await filled(browser)
    transport = httpx2.ASGITransport(make_app(b"another" * 5))
    async with httpx2.AsyncClient(transport=transport, base_url=HOME, cookies=browser.cookies) as other:
        assert (await other.post("/ask", data=form)).status_code == 403
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(make_app()), base_url=HOME) as other:
        await other.get("/ask")
        assert (await other.post("/ask", data=form)).status_code == 403


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=\xff%ff", b"&".join(b"a%d=1" % n for n in range(101))])
async def test_what_is_no_form_is_refused_as_invalid(browser: httpx2.AsyncClient, body: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/ask", content=body, headers=form)).status_code == 422
    assert (await browser.post("/ask", json={})).status_code == 422


async def test_errors_are_pages_too(browser: httpx2.AsyncClient) -> None:
    refused = await browser.get("/refuse")
    assert (refused.status_code, "No. Yes." in refused.text) == (422, True)
    busy = await browser.get("/refuse?number=1")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert "Wait &lt;a bit&gt;." in busy.text
    odd = await browser.get("/refuse?number=x")
    assert (odd.status_code, "content-security-policy" in odd.headers) == (422, True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_runs_anything_or_forgets_the_field_of_a_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script|\son\w+\s*=|\sstyle\s*=|javascript:|\bsafe\b|https?://", text)
    posted = re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)
    assert len(posted) == len(re.findall(r"<form", text))
    assert all("{{ csrf }}" in form for form in posted)


def test_a_field_says_what_it_is() -> None:
    parts = next(path for path in TEMPLATES if path.name == "parts.html").read_text(encoding="utf-8")
    asked = '{% from "parts.html" import field %}{{ field("otp", "Code", hint="Six", inputmode="numeric") }}'
    environment = Environment(loader=DictLoader({"parts.html": parts, "asked": asked}), autoescape=True)
    shown = environment.get_template("asked").render()
    assert '<label for="otp">Code</label>' in shown
    assert 'aria-describedby="otp-hint"' in shown
    assert 'inputmode="numeric"' in shown
