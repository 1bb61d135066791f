"""`reality demo`: everything in one command, with something to look at; not for production."""

from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import err, out
from reality_engine.app.cli.serve import address_of, listening, serve_on
from reality_engine.app.cli.services import with_services
from reality_engine.app.demo.script import Evening, read_evening
from reality_engine.app.demo.stage import PASSWORD, set_up
from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import Settings, load_settings
from reality_engine.kernel.errors import InvalidError

DATABASE = "sqlite:///var/demo.db"


def demo(
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; otherwise REALITY_PORT.")] = None,
) -> None:
    """Serve a world in which an evening has been played, with logins and requests to try.

    The first start makes users, stores the packs and plays the evening; later ones find it all as it was left. It
    has a database of its own, var/demo.db, unless REALITY_DATABASE_URL names one.

    For example:

        reality demo
        reality demo --port 8080
    """
    settings = demo_settings(port)
    configure_logging(settings)
    evening = read_evening()

    async def prepare(services: Services) -> str:
        return await set_up(services, evening)

    with listening(settings.host, settings.port, _OTHER_PORT) as listener:
        world = with_services(prepare, settings)
        _tell(address_of(listener), world, evening)
        serve_on(listener, settings)


def demo_settings(port: int | None) -> Settings:
    """Return the settings, with a database for the demo where none is named; raises InvalidError in production."""
    settings = load_settings()
    if settings.production:
        raise InvalidError("the demo has known passwords, and is not for production", hint="reality serve")
    chosen: dict[str, object] = {} if port is None else {"port": port}
    if "database_url" not in settings.model_fields_set:
        chosen["database_url"] = DATABASE
    if "log_level" not in settings.model_fields_set:
        chosen["log_level"] = "warning"
    return settings.model_copy(update=chosen)


def _tell(address: str, world: str, evening: Evening) -> None:
    api = f"{address}/api/v1"
    out.print(f"\n[bold]Reality Engine[/] serves [cyan]{address}[/]   documentation: [cyan]{address}/docs[/]\n")
    out.print(f"World [bold]{evening.title}[/] ({world}). Everyone's password: [bold]{PASSWORD}[/]\n")
    for person in evening.people.values():
        out.print(f"  {person.email:24} {person.name:8} {', '.join(person.roles)}", markup=False)
    player = list(evening.people.values())[1].email
    lines = (
        f'TOKEN=$(curl -s {api}/auth/token -d username={player} -d password="{PASSWORD}" | {_PICK})\n'
        f'curl -s "{api}/worlds/{world}/feed?limit=3" -H "Authorization: Bearer $TOKEN" | {_SHOW}\n'
        f'curl -s "{api}/worlds/{world}/entities?kind=faction" -H "Authorization: Bearer $TOKEN" | {_SHOW}'
    )
    out.print("\nThree lines to try in another terminal; then the same as the game master, who sees more:\n")
    typer.echo(lines)
    err.print("\n(Ctrl-C stops; the next start keeps everything)", style="dim")


_OTHER_PORT = "REALITY_PORT=8080 make demo, or: reality demo --port 8080"
_SHOW = "python3 -m json.tool"
# What takes the token out of the answer, with nothing but the Python that is there anyway.
_PICK = """python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])'"""
