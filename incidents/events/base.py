"""What happened, as frozen dataclasses in the past tense. The kind is stable for ever."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

_PLAIN = (str, int, type(None))  # copied by being named; asdict copies everything deeply


class UnknownEvent(LookupError):
    """An entry of a kind or version that this release does not know."""


@dataclass(frozen=True, kw_only=True)
class Event(ABC):
    """Base. Fields are JSON values (str, int, bool, None, lists and dicts of them).

    Amounts are strings in base units. Names in ``personal`` are kept apart from the leaf so that
    they can be erased; they must be str fields.
    """

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1
    is_alert: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()
    is_unsigned: ClassVar[bool] = False  # which party did it is not shown

    @abstractmethod
    def headline(self) -> str:
        """One plain sentence, without markup. Whoever shows it escapes it."""

    def subject(self) -> str:
        """What it is about: "freeze:<id>", "address:<caip-10>", "statement:<id>", or ""."""
        return ""

    def content(self) -> dict[str, Any]:
        """The fields, without the personal ones."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        if not all(isinstance(value, _PLAIN) for value in values.values()):
            values = dataclasses.asdict(self)
        return {k: v for k, v in values.items() if k not in self.personal}

    @classmethod
    def from_content(cls, content: dict[str, Any], personal: dict[str, str | None]) -> Self:
        """Rebuild from a ledger entry; erased personal values read "(erased)"."""
        names = {f.name for f in dataclasses.fields(cls)}
        values = {k: v for k, v in content.items() if k in names}
        for name in cls.personal:
            value = personal.get(name)
            values[name] = "(erased)" if value is None else value
        return cls(**values)


_KINDS: dict[tuple[str, int], type[Event]] = {}
EventClass = TypeVar("EventClass", bound=type[Event])


def event(cls: EventClass) -> EventClass:
    """Class decorator: make the kind known. A repeated kind is a mistake of ours."""
    key = (cls.kind, cls.version)
    if not cls.kind or key in _KINDS:
        raise ValueError(f"{cls.__name__}: kind {key} is empty or taken")
    _KINDS[key] = cls
    return cls


def load(
    kind: str, version: int, content: dict[str, Any], personal: dict[str, str | None]
) -> Event:
    """The event of a ledger entry.

    :raises UnknownEvent: this release does not know the kind.
    """
    try:
        cls = _KINDS[kind, version]
    except KeyError as error:
        raise UnknownEvent(f"{kind} version {version}") from error
    return cls.from_content(content, personal)


def kinds() -> dict[tuple[str, int], type[Event]]:
    """Every registered kind and version."""
    return dict(_KINDS)
