"""Kinds of facts: what each takes as JSON, and as the text that people type. No Django here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from incidents.choices import Channel
from incidents.exceptions import BadInput
from incidents.packets.fields import FIELDS

LONGEST, MOST, MOST_DAYS = 500, 60, 3650
FORMATS = ("pdf", "csv", "xlsx", "json", "text")
WHOM = ("anyone", "law_enforcement", "victim")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")  # BCP 47, short


@dataclass(frozen=True)
class Kind:
    """Base: one line of text."""

    def clean(self, value: Any) -> Any:
        """The value as it is kept. Raises BadInput."""
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
            raise BadInput(f"Write a line of at most {LONGEST} characters.")
        return " ".join(value.split())

    def read(self, text: str) -> Any:
        """The value of what somebody typed. Raises BadInput."""
        return self.clean(text)

    def write(self, value: Any) -> str:
        """As somebody would type it."""
        return str(value)

    def say(self, value: Any) -> str:
        """As a page shows it."""
        return self.write(value)


@dataclass(frozen=True)
class YesNo(Kind):
    def clean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadInput("Say yes or no.")
        return value

    def read(self, text: str) -> bool:
        if text.strip().lower() not in ("yes", "no"):
            raise BadInput("Say yes or no.")
        return text.strip().lower() == "yes"

    def write(self, value: Any) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True)
class Count(Kind):
    """A whole number above zero: days or hours."""

    def clean(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_DAYS * 24:
            raise BadInput("Write a whole number above zero.")
        return value

    def read(self, text: str) -> int:
        return self.clean(int(text)) if text.strip().isascii() and text.isdigit() else self._no()

    def _no(self) -> int:
        raise BadInput("Write a whole number above zero.")


@dataclass(frozen=True)
class Days(Kind):
    """{"days": 3, "business": true}: days of the week, or those on which desks work."""

    def clean(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != {"days", "business"}:
            raise BadInput("Write a number of days, and whether they are business days.")
        return {"days": Count().clean(value["days"]), "business": YesNo().clean(value["business"])}

    def read(self, text: str) -> dict[str, Any]:
        number, _, rest = text.strip().partition(" ")
        if rest.strip() not in ("", "days", "business days"):
            raise BadInput("Write “14 days” or “3 business days”.")
        return {"days": Count().read(number), "business": rest.strip().startswith("business")}

    def write(self, value: Any) -> str:
        return f"{value['days']} {'business ' if value['business'] else ''}days"


@dataclass(frozen=True)
class Hours(Kind):
    """Several counts of hours, longest first."""

    def clean(self, value: Any) -> list[int]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST:
            raise BadInput("Write hours, with commas between.")
        return sorted({Count().clean(one) for one in value}, reverse=True)

    def read(self, text: str) -> list[int]:
        return self.clean([Count().read(one.strip()) for one in text.split(",")])

    def write(self, value: Any) -> str:
        return ", ".join(str(one) for one in value)


@dataclass(frozen=True)
class Some(Kind):
    """Some of a list, in order."""

    choices: tuple[str, ...] = ()
    pattern: re.Pattern[str] = _NAME

    def clean(self, value: Any) -> list[str]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST:
            raise BadInput("Write one or more, with commas between.")
        if not all(isinstance(one, str) and self._fits(one) for one in value):
            known = f": {', '.join(self.choices)}" if self.choices else ""
            raise BadInput(f"One of these is not known{known}.")
        return list(dict.fromkeys(value))

    def _fits(self, one: str) -> bool:
        return one in self.choices if self.choices else bool(self.pattern.fullmatch(one))

    def read(self, text: str) -> list[str]:
        return self.clean([one.strip() for one in text.split(",") if one.strip()])

    def write(self, value: Any) -> str:
        return ", ".join(value)


@dataclass(frozen=True)
class Names(Some):
    """Fields of the packet, by name."""

    def _fits(self, one: str) -> bool:
        return one in FIELDS

    def say(self, value: Any) -> str:
        return ", ".join(FIELDS[name].label for name in value if name in FIELDS)


@dataclass(frozen=True)
class Ways(Kind):
    """Channels in the order in which they are tried: channel, where to, for whom, what else."""

    def clean(self, value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST:
            raise BadInput("Write one channel per line.")
        return [self._way(one) for one in value]

    def _way(self, one: Any) -> dict[str, str]:
        names = {"channel", "to", "for", "note"}
        if not isinstance(one, dict) or not set(one) <= names:
            raise BadInput("One per line: channel | where to | for whom | what else.")
        way = {name: Kind().clean(one[name]) if one.get(name) else "" for name in sorted(names)}
        if way["channel"] not in Channel.values:
            raise BadInput(f"A channel is one of: {', '.join(Channel.values)}.")
        way["for"] = way["for"] or "anyone"
        if way["for"] not in WHOM:
            raise BadInput(f"For whom is one of: {', '.join(WHOM)}.")
        return way

    def read(self, text: str) -> list[dict[str, str]]:
        rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
        names = ("channel", "to", "for", "note")
        return self.clean([dict(zip(names, row, strict=False)) for row in rows if any(row)])

    def write(self, value: Any) -> str:
        names = ("channel", "to", "for", "note")
        return "\n".join(" | ".join(one[name] for name in names).rstrip(" |") for one in value)

    def say(self, value: Any) -> str:
        return "\n".join(_said(one) for one in value)


_FOR = {"anyone": "", "law_enforcement": "for law enforcement", "victim": "for victims"}


def _said(way: dict[str, str]) -> str:
    parts = [str(Channel(way["channel"]).label), way["to"], _FOR[way["for"]], way["note"]]
    return ", ".join(part for part in parts if part)


LANGUAGES = Some(pattern=_LANGUAGE)
