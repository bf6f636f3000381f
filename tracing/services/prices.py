"""US dollars at the time of the theft: a table that people edit, and feeds read from the chain.

Exact decimals as text; nothing is rounded. A target gets the quote of its asset that is nearest in
time to the theft, while its request is a draft: what was signed is not changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.db import transaction

from incidents import access, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.choices import Marking, RequestState
from incidents.exceptions import BadInput
from incidents.models import FreezeTarget, Incident
from incidents.services import rules, timeline
from tracing.chains.errors import ChainError
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.models import Block, Price, Seed
from tracing.price_events import PriceSet
from tracing.services import endpoints

LONGEST = 40
# AggregatorV3Interface (Chainlink): decimals(), latestRoundData().
DECIMALS, LATEST = bytes.fromhex("313ce567"), bytes.fromhex("feaf968c")
WORD = 32


@scope.trusted
@transaction.atomic
def put(
    incident: Incident, asset: str, usd: str, at: datetime, source: str, *, actor: Actor
) -> Price:
    """One quote more. ``usd`` of one whole unit, as text.

    :raises BadInput: no CAIP-19 asset, no decimal above zero, or no source.
    :raises NotYours: a confidential party would show itself.
    """
    access.require(actor, incident, Act.TRACE)
    rules.require_open(actor)
    source = " ".join(source.split())[:200]
    if not source:
        raise BadInput("Name the source.", field="source")
    try:
        asset = str(caip.parse_asset(asset))
    except InvalidIdentifier as error:
        raise BadInput(error.message, field="asset") from error
    usd = checked(usd)
    timeline.lock(incident)
    row = Price.objects.create(
        incident=incident, asset=asset, usd=usd, at=at, source=source, set_by=actor.person
    )
    event = PriceSet(asset=asset, usd=usd, at=at.isoformat(), source=source)
    timeline.record(incident, event, actor=actor, marking=Marking.AMBER)
    _fill(incident, asset)
    return row


def checked(usd: str) -> str:
    """A decimal above zero, as it is kept.

    :raises BadInput: it is none.
    """
    try:
        value = Decimal(usd.strip())
    except InvalidOperation as error:
        raise BadInput("Write a decimal like 1834.25.", field="usd") from error
    text = format(value, "f") if value.is_finite() else ""
    if not value.is_finite() or value <= 0 or len(text) > LONGEST:
        raise BadInput("Write a decimal above zero, like 1834.25.", field="usd")
    return text


@scope.trusted
def nearest(incident: Incident, asset: str, at: datetime) -> Price | None:
    """The quote of an asset that is nearest to a moment, within `settings.PRICE_HOURS`; of two for
    the same moment the one that was set last."""
    within = timedelta(hours=settings.PRICE_HOURS)
    rows = Price.objects.filter(incident=incident, asset=asset)
    found = rows.filter(at__range=(at - within, at + within)).order_by("pk")
    return min(found, key=lambda row: (abs(row.at - at), -row.pk), default=None)


@scope.trusted
def at_the_theft(incident: Incident, asset: str) -> Price | None:
    """What counts for an asset here; None: nobody says."""
    if not Price.objects.filter(incident=incident, asset=asset).exists():
        return None
    at = stolen_at(incident)
    return nearest(incident, asset, at) if at is not None else None


def listed(viewer: Actor, incident: Incident) -> list[Price]:
    """The quotes of a room, newest first: every party sees them."""
    if not viewer.has_consented:
        return []
    rows = Price.scoped.filter(incident=incident).select_related("set_by")
    return list(rows.order_by("-pk")[:200])


@scope.trusted
def stolen_at(incident: Incident) -> datetime | None:
    """When the first theft that is followed here was; None: its block was not read yet."""
    seeds = Seed.objects.filter(trace__incident=incident, trace__crossing__isnull=True)
    times = [_block(seed) for seed in seeds.select_related("trace")]
    return min((block.timestamp for block in times if block is not None), default=None)


def _block(seed: Seed) -> Block | None:
    rows = Block.objects.filter(chain=seed.trace.chain_id, number=seed.block_number)
    return rows.exclude(state=Block.State.ORPHANED).first()


def _fill(incident: Incident, asset: str) -> None:
    """Give drafts the quote that counts now. The room is locked."""
    price = at_the_theft(incident, asset)
    if price is not None:
        rows = FreezeTarget.objects.filter(request__incident=incident, asset=asset)
        drafts = rows.filter(request__state=RequestState.DRAFT)
        drafts.update(usd_price=price.usd, usd_price_at=price.at, usd_price_source=price.source)


# -- feeds --------------------------------------------------------------------------------------


@scope.trusted
def read_feeds() -> int:
    """Ask each feed that is set for the price at the block of each theft, once; returns how many
    told one. Outside any transaction."""
    done = 0
    seeds = Seed.objects.filter(trace__crossing__isnull=True, trace__incident__stage="open")
    for seed in seeds.select_related("trace__chain", "trace__incident").order_by("pk"):
        block = _block(seed)
        for asset, contract in settings.PRICE_FEEDS.items():
            if block is None or not asset.startswith(f"{seed.trace.chain.caip2}/"):
                continue
            source = f"Chainlink feed {contract} at block {block.number}"
            known = Price.objects.filter(
                incident=seed.trace.incident_id, asset=asset, source=source
            )
            if not known.exists():
                done += _read(seed, block, asset, contract, source)
    return done


def _read(seed: Seed, block: Block, asset: str, contract: str, source: str) -> bool:
    """A feed tells how many units of 10**-decimals one whole unit is worth, and since when."""
    adapter = endpoints.adapter_for(seed.trace.chain)
    try:
        places = adapter.call(contract, DECIMALS, block.hash)
        told = adapter.call(contract, LATEST, block.hash)
    except ChainError:
        return False  # asked again at the next turn
    if places is None or told is None or len(places) < WORD or len(told) < 5 * WORD:
        return False
    answer = int.from_bytes(told[WORD : 2 * WORD], signed=True)
    digits, updated = int.from_bytes(places[:WORD]), int.from_bytes(told[3 * WORD : 4 * WORD])
    if answer <= 0 or digits > LONGEST - 4 or not 0 < updated <= block.timestamp.timestamp():
        return False
    usd = format(Decimal(answer).scaleb(-digits), "f")
    try:
        at = datetime.fromtimestamp(updated, UTC)
        put(seed.trace.incident, asset, usd, at, source, actor=SYSTEM)
    except BadInput:
        return False
    return True
