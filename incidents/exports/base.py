"""The contract of exports. A new one is a new file in this folder."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import ClassVar, Protocol

from incidents.models import FreezeAnswer, FreezeRequest
from tracing.core import registry


class SeenAmount(Protocol):
    """Base units, and by whose word."""

    @property
    def units(self) -> int: ...
    @property
    def by(self) -> str: ...


class SeenPart(Protocol):
    """A part of a target (services/parts.py). Its number is shown, its key never."""

    @property
    def number(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def located(self) -> SeenAmount: ...
    @property
    def held(self) -> SeenAmount: ...
    @property
    def frozen(self) -> SeenAmount: ...
    @property
    def seized(self) -> SeenAmount: ...
    @property
    def returned(self) -> SeenAmount: ...
    @property
    def held_until(self) -> datetime | None: ...


class Seen(Protocol):
    """A target as its reader may know it (services/answers.py)."""

    @property
    def state(self) -> str: ...
    @property
    def located(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def frozen(self) -> int: ...
    @property
    def seized(self) -> int: ...
    @property
    def returned(self) -> int: ...
    @property
    def held_until(self) -> datetime | None: ...
    @property
    def answers(self) -> Sequence[FreezeAnswer]: ...
    @property
    def parts(self) -> Sequence[SeenPart]: ...
    @property
    def by(self) -> Mapping[str, str]: ...


class FreezeExport(ABC):
    """A freeze request as a file, as far as its reader may know it."""

    slug: ClassVar[str]  # of its address, and the ending of the file's name
    media_type: ClassVar[str]

    @abstractmethod
    def render(self, request: FreezeRequest, seen: Mapping[int, Seen]) -> bytes:
        """The file. ``seen``: by target's key, cut to what the reader may know."""


@cache
def freeze_exports() -> dict[str, type[FreezeExport]]:
    """Every export by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("incidents.exports")
    return registry.discover(
        folder,
        FreezeExport,  # type: ignore[type-abstract]
        besides=("base", "packet"),
    )
