"""What the page of one freeze request shows, read for its viewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from incidents import access
from incidents.access import Actor
from incidents.choices import RequestState, TargetState
from incidents.display import targets
from incidents.display.targets import ShownTarget
from incidents.models import DeskDevice, DeskLink, DeskView, FreezeRequest
from incidents.services import answers, desk_links

UNANSWERED = frozenset({TargetState.SENT, TargetState.NO_REPLY})


@dataclass(frozen=True)
class Clock:
    """Something that has to happen by a time."""

    words: str
    at: datetime
    is_over: bool


@dataclass(frozen=True)
class ShownLink:
    """A desk's page as the room sees it."""

    row: DeskLink
    is_live: bool
    last: DeskView | None
    waiting: list[DeskDevice]  # browsers that ask for a code
    reading: list[DeskDevice]


def shown_targets(actor: Actor, row: FreezeRequest) -> list[ShownTarget]:
    """The targets with what the viewer may know of them."""
    rows = list(row.targets.all())
    seen = answers.seen(actor, rows)
    return [
        targets.shown(one, seen[one.pk], one.steps.select_related("by").order_by("seq"))
        for one in rows
    ]


def shown_links(actor: Actor, row: FreezeRequest) -> list[ShownLink]:
    """The desk's pages, who looked when, and who waits for a code."""
    now, found = timezone.now(), []
    for link in access.desk_links(actor, row):
        link.request = row
        devices = list(access.desk_devices(actor, link).filter(expires_at__gt=now))
        is_live = desk_links.is_live(link, now)
        found.append(
            ShownLink(
                row=link,
                is_live=is_live,
                last=access.desk_views(actor, link).first(),
                waiting=[d for d in devices if is_live and d.opened_at is None],
                reading=[d for d in devices if is_live and d.opened_at is not None],
            )
        )
    return found


def clocks(row: FreezeRequest, shown: list[ShownTarget]) -> list[Clock]:
    """What runs: the desk's time to acknowledge and to answer, and the first hold to end."""
    now, found = timezone.now(), []
    states = {target.seen.state for target in shown}
    if row.state == RequestState.SENT and states & UNANSWERED and row.acknowledge_by:
        found.append(("acknowledge by", row.acknowledge_by))
    if row.state == RequestState.SENT and states <= {*UNANSWERED, TargetState.ACKNOWLEDGED}:
        found += [("answer by", row.answer_by)] if row.answer_by else []
    held = [t.seen.held_until for t in shown if t.seen.held_until]
    found += [("first hold ends", min(held))] if held else []
    return [Clock(words, at, at <= now) for words, at in found]


def context(actor: Actor, row: FreezeRequest) -> dict[str, Any]:
    """All of it, for the template."""
    shown = shown_targets(actor, row)
    return {
        "freeze": row,
        "targets": shown,
        "clocks": clocks(row, shown),
        "links": shown_links(actor, row),
    }
