"""The contract of exports of a trace. A new one is a new file in this folder."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from tracing.core import registry


class ProvenanceExport(ABC):
    """A provenance document (tracing/core/provenance_file.py) as a file."""

    slug: ClassVar[str]  # of its address, and the ending of the file's name
    media_type: ClassVar[str]

    @abstractmethod
    def render(self, document: Mapping[str, Any]) -> bytes:
        """The file. The document is cut to what its reader may see already."""


@cache
def provenance_exports() -> dict[str, type[ProvenanceExport]]:
    """Every export by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("tracing.exports")
    return registry.discover(folder, ProvenanceExport)  # type: ignore[type-abstract]
