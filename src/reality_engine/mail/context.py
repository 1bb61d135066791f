"""What routes and commands need of mail; the composition root makes it."""

from dataclasses import dataclass

from reality_engine.mail.composing import Composer
from reality_engine.mail.delivery import Delivery, delivery_to
from reality_engine.mail.errors import MailOffError
from reality_engine.mail.links import Links
from reality_engine.mail.settings import MailSettings


@dataclass(frozen=True, slots=True)
class MailContext:
    """The seals of links, what makes messages of letters, and where these go: None for nowhere."""

    links: Links
    composer: Composer
    delivery: Delivery | None

    @classmethod
    def build(cls, settings: MailSettings, secret: bytes, address: str) -> "MailContext":
        """Make all of it from the settings, the server's secret and the address that clients reach it under."""
        links = Links(secret, address)
        place = settings.place
        return cls(links, Composer(settings.sender, links), None if place is None else delivery_to(place))

    def require(self) -> Delivery:
        """Return where letters go; raises MailOffError where nothing is sent."""
        if self.delivery is None:
            raise MailOffError("this server sends no mail", hint="ask its administrator")
        return self.delivery
