"""The contract of letters: how the text of a delivery is made when it leaves, and what follows from
its fate. A new kind is a new file here."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from functools import cache
from typing import ClassVar

from incidents.models import Delivery
from incidents.notifiers.base import Message
from tracing.core import registry


class NothingToSend(Exception):
    """What the delivery is about is over (withdrawn, answered ...). It is cancelled."""


class Letter(ABC):
    """One kind of delivery."""

    slug: ClassVar[str]

    @abstractmethod
    def compose(self, delivery: Delivery, message_id: str) -> Message:
        """The message, from what is in the tables now. No secret of it is in the delivery.

        :raises NothingToSend: it is over.
        """

    def settled(self, delivery: Delivery) -> None:  # noqa: B027 (most need none)
        """In the transaction that wrote ``delivery.state`` (never PENDING or IN_FLIGHT), with the
        incident locked."""


@cache
def letters() -> dict[str, type[Letter]]:
    """Every kind by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("incidents.services.letters")
    return registry.discover(folder, Letter)  # type: ignore[type-abstract]


def letter_of(delivery: Delivery) -> Letter:
    """The kind that its subject names. Raises KeyError: none of ours."""
    return letters()[delivery.subject.partition(":")[0]]()
