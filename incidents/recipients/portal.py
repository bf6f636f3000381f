"""A form of the desk's own, which a person fills in."""

from typing import ClassVar

from incidents.recipients.base import Recipient, refused

LONGEST = 500


class Portal(Recipient):
    slug: ClassVar[str] = "portal"
    needs_proof: ClassVar[bool] = True
    asks: ClassVar[str] = "Fill in the desk's own form, then say when and with which reference."

    def checked(self, address: str) -> str:
        text = " ".join(address.split())
        if not text or len(text) > LONGEST:
            raise refused("Write where the portal is.")
        return text
