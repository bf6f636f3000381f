"""The directory that ships with the project: services, their desks and their addresses.

starter_services.json has one list of addresses per service, chain and source, each address as
people write it (EIP-55) or with a name of its own; starter_ethereum.json is a file of
``import_directory``, with the tokens and escrows of Ethereum.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tracing.labels.base import LabelFact, Said, fact

_FOLDER = Path(__file__).parent
ETHEREUM = _FOLDER / "starter_ethereum.json"
SERVICES = _FOLDER / "starter_services.json"


@dataclass(frozen=True)
class ServiceFact:
    """A service, and how its desk wants to be asked where that was published."""

    slug: str
    name: str
    category: str
    desk_channel: str = ""
    desk_contact: str = ""
    desk_wants: str = ""
    desk_hold_days: int | None = None
    desk_source: str = ""


@functools.cache
def services() -> dict[str, ServiceFact]:
    """Every service of the file by slug."""
    return {row["slug"]: ServiceFact(**row) for row in _file()["services"]}


@functools.cache
def facts() -> tuple[LabelFact, ...]:
    """Every address of the file as a label. Raises ValueError for a file that is wrong."""
    found = []
    for group in _file()["labels"]:
        service = services()[group["service"]]
        said = Said(group["chain"], group["source"], date.fromisoformat(group["dated"]))
        for row in group["addresses"]:
            address, name = row if isinstance(row, list) else (row, group.get("name", service.name))
            found.append(
                fact(
                    said,
                    address=address,
                    name=name,
                    category=service.category,
                    actor=service.slug,
                )
            )
    return tuple(found)


def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SERVICES.read_text(encoding="utf-8"))
    return found
