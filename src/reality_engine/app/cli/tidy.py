"""`reality tidy`: deletes what is kept no longer, as a server does at its beat; not what the log says."""

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done
from reality_engine.app.cli.services import with_services
from reality_engine.app.tidying import Tidied, retention_of, tidy


def tidy_up() -> None:
    """Delete answers to repeated requests, sessions that have ended and news that were told, once they are old enough.

    How old that is, the settings say (REALITY_KEEP_…). A server does it by itself (REALITY_TIDY_MINUTES); both may be
    done at once. Erasures of people that were interrupted are gone on with.

    For example:

        reality tidy
        REALITY_KEEP_SESSIONS_DAYS=7 reality tidy
    """
    found, resumed = with_services(_tidy)
    done(
        f"deleted: {found.answers} answers, {found.sessions} sessions, {found.told} rows of the outbox, "
        f"{found.tickets} links that were over, {found.letters} letters that were given up"
    )
    if resumed:
        done(f"{resumed} erasures were brought to their end")


async def _tidy(services: Services) -> tuple[Tidied, int]:
    found = await tidy(services.units, services.clock, retention_of(services.settings))
    return found, await services.erasures.resume()
