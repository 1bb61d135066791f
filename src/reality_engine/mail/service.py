"""What others know of mail: that a letter is to be sent, and to whom no more; not how it is sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.mail import repository
from reality_engine.mail.letter import Letter

# Who gets a letter later than this has asked for another one.
WORTH_SENDING: Final = timedelta(days=1)


async def enqueue(unit: WriteUnit, moment: datetime, to: str, template: str, values: Mapping[str, Plain]) -> str:
    """Have a letter sent to an address once this transaction is committed, and never if it is not; returns its id.

    `template` names `mail/templates/<template>.txt` and `.html`, which `values` fill. They stand in the database until
    the letter is sent, so they hold no secrets: a template makes its link from the id of what the link is for.
    Letters that somebody has because of their account have its id as `user`, so that they go with it.
    """
    letter = Letter(fresh_id(moment), to, template, dict(values), moment, moment + WORTH_SENDING)
    await repository.add(unit, letter)
    return letter.id


async def forget(unit: WriteUnit, user: str, address: str) -> None:
    """Send nothing more to a user, by their address or by another one that they had or wanted; leave nothing of it."""
    await repository.delete_of(unit, user, address)
