"""Looking back at an address: asked by a person, answered by a history and by the blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import transaction
from django.db.models import F, Q, QuerySet

from incidents import access, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.exceptions import BadInput, HoldfastError, WrongState
from incidents.models import Incident
from incidents.ports import AssetName
from incidents.queue import enqueue_on_commit
from incidents.services import addresses, timeline
from incidents.services.timeline import EVERYONE, Audience
from tracing import lookback_events as events
from tracing.models import Chain, Endpoint, Lookback, PastTransfer, Trace
from tracing.services import names

MOST_RUNNING = 50  # on one chain
FAR = 100  # blocks: what takes longer to read than to ask for
MOST_SEEDS = 5  # receivers of one theft


@scope.trusted
@transaction.atomic
def ask(
    incident: Incident,
    caip2: str,
    address: str,
    first: int,
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
) -> Lookback:
    """Read what passed through an address from a block on, up to where the chain was followed. Of
    one that the actor sees and that begins there or before, that one is brought up to date.

    :raises BadInput: no such chain is watched, a wrong address, or a block that was not applied.
    :raises WrongState: the chain has not begun, or too much is looked up on it already.
    """
    access.require(actor, incident, Act.TRACE)
    caip2, address = addresses.parse(caip2, address)
    timeline.check_marking(marking, audience)
    chain = Chain.objects.filter(caip2=caip2, is_watched=True).first()
    if chain is None:
        raise BadInput(f"{caip2} is not watched here.", field="chain")
    if chain.cursor_number is None or chain.cursor_number < 0:
        raise WrongState(f"{chain.name} has not begun yet. Try again in a moment.")
    if not 0 <= first <= chain.cursor_number:
        raise BadInput(f"Choose a block from 0 to {chain.cursor_number}.", field="first")
    audience = timeline.reach(actor, audience)
    timeline.lock(incident)
    row = seen_by(actor, incident, caip2, address).filter(first_number__lte=first).first()
    if row is None:
        _check_room(chain)
        row = Lookback(
            incident=incident,
            chain=chain,
            address=address,
            first_number=first,
            cursor_number=first - 1,
            marking=marking,
            owner=actor.organization,
            author=actor.person,
            audience_organizations=audience.organizations,
            audience_people=audience.people,
        )
    elif row.target_number >= chain.cursor_number:
        return row
    row.target_number, row.refusal = chain.cursor_number, ""
    row.save()
    asked = events.LookbackAsked(
        chain=caip2, address=address, first=row.first_number, last=row.target_number
    )
    seen = Audience(row.audience_organizations, row.audience_people)
    timeline.record(incident, asked, actor=actor, marking=row.marking or marking, audience=seen)
    enqueue_on_commit("tracing.ask_history", row.pk)
    return row


@scope.trusted
def at_seeds(trace: Trace, receivers: Sequence[str], *, actor: Actor, audience: Audience) -> None:
    """Where a trace begins far back and its chain has a history: have that tell at once where the
    stolen value went first, while the blocks are read."""
    chain = trace.chain
    told_by = Endpoint.objects.filter(
        chain=chain, kind=Endpoint.Kind.HISTORY, is_enabled=True, state=Endpoint.State.ACTIVE
    )
    if (chain.cursor_number or 0) - trace.start_number < FAR or not told_by.exists():
        return
    for address in sorted(set(receivers))[:MOST_SEEDS]:
        with suppress(WrongState):  # too much is looked up already: the blocks tell it anyway
            ask(
                trace.incident,
                chain.caip2,
                address,
                trace.start_number,
                actor=actor,
                marking=str(trace.marking),
                audience=audience,
            )


def _check_room(chain: Chain) -> None:
    running = Lookback.objects.filter(chain=chain, cursor_number__lt=F("target_number")).count()
    if running >= MOST_RUNNING:  # of every room: how many is nobody's to know
        raise WrongState(f"Too many addresses of {chain.name} are looked up already. Wait.")


def seen_by(
    viewer: Actor, incident: Incident, caip2: str = "", address: str = ""
) -> QuerySet[Lookback]:
    """Lookbacks of a room that the viewer may see, the furthest first; of one address, or all."""
    which = Q(chain__caip2=caip2, address=address) if caip2 else Q()
    rows = access.visible(viewer, Lookback.scoped.filter(which, incident=incident))
    return rows.select_related("chain", "owner", "incident").order_by("first_number", "pk")


@scope.trusted
def lines(row: Lookback, limit: int) -> list[PastTransfer]:
    """What was found, the newest first."""
    rows = PastTransfer.objects.filter(lookback=row)
    return list(rows.order_by("-block_number", "-pk")[:limit])


def named(rows: Iterable[PastTransfer]) -> list[tuple[PastTransfer, AssetName]]:
    """Each with the name of its asset."""
    rows = list(rows)
    known = names.asset_names(row.asset for row in rows)
    return [(row, known[row.asset]) for row in rows]


@scope.trusted
def tell(row: Lookback) -> None:
    """Tell the room that every block was read; once for each target. A room that is closed is not
    told, and nothing waits for it."""
    found = row.transfers.exclude(standing=PastTransfer.Standing.DENIED).count()
    event = events.LookbackDone(
        chain=row.chain.caip2,
        address=row.address,
        first=row.first_number,
        last=row.target_number,
        transfers=found,
        history=row.history_operator,
        missed=row.missed,
        denied=row.denied,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                access.require(SYSTEM, row.incident, Act.WRITE)
                timeline.record(
                    row.incident,
                    event,
                    actor=SYSTEM,
                    marking=str(row.marking),
                    audience=Audience(row.audience_organizations, row.audience_people),
                    owner=row.owner,
                    key=f"lookback:{row.public_id}:{row.target_number}",
                )
        except HoldfastError:
            pass
        Lookback.objects.filter(pk=row.pk).update(told_number=row.target_number)
