"""What every operator really sent, in which version: the truth that "verified" is held against."""

from __future__ import annotations

import threading
from collections import defaultdict

TRUE = "true"


class Served:
    """Which version of which part of which block left which operator.

    A part is "block", "receipts" or "traces", or a transaction's hash for one receipt. A version is
    TRUE, or the name of the fault that changed the answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.requests = 0
        self.lies: dict[str, int] = defaultdict(int)

    def note(self, operator: str, part: str, block: str, version: str) -> None:
        with self._lock:
            self._versions[operator, part, block].add(version)

    def note_lie(self, fault: str) -> None:
        """A fault changed an answer, or kept one back."""
        with self._lock:
            self.lies[fault] += 1

    def count(self) -> None:
        with self._lock:
            self.requests += 1

    def versions(self, operator: str, part: str, block: str) -> set[str]:
        with self._lock:
            return set(self._versions.get((operator, part, block), ()))

    def truly(self, operators: set[str], part: str, block: str) -> set[str]:
        """The operators that sent this part as it is."""
        return {name for name in operators if TRUE in self.versions(name, part, block)}
