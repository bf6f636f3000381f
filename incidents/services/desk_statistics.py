"""How fast a desk acknowledges and answers, and how much it holds: of one organization's requests.

Private to the organization whose requests they were. It counts answers that everybody of it may
read; one that was meant for named people, or for others, counts nowhere. Amounts of different
assets are never added: what is told is the share of each target, and the median of those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Q

from incidents import scope
from incidents.choices import Marking, Outcome
from incidents.models import FreezeAnswer, FreezeTarget, Organization

HOLDS = frozenset({Outcome.HELD, Outcome.RENEWED, Outcome.FROZEN, Outcome.SEIZED})


@dataclass(frozen=True)
class Statistics:
    """Of the targets that were sent to one desk. Times are medians; None: none was answered."""

    targets: int
    answered: int
    first_word: timedelta | None  # until it said anything
    decided: timedelta | None  # until it said more than that it has it
    held_targets: int  # something was held or frozen
    held_percent: int | None  # median over answered targets: the most held at once, of requested


NOTHING = Statistics(0, 0, None, None, 0, None)


@scope.trusted
def of(organization: Organization, desk_slug: str) -> Statistics:
    """What a member of the organization may know of a desk's ways."""
    rows = FreezeTarget.objects.filter(
        request__owner=organization,
        request__desk_slug=desk_slug,
        request__sent_at__isnull=False,
        request__audience_people__isnull=True,
        request__incident__is_drill=False,
    ).exclude(request__marking=Marking.RED)
    targets = {row.pk: row for row in rows.select_related("request")}
    if not targets:
        return NOTHING
    said: dict[int, list[FreezeAnswer]] = defaultdict(list)
    for answer in _readable(organization, list(targets)):
        said[answer.target_id].append(answer)
    return _told(targets, said)


def _readable(organization: Organization, targets: Sequence[int]) -> list[FreezeAnswer]:
    reaches_all = Q(audience_organizations__isnull=True, audience_people__isnull=True)
    reaches_us = Q(audience_organizations__contains=[organization.pk])
    rows = FreezeAnswer.objects.filter(reaches_all | reaches_us, target__in=targets)
    open_to_parties = [m for m in Marking.values if m != Marking.RED]
    return list(rows.filter(marking__in=open_to_parties).defer("proof").order_by("pk"))


def _told(targets: dict[int, FreezeTarget], said: dict[int, list[FreezeAnswer]]) -> Statistics:
    first, decided, shares = [], [], []
    for pk, answers in said.items():
        sent = targets[pk].request.sent_at
        if sent is None:
            continue
        first.append(answers[0].created_at - sent)
        told = [a for a in answers if a.outcome != Outcome.ACKNOWLEDGED]
        decided += [told[0].created_at - sent] if told else []
        shares.append(_share(targets[pk], answers))
    return Statistics(
        targets=len(targets),
        answered=len(first),
        first_word=_median(first),
        decided=_median(decided),
        held_targets=sum(1 for share in shares if share),
        held_percent=round(median(shares)) if shares else None,
    )


def _share(target: FreezeTarget, answers: list[FreezeAnswer]) -> int:
    """Percent of what was requested that its largest hold was about, at most 100."""
    held = [answer.amount or 0 for answer in answers if answer.outcome in HOLDS]
    if not held or target.requested <= 0:
        return 0
    return min(100, int(max(held) * 100 // target.requested))


def _median(times: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=round(median(t.total_seconds() for t in times))) if times else None
