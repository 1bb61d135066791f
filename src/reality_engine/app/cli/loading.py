"""Where each command of `reality` is found, and its loading when it is asked for; not the commands.

Each loads what it needs, which together takes a second: who starts a server shall not wait for what makes proofs.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group

from reality_engine.app.cli.interrupts import ends_at_once
from reality_engine.app.collector import lasting


class _Place(NamedTuple):
    """The module in which a command is, its name there, and how it is declared; or a group of commands."""

    module: str
    name: str = "cli"
    how: Mapping[str, Any] = MappingProxyType({})


# In the order in which help lists them.
_COMMANDS: Final = {
    "serve": _Place("serve", "serve"),
    "demo": _Place("demo", "demo"),
    "check": _Place("packs", "check"),
    "test": _Place("scenarios", "run_scenarios"),
    "prove": _Place("prove", "prove_pack"),
    "perform": _Place("perform", "perform"),
    "verify": _Place("verify", "verify_worlds"),
    "rebuild": _Place("rebuild", "rebuild_worlds"),
    "export": _Place("archives", "export_world"),
    "import": _Place("archives", "import_world"),
    "backup": _Place("backups", "backup"),
    "restore": _Place("backups", "restore"),
    "move": _Place("move", "move"),
    "bench": _Place(
        "bench",
        "bench",
        {
            "add_help_option": False,  # so that --help is its own, like every option
            "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
        },
    ),
    "tidy": _Place("tidy", "tidy_up"),
    "openapi": _Place("openapi", "openapi"),
    "db": _Place("db"),
    "user": _Place("user"),
    "bot": _Place("bot"),
    "admin": _Place("admin"),
    "mail": _Place("mail"),
    "keys": _Place("keys"),
    "factor": _Place("factors"),
    "client": _Place("client"),
    "world": _Place("world"),
}


class Commands(TyperGroup):
    """The commands, each loaded when it is run, or when all are listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names."""
        return [*_COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one of them, None where there is none of that name."""
        place = _COMMANDS.get(cmd_name)
        return super().get_command(ctx, cmd_name) if place is None else _loaded(cmd_name, place)


def _loaded(name: str, place: _Place) -> Any:
    found = getattr(_module(f"reality_engine.app.cli.{place.module}"), place.name)
    around = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        around.add_typer(found)
    else:
        around.command(name, **place.how)(found)
    return get_group(around).commands[name]


def _module(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    with ends_at_once(), lasting():  # it may take a second or two
        return import_module(name)
