"""Registration and new passwords as a route or a page asks for them, with their transactions; not how they answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from reality_engine.accounts import recovering, registering
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.errors import BadCredentialsError
from reality_engine.accounts.registering import Wish
from reality_engine.accounts.strength import require_strong
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units
from reality_engine.kernel.clock import Clock
from reality_engine.mail.context import MailContext
from reality_engine.mail.dependencies import MailDep
from reality_engine.tickets.ticket import Use
from reality_engine.web.dependencies import ClockDep, UnitsDep


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What both take; passwords are hashed outside of any transaction."""

    units: Units
    clock: Clock
    accounts: AccountContext
    mail: MailContext

    async def register(self, email: str, name: str, password: str, invite: str | None) -> User | None:
        """Make an account; None where it begins with a letter, whether the address is taken or not.

        Raises RegistrationClosedError, BadInviteError, WeakPasswordError, and without letters EmailTakenError.
        """
        settings, links, now = self.accounts.settings, self.mail.links, self.clock.now()
        async with self.units.read() as unit:
            key = await registering.invite_of(unit, links, settings, invite, email, now)
        require_strong(password, email, name)
        wish = Wish(email, name, await self.accounts.passwords.hash(password), key)
        async with self.units.write() as unit:
            if settings.verify_email:
                await registering.begin(unit, wish, self.clock.now())
                await unit.commit()
                return None
            user = await registering.fulfil(unit, wish, self.clock.now(), verified=False)
            if self.mail.delivery is not None:
                await registering.ask_to_verify(unit, user.email, self.clock.now())
            await unit.commit()
        return user

    async def recover(self, token: str, password: str) -> None:
        """Set another password by the token of a letter; raises BadLinkError and WeakPasswordError."""
        units, links = self.units, self.mail.links
        async with units.read() as unit:
            user = await recovering.held_by(unit, links, token, self.clock.now())
        require_strong(password, user.email, user.name)
        hashed = await self.accounts.passwords.hash(password)
        async with units.write() as unit:
            user = await recovering.recover(unit, links, token, hashed, self.clock.now())
            unit.after_commit(lambda: self.accounts.standings.forget_user(user.id))
            await unit.commit()

    async def forgot(self, address: str) -> None:
        """Have a letter sent by which another password can be set, if there is such an account."""
        self.mail.require()
        async with self.units.write() as unit:
            await recovering.ask(unit, address, self.clock.now())
            await unit.commit()

    async def verify(self, token: str, password: str) -> User:
        """Do what the token of a letter is good for.

        An account begins for whoever has both the letter and the password that it was asked for with: so nobody begins
        one for somebody else, who would then use it. Raises BadLinkError, BadCredentialsError, EmailTakenError and
        BadInviteError.
        """
        async with self.units.read() as unit:
            ticket = await registering.held_by(unit, self.mail.links, token, self.clock.now())
        if ticket is not None and ticket.use is Use.REGISTER:
            wanted = str(ticket.content["password_hash"])
            if not await self.accounts.passwords.check(password, wanted):
                message = "this is not the password with which the account was asked for"
                raise BadCredentialsError(message, field="password", hint="not your doing? Then leave it, and register")
        async with self.units.write() as unit:
            user = await registering.confirm(unit, self.mail.links, token, self.clock.now())
            await unit.commit()
        return user


async def _enrolling(units: UnitsDep, clock: ClockDep, accounts: AccountsDep, mail: MailDep) -> Enrolling:
    return Enrolling(units, clock, accounts, mail)


EnrollingDep = Annotated[Enrolling, Depends(_enrolling)]
