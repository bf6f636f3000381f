"""Profiles of desks: what each wants, as an organization knows it.

Before the starter set goes what the operator loaded for everybody, and before that the
organization's own version. A version replaces the whole profile, so that nobody has to guess which
half of it is whose; taking it away shows what was there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from incidents import access, scope
from incidents.access import Proof
from incidents.desks.facts import FACTS, Fact, Known, Profile, checked, starter
from incidents.exceptions import BadInput, NotFound
from incidents.models import DeskProfile, Organization, Person


@scope.trusted
def of(slug: str, organization: Organization | None) -> Profile:
    """What ``organization`` knows of the desk; without one, what everybody does."""
    rows = DeskProfile.objects.filter(slug=slug)
    own = rows.filter(organization=organization).first() if organization else None
    row = own or rows.filter(organization__isnull=True).first()
    return _from_row(row) if row else starter().get(slug) or Profile(slug, slug)


def _from_row(row: DeskProfile) -> Profile:
    # A fact that this release does not know, or no longer takes, is left out: never a broken page.
    known: dict[str, Known] = {}
    for name, given in row.facts.items():
        try:
            known |= checked({name: given})
        except BadInput:
            continue
    origin = "own" if row.organization_id else "installation"
    return Profile(row.slug, row.name, known, origin)


@scope.trusted
def listed(organization: Organization) -> list[Profile]:
    """Every desk that something is known of, by name; those of exercises in a drill alone."""
    found = {slug: one for slug, one in starter().items() if settings.DRILL or not one.is_exercise}
    for row in DeskProfile.objects.filter(organization__isnull=True):
        found[row.slug] = _from_row(row)
    for row in DeskProfile.objects.filter(organization=organization):
        found[row.slug] = _from_row(row)
    return sorted(found.values(), key=lambda one: one.name.lower())


@scope.trusted
@transaction.atomic
def keep(
    organization: Organization,
    slug: str,
    name: str,
    facts: Mapping[str, Any],
    *,
    by: Person,
    proof: Proof,
) -> Profile:
    """The organization's own version from now on. ``facts``: by name, each with "value", "source"
    and "dated".

    :raises BadInput: see `facts.checked`. :raises NotYours: not one of its administrators.
    """
    access.require_administrator_of(by, organization, proof)
    known = {fact: one.as_json() for fact, one in checked(facts).items()}
    name = " ".join(name.split())[:120]
    if not name:
        raise BadInput("Name the desk.", field="name")
    row, _ = DeskProfile.objects.update_or_create(
        organization=organization,
        slug=slug[:80],
        defaults={"name": name, "facts": known, "changed_by": by},
    )
    return _from_row(row)


@scope.trusted
@transaction.atomic
def drop(organization: Organization, slug: str, *, by: Person, proof: Proof) -> None:
    """Undo: what was known before the own version counts again.

    :raises NotFound: there is none.
    """
    access.require_administrator_of(by, organization, proof)
    if not DeskProfile.objects.filter(organization=organization, slug=slug).delete()[0]:
        raise NotFound


@scope.trusted
@transaction.atomic
def load(rows: list[Mapping[str, Any]]) -> int:
    """Profiles for everybody here, from a file of the operator's; returns how many changed.

    :raises BadInput: a row that is none; nothing is loaded then.
    """
    changed = 0
    for given in rows:
        slug, name = str(given.get("slug", ""))[:80], str(given.get("name", ""))[:120]
        if not slug or not name:
            raise BadInput("Each desk needs a slug and a name.")
        facts = {n: one.as_json() for n, one in checked(given.get("facts", {})).items()}
        row = DeskProfile.objects.filter(organization=None, slug=slug).first()
        if row is not None and (row.name, row.facts) == (name, facts):
            continue
        DeskProfile.objects.update_or_create(
            organization=None, slug=slug, defaults={"name": name, "facts": facts}
        )
        changed += 1
    return changed


@dataclass(frozen=True)
class Difference:
    """One fact that two versions tell differently."""

    fact: Fact
    own: Known | None
    other: Known | None

    @property
    def own_text(self) -> str:
        return self.fact.kind.say(self.own.value) if self.own else ""

    @property
    def other_text(self) -> str:
        return self.fact.kind.say(self.other.value) if self.other else ""


@scope.trusted
def differences(organization: Organization, profile: Profile) -> list[Difference]:
    """What an own version changes against what would count without it."""
    if profile.origin != "own":
        return []
    other = of(profile.slug, None)
    pairs = [(FACTS[n], profile.facts.get(n), other.facts.get(n)) for n in FACTS]
    return [Difference(fact, own, known) for fact, own, known in pairs if own != known]


def renamed(profile: Profile, name: str) -> Profile:
    """The same for a desk of which nothing is known but what somebody calls it."""
    return replace(profile, name=name) if profile.origin == "none" else profile
