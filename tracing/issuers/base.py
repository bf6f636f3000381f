"""The contract of an issuer's freeze interface: events in, freezes out. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from tracing.core.logs import Log


@dataclass(frozen=True, slots=True)
class FreezeSeen:
    """An address was frozen, or released, by the contract that logged it."""

    address: str
    is_frozen: bool


class FreezeInterface(ABC):
    """One family of freezable tokens. ``slug`` is what an asset names as its interface."""

    slug: ClassVar[str]

    @abstractmethod
    def decode(self, log: Log) -> FreezeSeen | None:
        """The freeze in a log; None: not a freeze event of this family, or malformed."""
