"""What an operator may choose, read from REALITY_… and `.env`: the one reader of the environment; not what uses it."""

import os
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError

from reality_engine.app.options.accounts import AccountOptions
from reality_engine.app.options.base import PREFIX
from reality_engine.app.options.database import DatabaseOptions
from reality_engine.app.options.identity import IdentityOptions
from reality_engine.app.options.keeping import KeepingOptions
from reality_engine.app.options.limits import LimitOptions
from reality_engine.app.options.logs import LogOptions
from reality_engine.app.options.mail import MailOptions
from reality_engine.app.options.openid import OpenIdOptions
from reality_engine.app.options.rights import RightOptions
from reality_engine.app.options.secrets import SecretOptions
from reality_engine.app.options.serving import ServingOptions
from reality_engine.app.options.web import WebOptions
from reality_engine.kernel.errors import Problem, ProblemsError

DOTENV: Final = ".env"


class SettingsError(ProblemsError):
    """The settings cannot be used; `problems` has every mistake in them."""

    code = "bad_settings"


# The last group is read first.
class Settings(
    LogOptions,
    KeepingOptions,
    LimitOptions,
    RightOptions,
    MailOptions,
    OpenIdOptions,
    IdentityOptions,
    AccountOptions,
    WebOptions,
    SecretOptions,
    DatabaseOptions,
    ServingOptions,
):
    """Each field is the variable REALITY_<FIELD>; `.env.example` shows them all, in the order of the groups."""


def load_settings(dotenv: str | None = DOTENV) -> Settings:
    """Read the environment, and `.env` for what it does not say; raises SettingsError with every mistake."""
    problems = list(_misspelt())
    try:
        settings = Settings(_env_file=dotenv)
    except ValidationError as error:
        problems += [_problem(str(one["loc"][0]), str(one["msg"])) for one in error.errors(include_input=False)]
    else:
        if not problems:
            return settings
    count = f"{len(problems)} setting{' is' if len(problems) == 1 else 's are'} wrong"
    raise SettingsError(count, problems=tuple(problems))


def variable(field: str) -> str:
    """Return the name of a field's environment variable."""
    return f"{PREFIX}{field.upper()}"


def _problem(field: str, message: str) -> Problem:
    name = variable(field)
    return Problem("bad_settings", f"{name}: {message.removeprefix('Value error, ')}", field=name)


def _misspelt() -> list[Problem]:
    """Tell names that are nearly those of settings: what was meant would be ignored in silence."""
    names = {variable(field) for field in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in names)
    near = [(name, get_close_matches(name, names, 1, 0.85)) for name in unknown]
    return [
        Problem("bad_settings", f"{name}: there is no such setting; did you mean {found[0]}?", field=name)
        for name, found in near
        if found
    ]
