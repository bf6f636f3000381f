"""A call: somebody reads it out, and says when and to whom."""

import re
from typing import ClassVar

from incidents.recipients.base import Recipient, refused

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164


class Phone(Recipient):
    slug: ClassVar[str] = "phone"
    needs_proof: ClassVar[bool] = True
    asks: ClassVar[str] = "Call the desk, then say when and with which reference."

    def checked(self, address: str) -> str:
        number = re.sub(r"[ ()./-]", "", address)
        if not _NUMBER.fullmatch(number):
            raise refused("Write the number with its country, like +41446681800.")
        return number
