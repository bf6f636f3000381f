"""What a profile of a desk may hold: the one list, each fact with its kind, source and date.

No period, channel or requirement of any desk stands in code. What is not known of a desk is not
there, and what follows then is a setting (config/settings.py, "desks").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from incidents.desks.kinds import (
    FORMATS,
    LANGUAGES,
    Count,
    Days,
    Hours,
    Kind,
    Names,
    Some,
    Ways,
    YesNo,
)
from incidents.exceptions import BadInput

STARTER = Path(__file__).with_name("starter.json")
SATURDAY = 5


@dataclass(frozen=True)
class Fact:
    """One fact that may be known of a desk. ``name`` is stable for ever."""

    name: str
    label: str
    kind: Kind
    help: str = ""


_FACTS = (
    Fact("channels", "Channels", Ways(), "One per line: channel | where to | for whom | what else"),
    Fact(
        "portal_fields", "Fields of its portal, in order", Names(), "Names of the packet's fields."
    ),
    Fact("required_fields", "Required fields", Names(), "Names of the packet's fields."),
    Fact("formats", "Accepted formats", Some(FORMATS)),
    Fact("languages", "Accepted languages", LANGUAGES, "Like en, zh."),
    Fact("law_enforcement_only", "From law enforcement only", YesNo()),
    Fact("period_required", "The period has to be stated", YesNo()),
    Fact("private_wallets_only", "Freezes no wallets of services", YesNo()),
    Fact("hold_days", "Usual hold without a document (days)", Count()),
    Fact("hold_most_days", "Longest hold (days)", Count()),
    Fact("police_report_days", "Police report within (days)", Count()),
    Fact("acknowledge_hours", "Acknowledges within (hours)", Count()),
    Fact("answer", "Answers within", Days(), "“14 days” or “3 business days”."),
    Fact("reminders_hours", "Reminders before a hold ends (hours)", Hours()),
    Fact("link_hours", "A link works for (hours)", Count()),
    Fact("subject", "Has to be in the subject", Kind()),
    Fact("files_by_mail", "Files go with the mail", YesNo(), "Else it carries the link alone."),
    Fact("tells_user", "May tell its customer", YesNo()),
    Fact("note", "What else", Kind()),
)
FACTS: dict[str, Fact] = {fact.name: fact for fact in _FACTS}


@dataclass(frozen=True)
class Known:
    """A fact as somebody found it. ``dated``: when it was true, as far as the source tells."""

    value: Any
    source: str
    dated: str  # ISO 8601 date

    def as_json(self) -> dict[str, Any]:
        return {"value": self.value, "source": self.source, "dated": self.dated}


@dataclass(frozen=True)
class Profile:
    """What is known of one desk. ``origin``: "own" (this organization's version), "installation",
    "starter", or "none": nothing is known."""

    slug: str
    name: str
    facts: Mapping[str, Known] = field(default_factory=dict)
    origin: str = "none"
    is_exercise: bool = False

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The value of a fact, or ``otherwise`` where it is not known."""
        known = self.facts.get(name)
        return otherwise if known is None else known.value

    @property
    def channels(self) -> list[dict[str, str]]:
        return list(self.get("channels", []))

    @property
    def required_fields(self) -> list[str]:
        return list(self.get("required_fields", []))

    @property
    def portal_fields(self) -> list[str]:
        return list(self.get("portal_fields", []) or self.required_fields)

    @property
    def shown(self) -> list[tuple[Fact, Known, str]]:
        """Each fact that is known, as a page shows it."""
        rows = [(fact, self.facts[fact.name]) for fact in _FACTS if fact.name in self.facts]
        return [(fact, known, fact.kind.say(known.value)) for fact, known in rows]

    def answer_by(self, sent: datetime, otherwise: timedelta) -> datetime:
        """Until when the desk answers by what it published; ``otherwise`` where it did not."""
        span = self.get("answer")
        if span is None:
            return sent + otherwise
        if not span["business"]:
            return sent + timedelta(days=span["days"])
        until, left = sent, span["days"]
        while left:
            until += timedelta(days=1)
            left -= until.weekday() < SATURDAY
        return until


def checked(facts: Mapping[str, Any]) -> dict[str, Known]:
    """Facts as JSON, each {"value", "source", "dated"}.

    :raises BadInput: an unknown fact, a value of another kind, no source or no date; names it.
    """
    return {name: _checked(name, given) for name, given in facts.items()}


def _checked(name: str, given: Any) -> Known:
    fact = FACTS.get(name)
    if fact is None or not isinstance(given, dict):
        raise BadInput(f"There is no fact {name[:60]!r}.", field=name[:60])
    try:
        value = fact.kind.clean(given.get("value"))
        source = Kind().clean(given.get("source"))
        dated = date.fromisoformat(str(given.get("dated"))).isoformat()
    except BadInput as error:
        raise BadInput(f"{fact.label}: {error.detail}", field=name) from error
    except ValueError as error:
        raise BadInput(f"{fact.label}: write the date like 2026-11-21.", field=name) from error
    return Known(value, source, dated)


@cache
def starter() -> dict[str, Profile]:
    """The profiles that ship, by slug."""
    rows = json.loads(STARTER.read_text(encoding="utf-8"))["desks"]
    return {
        row["slug"]: Profile(
            row["slug"], row["name"], checked(row["facts"]), "starter", row.get("exercise", False)
        )
        for row in rows
    }
