"""A desk's own server is told, signed, and follows the link."""

from typing import ClassVar

from incidents.recipients.base import Recipient, refused
from incidents.webhook_url import BadTarget
from incidents.webhook_url import checked as url


class Webhook(Recipient):
    slug: ClassVar[str] = "webhook"
    notifier: ClassVar[str] = "webhook"
    needs_contact: ClassVar[bool] = True
    asks: ClassVar[str] = "It leaves by itself, signed, with a link to the desk's page."

    def checked(self, address: str) -> str:
        try:
            return url(address.strip()).geturl()
        except BadTarget as error:
            raise refused(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
