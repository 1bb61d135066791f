"""`reality serve`: the API in one process, or in several on one address; not the API."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from ipaddress import ip_address
from typing import Annotated, Final

import typer
import uvicorn

from reality_engine.app.api import create_app
from reality_engine.app.bounded_heads import BoundedProtocol
from reality_engine.app.cli.output import err
from reality_engine.app.cli.services import prepare_database
from reality_engine.app.collector import spare_the_lasting
from reality_engine.app.logging import configure_logging
from reality_engine.app.options.serving import MAX_WORKERS
from reality_engine.app.secret import secret_of
from reality_engine.app.settings import Settings, load_settings
from reality_engine.app.workers import Workers
from reality_engine.db.engine import parse_url
from reality_engine.kernel.errors import InvalidError

STOP_SECONDS: Final = 10
BACKLOG: Final = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; otherwise REALITY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; otherwise REALITY_PORT.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=MAX_WORKERS, help="So many processes; otherwise REALITY_WORKERS.")
    ] = None,
) -> None:
    """Serve the API until Ctrl-C.

    Several processes need PostgreSQL. One that dies is replaced; if one cannot even start, all end.

    In development the database is made and upgraded by itself; in production it has to be at the newest revision.

    For example:

        reality serve
        reality serve --host 0.0.0.0 --port 8080
        REALITY_DATABASE_URL=postgresql://reality:pw@localhost/reality reality serve
        reality serve --workers 2
    """
    settings = load_settings()
    given = {"host": host, "port": port, "workers": workers}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    _require_room(settings)
    configure_logging(settings)
    prepare_database(settings)
    start(settings)


def start(settings: Settings) -> None:
    """Serve until a signal comes; raises InvalidError where the address cannot be had."""
    with ExitStack() as opened:
        listeners = [opened.enter_context(listening(settings.host, settings.port))]
        docs = "/docs" if settings.shows_docs else ""
        address = f"{address_of(listeners[0])}{docs}"
        if settings.workers == 1:
            err.print(f"[bold]Reality Engine[/] serves {address}   (Ctrl-C stops)")
            serve_on(listeners[0], settings)
            return
        secret_of(settings)  # made here, where it has to be made, and not by several at once
        listeners = [opened.enter_context(one) for one in _shared(listeners[0], settings.workers)]
        err.print(f"[bold]Reality Engine[/] serves {address} by {settings.workers} processes   (Ctrl-C stops)")
        Workers(partial(_work, settings), listeners, STOP_SECONDS + 5).run()


def _require_room(settings: Settings) -> None:
    if settings.workers > 1 and parse_url(settings.database_url).get_backend_name() == "sqlite":
        message = "several processes need PostgreSQL: on SQLite one alone writes, and others would only wait for it"
        raise InvalidError(message, field="workers", hint="REALITY_DATABASE_URL=postgresql://user:password@host/name")


def _work(settings: Settings, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve, as one of several processes that begin with nothing but this."""
    configure_logging(settings)
    serve_on(listener, settings, started)


def _shared(listener: socket.socket, count: int) -> Iterator[socket.socket]:
    """Yield a socket for each process, all on the address of this one.

    Where the system deals out connections to such sockets, each is one of its own; elsewhere all are this one, and
    whoever is quickest takes a connection, which leaves the load uneven.
    """
    if sys.platform != "linux":
        yield from [listener] * count
        return
    host, port = listener.getsockname()[:2]
    # It has made sure that nobody else listens there, which those that share it would not notice.
    listener.close()
    for _ in range(count):
        yield listening(host, port, reuse=True)


class _Server(uvicorn.Server):
    """Tells when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()


def serve_on(listener: socket.socket, settings: Settings, started: Callable[[], None] = lambda: None) -> None:
    """Serve on a socket that listens, until a signal comes."""
    config = uvicorn.Config(
        create_app(settings),
        http=BoundedProtocol,
        log_config=None,  # ours stands already
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    spare_the_lasting()
    with suppress(KeyboardInterrupt):  # uvicorn passes it on after it has stopped in good order
        _Server(config, started).run(sockets=[listener])


def listening(host: str, port: int, hint: str = "reality serve --port 8080", *, reuse: bool = False) -> socket.socket:
    """Return a socket that listens; raises InvalidError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=reuse)
    except OSError as error:
        reason = f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}"
        raise InvalidError(reason, field="port", hint=f"take another one: {hint}") from error


def address_of(listener: socket.socket) -> str:
    """Return the address to open, on this machine."""
    host, port = listener.getsockname()[:2]
    ip = ip_address(host)
    here = ip.is_loopback or ip.is_unspecified
    return f"http://{'localhost' if here else f'[{ip}]' if ':' in host else ip}:{port}"
