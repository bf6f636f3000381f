"""A mail to a desk: the reference and a link, or the files where the desk wants them by mail."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from incidents.recipients.base import Recipient, refused


class Mail(Recipient):
    slug: ClassVar[str] = "mail"
    notifier: ClassVar[str] = "mail"
    needs_contact: ClassVar[bool] = True
    asks: ClassVar[str] = "It leaves by itself, with a link to the desk's page."

    def checked(self, address: str) -> str:
        mail = address.strip()
        try:
            validate_email(mail)
        except ValidationError as error:
            raise refused("This is no e-mail address.") from error
        return mail
