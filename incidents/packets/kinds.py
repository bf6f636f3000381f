"""Kinds of fields: what each takes, and the form in which it is kept. No Django model here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from incidents.exceptions import BadInput

MOST_ITEMS = 50
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_MAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,190}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_USD = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_LINK = re.compile(r"https://\S{1,500}")


class Group(StrEnum):
    """The parts of a request, in the draft standard's order."""

    HEADER = "header"
    REQUESTER = "requester"
    AUTHORITY = "authority"
    LAW_ENFORCEMENT = "law_enforcement"
    INCIDENT = "incident"
    TARGET = "target"
    TRACE = "trace"
    EVIDENCE = "evidence"
    ASK = "ask"
    VERIFICATION = "verification"
    LEGAL = "legal"


class Kind(StrEnum):
    """What a field holds."""

    LINE = "line"
    TEXT = "text"  # several lines
    MAIL = "mail"
    PHONE = "phone"  # E.164
    DATE = "date"
    MOMENT = "moment"  # UTC
    USD = "usd"  # an exact decimal
    CHOICE = "choice"
    YES = "yes"  # "yes" or ""
    LINKS = "links"  # one https address per line
    ITEMS = "items"  # one piece of evidence per line: what it is | what it proves | SHA-256
    DERIVED = "derived"  # of the targets and their paths: nobody types it


@dataclass(frozen=True)
class Field:
    """One field. ``name`` is stable for ever: profiles of desks and manifests name it."""

    name: str
    label: str
    group: Group
    kind: Kind = Kind.LINE
    help: str = ""
    longest: int = 200  # characters
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_derived(self) -> bool:
        return self.kind is Kind.DERIVED

    def clean(self, value: object) -> str:
        """The value as it is kept: text, "" for nothing.

        :raises BadInput: it is not what the field holds; names the field.
        """
        if not isinstance(value, str):
            raise self.refused("This is text.")
        text = _plain(value, is_one_line=self.kind not in _SEVERAL_LINES)
        if len(text) > self.longest:
            raise self.refused(f"At most {self.longest} characters.")
        return _CHECKS[self.kind](self, text) if text and self.kind in _CHECKS else text

    def refused(self, why: str) -> BadInput:
        return BadInput(f"{self.label}: {why}", field=self.name)


_SEVERAL_LINES = {Kind.TEXT, Kind.LINKS, Kind.ITEMS}


def _plain(value: str, *, is_one_line: bool) -> str:
    """Without control characters: neither a terminal, a file nor a form takes them well."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c == "\n" or (c.isprintable() or c == " "))
    return " ".join(kept.split()) if is_one_line else kept.strip()


def moment_text(at: datetime) -> str:
    """A moment as it is kept and shown: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(field: Field, text: str) -> str:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return moment_text(at)
    except (ValueError, OverflowError) as error:
        raise field.refused("Write a moment in UTC, like 2026-04-18T17:35:00Z.") from error


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise field.refused("Write a date like 2026-04-18.") from error


def _matches(pattern: re.Pattern[str], why: str) -> Callable[[Field, str], str]:
    def check(field: Field, text: str) -> str:
        if not pattern.fullmatch(text):
            raise field.refused(why)
        return text

    return check


def _choice(field: Field, text: str) -> str:
    if text not in dict(field.choices):
        raise field.refused(f"One of: {', '.join(value for value, _ in field.choices)}.")
    return text


def _links(field: Field, text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ITEMS or not all(_LINK.fullmatch(line) for line in lines):
        raise field.refused(f"One https:// address per line, {MOST_ITEMS} at most.")
    return "\n".join(lines)


def items(text: str) -> list[dict[str, str]]:
    """What an ITEMS field lists."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    return [dict(zip(("what", "proves", "sha256"), row, strict=False)) for row in rows]


def _items(field: Field, text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    if len(rows) > MOST_ITEMS:
        raise field.refused(f"At most {MOST_ITEMS} pieces.")
    for row in rows:
        if len(row) not in (2, 3) or not row[0] or not row[1]:
            raise field.refused("One per line: what it is | what it proves | SHA-256.")
        if len(row) == 3 and not _DIGEST.fullmatch(row[2]):
            raise field.refused("A SHA-256 is 64 digits 0-9 and a-f.")
    return "\n".join(" | ".join(row) for row in rows)


def _derived(field: Field, text: str) -> str:
    raise field.refused("It follows from the targets; nobody types it.")


_CHECKS: dict[Kind, Callable[[Field, str], str]] = {
    Kind.MAIL: _matches(_MAIL, "Write one mail address."),
    Kind.PHONE: _matches(_PHONE, "Write it with the country's code, like +41446681800 (E.164)."),
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.USD: _matches(_USD, "Write US dollars with digits and one point."),
    Kind.CHOICE: _choice,
    Kind.YES: _matches(re.compile("yes"), "Write yes, or leave it empty."),
    Kind.LINKS: _links,
    Kind.ITEMS: _items,
    Kind.DERIVED: _derived,
}


def given(values: dict[str, Any], field: Field) -> str:
    """A field's value, "" where there is none."""
    value = values.get(field.name, "")
    return value if isinstance(value, str) else ""
