"""`reality serve`: the API in one process; not the API."""

import os
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Annotated, Final

import typer
import uvicorn

from reality_engine.app.api import create_app
from reality_engine.app.cli.output import err
from reality_engine.app.cli.services import prepare_database
from reality_engine.app.joined_writes import JoiningProtocol
from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import Settings, load_settings
from reality_engine.kernel.errors import InvalidError

STOP_SECONDS: Final = 10
BACKLOG: Final = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; otherwise REALITY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; otherwise REALITY_PORT.")] = None,
) -> None:
    """Serve the API until Ctrl-C.

    In development the database is made and upgraded by itself; in production it has to be at the newest revision.

    For example:

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


def start(settings: Settings) -> None:
    """Serve until a signal comes; raises InvalidError where the address cannot be had."""
    with listening(settings.host, settings.port) as listener:
        docs = "/docs" if settings.shows_docs else ""
        err.print(f"[bold]Reality Engine[/] serves {address_of(listener)}{docs}   (Ctrl-C stops)")
        serve_on(listener, settings)


def serve_on(listener: socket.socket, settings: Settings) -> None:
    """Serve on a socket that listens, until a signal comes."""
    config = uvicorn.Config(
        create_app(settings),
        http=JoiningProtocol,
        log_config=None,  # ours stands already
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    with suppress(KeyboardInterrupt):  # uvicorn passes it on after it has stopped in good order
        uvicorn.Server(config).run(sockets=[listener])


def listening(host: str, port: int, hint: str = "reality serve --port 8080") -> socket.socket:
    """Return a socket that listens; raises InvalidError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}"
        raise InvalidError(reason, field="port", hint=f"take another one: {hint}") from error


def address_of(listener: socket.socket) -> str:
    """Return the address to open, on this machine."""
    host, port = listener.getsockname()[:2]
    ip = ip_address(host)
    here = ip.is_loopback or ip.is_unspecified
    return f"http://{'localhost' if here else f'[{ip}]' if ':' in host else ip}:{port}"
