"""`reality factor`: what whoever runs the server can do for people who lost their second factor and its codes."""

from typing import Annotated

import typer

from reality_engine.accounts import repository as accounts
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.user import normal_address
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.principal import SERVER

cli = typer.Typer(name="factor", help="Remove the second factor of somebody who lost it.", no_args_is_help=True)


@cli.callback()
def options() -> None:
    """Have commands of this group, even while there is one."""


@cli.command()
def remove(email: Annotated[str, typer.Argument(help="The account's e-mail address.")]) -> None:
    """Ask somebody for no second factor any more. Make sure first that it is they who want that.

    For example:

    ```console
    reality factor remove mira@example.org
    ```
    """
    address = normal_address(email)
    with_services(lambda services: _remove(services, address))
    done(f"{address} is asked for no second factor")


async def _remove(services: Services, email: str) -> None:
    async with services.units.write() as unit:
        user = await accounts.find_user_by_email(unit, email)
        if user is None:
            raise NotFoundError(f"there is no account with the address {email}")
        await services.factors.remove(unit, SERVER, user.id, services.clock.now())
        await unit.commit()
