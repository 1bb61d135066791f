import pkgutil
from importlib import import_module

import reality_engine
from reality_engine.kernel.errors import (
    ConflictError,
    DeniedError,
    IntegrityError,
    InvalidError,
    LimitExceededError,
    NotFoundError,
    ProblemsError,
    RealityError,
    UnauthenticatedError,
    UnavailableError,
)
from reality_engine.web.codes import CODES, status_of, status_of_error

REFUSALS = {
    "not_found",
    "denied",
    "requirement_failed",
    "invariant_broken",
    "not_unique",
    "out_of_bounds",
    "no_value",
    "evaluation_failed",
    "limit_exceeded",
    "approval_required",
    "empty_list",
    "invalid_input",
}


def _descendants(error: type[RealityError]) -> set[type[RealityError]]:
    return {error}.union(*(_descendants(child) for child in error.__subclasses__()))


def _import_everything() -> None:
    for module in pkgutil.walk_packages(reality_engine.__path__, "reality_engine."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)


def test_every_code_of_an_error_is_listed() -> None:
    _import_everything()
    assert {error.code for error in _descendants(RealityError)} - CODES.keys() == set()


def test_every_refusal_is_listed() -> None:
    assert REFUSALS - CODES.keys() == set()


def test_meanings_are_sentences() -> None:
    assert [code for code, entry in CODES.items() if not entry.meaning.endswith(".")] == []


def test_each_kind_of_error_has_its_status() -> None:
    expected = {
        NotFoundError: 404,
        DeniedError: 403,
        UnauthenticatedError: 401,
        ConflictError: 409,
        InvalidError: 422,
        ProblemsError: 422,
        LimitExceededError: 422,
        UnavailableError: 503,
        IntegrityError: 500,
    }
    assert {error: status_of_error(error) for error in expected} == expected


def test_an_unlisted_error_has_the_status_of_its_parent() -> None:
    unlisted = type("UnlistedError", (ConflictError,), {"code": "of_a_module"})
    assert status_of_error(unlisted) == 409


def test_an_unlisted_refusal_is_a_plain_422() -> None:
    assert status_of("of_a_module") == 422
    assert status_of("denied") == 403
