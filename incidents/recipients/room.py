"""The desk sits in the room and reads it there."""

from typing import ClassVar

from incidents.recipients.base import Recipient, refused


class Room(Recipient):
    slug: ClassVar[str] = "room"
    needs_seat: ClassVar[bool] = True
    asks: ClassVar[str] = "The desk reads it in this room."

    def checked(self, address: str) -> str:
        if address.strip():
            raise refused("A desk in the room needs no address.")
        return ""
