"""`reality serve`: the API in one process; not the API."""

from typing import Annotated

import typer
import uvicorn

from reality_engine.app.api import create_app
from reality_engine.app.cli.output import err, note
from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import Settings, load_settings
from reality_engine.db import migrate
from reality_engine.db.engine import parse_url
from reality_engine.kernel.errors import UnavailableError


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; otherwise REALITY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; otherwise REALITY_PORT.")] = None,
) -> None:
    """Serve the API until Ctrl-C.

    In development the database is made and upgraded by itself; in production it has to be at the newest revision.

    Examples:

        reality serve
        reality serve --host 0.0.0.0 --port 8080
        REALITY_DATABASE_URL=postgresql://reality:pw@localhost/reality reality serve
    """
    settings = load_settings()
    given = {"host": host, "port": port}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    configure_logging(settings)
    prepare_database(settings)
    start(settings)


def prepare_database(settings: Settings) -> None:
    """Bring the database to the newest revision where the settings allow it; otherwise raise UnavailableError."""
    held, wanted = migrate.current(settings.database_url), migrate.head()
    if held == wanted:
        return
    if not settings.migrates:
        message = f"the database is at revision {held or 'none'}, and this version needs {wanted}"
        raise UnavailableError(message, hint="run: reality db upgrade")
    migrate.upgrade(settings.database_url)
    note(f"database {shown(settings)} upgraded from {held or 'empty'} to revision {wanted}")


def shown(settings: Settings) -> str:
    """Return the database's address without its password."""
    return parse_url(settings.database_url).render_as_string(hide_password=True)


def start(settings: Settings) -> None:
    """Serve until a signal comes."""
    app = create_app(settings)
    address = f"http://{'localhost' if settings.host in ('127.0.0.1', '0.0.0.0') else settings.host}:{settings.port}"  # noqa: S104
    err.print(f"[bold]Reality Engine[/] serves {address}{'/docs' if settings.shows_docs else ''}   (Ctrl-C stops)")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # ours stands already
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=10,
    )
