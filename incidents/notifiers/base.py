"""The contract of notifiers: what carries a message out by itself. A new one is a new file here.

A notifier touches the network and nothing else: no row, no transaction. What it answers decides
what the outbox does next (services/outbox.py), so that it must never call something refused that
may have been taken, nor the other way round.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from tracing.core import registry


class Fate(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"  # the other side said so
    REFUSED = "refused"  # it said no, or was not there: nothing is on its way; may be tried again
    BOUNCED = "bounced"  # it said no for good
    UNKNOWN = "unknown"  # it had everything and said nothing: nobody knows


@dataclass(frozen=True)
class Handed:
    """How a try ended. ``error``: words of ours, never the other side's whole answer."""

    fate: Fate
    error: str = ""
    message_id: str = ""  # the provider's own, where it gives one


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Message:
    """One thing to hand over. ``message_id`` is the same at every try of one delivery, so that the
    other side can tell a repeat; ``delivery`` names it in a provider's own records."""

    to: str
    subject: str
    text: str
    message_id: str
    delivery: str
    files: tuple[File, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)  # for machines: the webhook's body
    secret: str = ""  # the webhook's
    is_again: bool = False  # a person had it sent again: it may have come before


class Notifier(ABC):
    """Hands a message over."""

    slug: ClassVar[str]

    @abstractmethod
    def hand_over(self, message: Message) -> Handed:
        """Try once, within `settings.HAND_OVER_SECONDS`. Raises nothing that the network does."""


@cache
def notifiers() -> dict[str, type[Notifier]]:
    """Every notifier by slug. Raises BadPlugin for a folder that breaks the contract."""
    folder = importlib.import_module("incidents.notifiers")
    return registry.discover(folder, Notifier)  # type: ignore[type-abstract]
