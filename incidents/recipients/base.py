"""The contract of recipient types: how something gets to a desk. A new one is a new file here."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from functools import cache
from typing import ClassVar

from incidents.exceptions import BadInput
from tracing.core import registry


class Recipient(ABC):
    """One way to a desk. ``slug``: a `choices.Channel`."""

    slug: ClassVar[str]
    notifier: ClassVar[str] = ""  # what carries it out by itself; "": a person does
    needs_contact: ClassVar[bool] = False  # one whom a second person of the organization verified
    needs_seat: ClassVar[bool] = False  # the desk sits in the room
    needs_proof: ClassVar[bool] = False  # a person says when, with which reference, what proves it
    asks: ClassVar[str] = ""  # what a person is told to do

    @property
    def leaves_by_itself(self) -> bool:
        return bool(self.notifier)

    @abstractmethod
    def checked(self, address: str) -> str:
        """The address of a contact in one form.

        :raises BadInput: it is none of this type; names "address".
        """


def refused(why: str) -> BadInput:
    return BadInput(why, field="address")


@cache
def recipients() -> dict[str, type[Recipient]]:
    """Every type by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("incidents.recipients")
    return registry.discover(folder, Recipient)  # type: ignore[type-abstract]
