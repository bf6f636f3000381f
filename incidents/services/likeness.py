"""Names made to be mistaken for others: a warning for whoever approves a newcomer.

A skeleton is what a name looks like: compatibility forms taken apart (NFKD), marks off, lower case,
and letters of other scripts written as the Latin ones that they look like. The letters are those of
Unicode's confusables.txt (UTS 39) that Cyrillic, Greek and Armenian share with Latin by shape.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from incidents import access
from incidents.access import Actor
from incidents.display.text import mixes_scripts
from incidents.models import Incident, Invitation, Person

_SHAPES = (
    "аa еe оo рp сc уy хx іi јj ѕs ԁd ԛq ԝw һh ӏl кk мm нh вb тt гr пn зe бb ьb "  # noqa: RUF001
    "αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ωw ϲc ϳj σo "  # noqa: RUF001
    "ոn սu օo հh ցg զq ıi łl øo đd 0o 1l |l 5s 3e"  # noqa: RUF001
)
_LOOKS = str.maketrans({pair[0]: pair[1] for pair in _SHAPES.split()})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "n"))
ALIKE = 0.84  # of difflib's ratio: one letter in six or so


@dataclass(frozen=True)
class Likeness:
    """``what`` the newcomer shows ("name" or "domain") is like ``known``, of ``party`` here.
    ``known`` is empty where it mixes scripts, whoever it may imitate."""

    what: str
    shown: str
    known: str = ""
    party: str = ""


def skeleton(name: str) -> str:
    """What a name looks like, without what the eye passes over."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LOOKS)
    kept = "".join(c for c in kept if c.isalnum())
    for pair, one in _PAIRS:
        kept = kept.replace(pair, one)
    return kept


def is_alike(one: str, other: str) -> bool:
    """Whether two different names can be mistaken for each other."""
    first, second = skeleton(one), skeleton(other)
    if first == second:
        return True
    shorter = min(len(first), len(second))
    return shorter >= 4 and SequenceMatcher(None, first, second).ratio() >= ALIKE


def warnings(row: Invitation, incident: Incident, viewer: Actor) -> list[Likeness]:
    """What of an invitation looks like a party that the viewer knows of here and is not it.

    Parties that are hidden from the viewer are not compared: a warning would tell of them.
    """
    seats = access.parties(viewer, incident).exclude(organization=row.organization)
    names = {seat.organization_id: seat.organization.name for seat in seats}
    found = [] if row.organization else _of_names(row.organization_name, names.values())
    domain = row.email.rpartition("@")[2]
    if domain and not row.organization:
        found += _of_domains(domain, names)
    return found


def _of_names(shown: str, known: Iterable[str]) -> list[Likeness]:
    alike = [Likeness("name", shown, name, name) for name in known if is_alike(shown, name)]
    if not alike and mixes_scripts(shown):
        return [Likeness("name", shown)]
    return alike


def _of_domains(shown: str, parties: dict[int, str]) -> list[Likeness]:
    """A domain that looks like that of a party's people, or is theirs though the name is not."""
    people = Person.objects.filter(
        is_active=True, memberships__organization__in=parties, memberships__ended_at__isnull=True
    ).values_list("email", "memberships__organization")
    domains = {(mail.rpartition("@")[2], parties[of]) for mail, of in people if of in parties}
    found = [
        Likeness("domain", shown, domain, party)
        for domain, party in sorted(domains)
        if is_alike(shown, domain)
    ]
    readable = _readable(shown)
    if not found and (mixes_scripts(readable) or not readable.isascii()):
        return [Likeness("domain", shown)]
    return found


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
