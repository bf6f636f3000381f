"""The contract of a packet's files. A new format is a new file in this folder."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from incidents.packets.manifest import decode, digest_of
from tracing.core import registry


@dataclass(frozen=True)
class Sheet:
    """What a file is made of. All formats tell the same: what is in ``body``, the manifest.

    ``recipient`` and ``mark`` tell one recipient's file from another's; neither is ever put into
    an address, a hash or an amount. ``stamp``: what stands across a file that nobody may act on.
    """

    body: bytes
    recipient: str = ""
    mark: str = ""
    stamp: str = ""

    @property
    def manifest(self) -> dict[str, Any]:
        return decode(self.body)

    @property
    def digest(self) -> str:
        return digest_of(self.body)


class PacketExport(ABC):
    """A packet as a file. The same sheet gives the same bytes, on every machine."""

    slug: ClassVar[str]  # of its address, and the ending of the file's name
    name: ClassVar[str]  # on a button
    media_type: ClassVar[str]

    @abstractmethod
    def render(self, sheet: Sheet) -> bytes:
        """The file."""


@cache
def packet_exports() -> dict[str, type[PacketExport]]:
    """Every format by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("incidents.exports.packet")
    return registry.discover(
        folder,
        PacketExport,  # type: ignore[type-abstract]
        besides=("base", "rows"),
    )
