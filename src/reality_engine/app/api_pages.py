"""The pages that show the API's documentation, with nothing loaded from elsewhere; not what the API is."""

import base64
import hashlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

_ASSETS: Final = "/docs/assets"
_REDIRECT: Final = "/docs/oauth2-redirect"
_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# Both pages style what they draw, draw pictures that they hold, and search in a worker that they make.
_POLICY: Final = (
    "default-src 'none'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install_pages(app: FastAPI) -> None:
    """Serve Swagger UI at /docs and ReDoc at /redoc, and lead there from /."""
    app.mount(_ASSETS, StaticFiles(directory=_files()), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def swagger(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return _guarded(
            get_swagger_ui_html(
                openapi_url=f"{root}{app.openapi_url}",
                title=app.title,
                oauth2_redirect_url=f"{root}{_REDIRECT}",
                swagger_js_url=f"{root}{_ASSETS}/swagger-ui-bundle.js",
                swagger_css_url=f"{root}{_ASSETS}/swagger-ui.css",
                swagger_favicon_url=f"{root}{_ASSETS}/favicon.png",
            )
        )

    @app.get(_REDIRECT, include_in_schema=False)
    async def oauth2_redirect() -> HTMLResponse:
        return _guarded(get_swagger_ui_oauth2_redirect_html())

    @app.get("/redoc", include_in_schema=False)
    async def redoc(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return _guarded(
            get_redoc_html(
                openapi_url=f"{root}{app.openapi_url}",
                title=app.title,
                redoc_js_url=f"{root}{_ASSETS}/redoc.standalone.js",
                redoc_favicon_url=f"{root}{_ASSETS}/favicon.png",
                with_google_fonts=False,
            )
        )

    @app.get("/", include_in_schema=False)
    async def first_page() -> RedirectResponse:
        return RedirectResponse("docs")


def _guarded(page: HTMLResponse) -> HTMLResponse:
    """Allow a page what it needs: its own files, and the very scripts that stand on it."""
    scripts = _INLINE.findall(bytes(page.body))
    hashes = "".join(f" 'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'" for one in scripts)
    page.headers["Content-Security-Policy"] = f"{_POLICY}; script-src 'self'{hashes}"
    return page


def _files() -> Path:
    """Find the files that come with the package, without importing it."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package fastapi-offline is not installed")
    return Path(spec.origin).parent / "static"
