"""What a policy decides. Everything else of the engine is the same under each of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable
from typing import ClassVar

from tracing.core.pieces import Piece, deal
from tracing.core.policies.names import VERSIONS, PolicyName
from tracing.core.types import Lot


class Policy(ABC):
    """Which units leave an account where tainted and clean ones are mixed (docs/taint.md).

    A queue belongs to the policy that has kept it: each lays its lots in an order of its own.
    """

    name: ClassVar[PolicyName]
    conserves: ClassVar[bool] = True

    @property
    def slug(self) -> str:
        return self.name.value

    @property
    def version(self) -> str:
        return VERSIONS[self.name]

    @abstractmethod
    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        """Debit: the units that leave, in the order in which they are dealt on, and how many the
        queue lacked. Those are among the units, clean, as if they had been there as the oldest."""

    @abstractmethod
    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        """Credit lots to a queue, in their order."""

    def deal(self, units: deque[Piece], amount: int) -> list[Piece]:
        """Take one gainer's ``amount`` out of the units that a transaction's losers gave; what is
        missing is clean. Gainers come one after the other."""
        return deal(units, amount)
