import base64
import hashlib
import re

import httpx2
import pytest
from fastapi import FastAPI

from reality_engine.app.api import make_app
from reality_engine.app.settings import Settings
from reality_engine.kernel.clock import SystemClock


def app(*, docs: bool) -> FastAPI:
    return make_app(Settings(_env_file=None, docs=docs), SystemClock())


def client(*, docs: bool) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app(docs=docs)), base_url="http://test")


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere(page: str) -> None:
    async with client(docs=True) as browser:
        html = (await browser.get(page)).text
        linked = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert linked
        for path in linked:
            assert path.startswith("/")
            assert (await browser.get(path)).status_code == 200
        assert "//" not in re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL).replace("</", "")


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_a_page_allows_the_scripts_that_stand_on_it_and_no_others(page: str) -> None:
    async with client(docs=True) as browser:
        answer = await browser.get(page)
    policy = dict(one.strip().split(" ", 1) for one in answer.headers["content-security-policy"].split(";"))
    inline = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inline}
    assert set(policy["script-src"].split()) == {"'self'", *digests}
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"


async def test_the_root_leads_to_the_documentation() -> None:
    async with client(docs=True) as browser:
        assert (await browser.get("/")).headers["location"] == "docs"


@pytest.mark.parametrize("page", ["/", "/docs", "/redoc", "/openapi.json", "/docs/assets/swagger-ui.css"])
async def test_closed_documentation_is_not_there(page: str) -> None:
    async with client(docs=False) as browser:
        assert (await browser.get(page)).status_code == 404
