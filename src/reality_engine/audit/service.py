"""Notes changes of rights in the transaction that makes them; not the changes, and not those within worlds."""

from collections.abc import Mapping
from datetime import datetime

from reality_engine.audit import repository
from reality_engine.audit.entry import Entry
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal


async def note(
    unit: WriteUnit,
    moment: datetime,
    principal: Principal,
    what: What,
    subject: str,
    details: Mapping[str, Plain] | None = None,
) -> None:
    """Note that a principal did something to a subject; it stays if the caller commits, and only then.

    Subject and details are ids and words of the product: no names, addresses, texts of people or secrets, so that what
    is noted can stay when a person is erased. Commands act as `SERVER`.
    """
    entry = Entry(
        fresh_id(moment), moment, principal.kind, principal.id, principal.credential, what.value, subject, details or {}
    )
    await repository.add(unit, entry)
