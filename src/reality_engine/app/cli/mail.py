"""`reality mail`: tries whether letters arrive, and shows those that do not; not the sending, which a server does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, note
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.user import normal_address
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.mail import repository
from reality_engine.mail.delivery import NotNowError, RefusedError
from reality_engine.mail.letter import Letter
from reality_engine.mail.service import WORTH_SENDING

MOST: Final = 100

cli = typer.Typer(name="mail", help="Try whether letters arrive, and see which do not.", no_args_is_help=True)


@cli.command("try")
def try_it(to: Annotated[str, typer.Argument(metavar="EMAIL", help="Who is to get a letter.")]) -> None:
    """Send a letter now, as the settings say, and tell what came of it.

    For example:

    ```console
    reality mail try mira@example.org
    REALITY_MAIL_URL=folder:/tmp/letters reality mail try mira@example.org
    ```
    """
    address = normal_address(to)
    with_services(lambda services: _send(services, address))
    done(f"a letter to {address} was taken; whether it arrives is for the mail system to say")


async def _send(services: Services, address: str) -> None:
    now = services.clock.now()
    letter = Letter(fresh_id(now), address, "trial", {}, now, now + WORTH_SENDING)
    try:
        await services.mail.require().deliver(services.mail.composer.compose(letter), letter.id)
    except (NotNowError, RefusedError) as error:
        raise UnavailableError(f"the letter was not taken: {error}", hint="see REALITY_MAIL_URL") from error


@cli.command("list")
def list_letters() -> None:
    """List letters that are not sent, the oldest first, and why; what they say is not shown.

    For example:

    ```console
    reality mail list
    ```
    """
    found = with_services(_waiting)
    for letter, due, trouble in found:
        when = "given up" if due is None else f"due {to_text(due)}"
        typer.echo(f"{letter.id}  {letter.template}  to {letter.to}  {when}  {trouble or ''}".rstrip())
    note(f"{len(found)} letters" + (" or more" if len(found) == MOST else ""))


async def _waiting(services: Services) -> Sequence[tuple[Letter, datetime | None, str | None]]:
    async with services.units.read() as unit:
        return await repository.list_waiting(unit, MOST)
