"""What cannot be had without mail, with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import DeniedError


class MailOffError(DeniedError):
    """This server sends no mail, so what needs it cannot be had here."""

    code = "mail_off"
