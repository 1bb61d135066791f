"""Routes whose answers are pages for people, their errors too; not the pages, nor which errors there are."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from reality_engine.kernel.errors import InvalidError, RealityError
from reality_engine.web.codes import status_of_error
from reality_engine.web.errors import headers_of, items_of
from reality_engine.web.request_ids import request_id


class PageRoute(APIRoute):
    """Give it to a router as `route_class`, with `include_in_schema=False`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's own handler, with errors told in HTML."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except RealityError as error:
                return error_page(request, error)
            except RequestValidationError:
                return error_page(request, InvalidError("the address of this page is not whole"))

        return shown


def error_page(request: Request, error: RealityError) -> Response:
    """Tell a person what is wrong."""
    answer: Response = request.app.state.pages.page(
        request,
        "error.html",
        status=status_of_error(type(error)),
        problems=[(item.message, item.hint) for item in items_of(error)],
        request_id=request_id(),
    )
    answer.headers.update(headers_of(error))
    return answer
