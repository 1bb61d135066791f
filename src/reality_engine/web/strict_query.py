"""Refuses what a route's query does not know, so that nobody believes in a filter that is not there."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from reality_engine.kernel.errors import Problem, ProblemsError
from reality_engine.web.page_routes import PageRoute


async def no_unknown_query(request: Request) -> None:
    """Raise ProblemsError for what is unknown in the query, or there twice; a dependency of the whole application."""
    route = request.scope.get("route")
    # The address of a page may have been sent by mail or by another application, whose own additions mean nothing here.
    if not request.query_params or not isinstance(route, APIRoute) or isinstance(route, PageRoute):
        return
    known = _known(route)
    given = [name for name, _ in request.query_params.multi_items()]
    problems = [_problem(name, known) for name in dict.fromkeys(given) if name not in known]
    problems += [_repeated(name) for name in known if given.count(name) > 1]
    if problems:
        raise ProblemsError(problems[0].message, problems=tuple(problems))


def _known(route: APIRoute) -> tuple[str, ...]:
    return tuple(sorted(_names(route.dependant)))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for other in dependant.dependencies:
        yield from _names(other)


def _repeated(name: str) -> Problem:
    return Problem("invalid", f"'{name}' is there more than once, and only one could count", name, "send it once")


def _problem(name: str, known: Iterable[str]) -> Problem:
    near = get_close_matches(name, known, 1)
    listed = ", ".join(known)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {listed}" if listed else "there is none here"
    return Problem("unknown_field", f"the query has no '{name[:50]}' here", name[:50], hint)
