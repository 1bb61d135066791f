"""Pages in HTML for people, such as the form to log in: how they are made and sent; not what stands on any of them.

No page runs a script or loads anything from elsewhere, and none can be shown inside another site's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reality_engine.kernel.errors import InvalidError
from reality_engine.web.forgery import FIELD, FormGuard
from reality_engine.web.page_assets import STYLE

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_FORM: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 100
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # The address may hold the token of a mailed link. `no-referrer` would take the origin out of forms as well.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Stands at `app.state.pages`: shows templates of the folder `templates`, and reads the forms on them.

    A template extends `base.html` and has `title` and `content`; in a form of it that is posted stands `{{ csrf }}`.
    """

    guard: FormGuard

    def page(
        self, request: Request, template: str, *, status: int = 200, leads_to: Iterable[str] = (), **values: Any
    ) -> Response:
        """Return a page.

        `leads_to` are the origins, or schemes with their colon, to which a form on it may lead in the end: browsers
        hold a form to them even after redirects.
        """
        drawn = self.guard.drawn(request)
        field = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.guard.field(drawn))
        root = request.scope.get("root_path", "")
        text = _TEMPLATES.get_template(template).render(csrf=field, root=root, style=f"{root}{STYLE}", **values)
        policy = {"Content-Security-Policy": _policy(leads_to)}
        response = HTMLResponse(text, status, {**_HEADERS, **policy})
        self.guard.keep(response, drawn)
        return response

    async def sent(self, request: Request) -> dict[str, str]:
        """Return the fields of a form that was posted from a page of ours.

        Raises ForgedFormError for one from elsewhere, and InvalidError where it is none or has a field twice.
        """
        fields = await fields_of(request)
        self.guard.require_own(request, fields.pop(FIELD, ""))
        return fields


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, wherever it is from; raises InvalidError where they are not one of each."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidError("this is not a form", hint=f"send it with Content-Type: {_FORM}")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidError("the form cannot be read", hint="send it in UTF-8, with fewer fields") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidError("the form has a field twice, and only one could count")
    return fields


def _policy(leads_to: Iterable[str]) -> str:
    targets = " ".join(["'self'", *leads_to])
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


async def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(_pages)]
