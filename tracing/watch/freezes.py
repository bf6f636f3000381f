"""Issuer freezes: what events say and views confirm becomes ChainFreeze rows and findings."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from tracing import freeze_events, issuers
from tracing.core.logs import BadLog, Log
from tracing.core.types import BlockEffects
from tracing.issuers.base import FreezeSeen
from tracing.models import Block, ChainFreeze, Exposure, Finding, Trace
from tracing.watch import views
from tracing.watch.directory import Directory
from tracing.watch.findings import finding
from tracing.watch.source import ChainBlock, Source
from tracing.watch.tokens import FreezableToken

logger = logging.getLogger(__name__)
State = ChainFreeze.Confirmation


@dataclass(frozen=True)
class Said:
    """An event of a token about one address, with what the token's view says at that block."""

    token: FreezableToken
    tx: str
    seen: FreezeSeen
    view: bool | None  # None: not read

    @property
    def confirmation(self) -> str:
        if self.view is None:
            return State.SEEN
        return State.CONFIRMED if self.view == self.seen.is_frozen else State.DENIED


@dataclass(frozen=True)
class Reading:
    """What one block says about freezes, read before its transaction is opened.

    ``found``: exposed accounts of which the view says that they are frozen, without an event here;
    it was read at ``at`` (None: at the block itself). ``is_over``: more accounts came to rest than
    are asked about in one block.
    """

    said: list[Said] = field(default_factory=list)
    found: list[tuple[FreezableToken, str]] = field(default_factory=list)
    at: Block | None = None
    is_over: bool = False


def read(
    source: Source,
    block: ChainBlock,
    directory: Directory,
    effects: Iterable[BlockEffects],
    now: Block | None = None,
) -> Reading:
    """Ask the views of the tokens that logged a freeze, and of those that value came to rest in.

    ``now``: the newest applied block, for a block of the past: whether an account is frozen that
    nobody logged here is asked of today. What cannot be read stays unconfirmed.
    """
    tokens = directory.freezable()
    said = [
        (tokens[log.address], log.tx, seen)
        for log in block.logs
        if log.address in tokens
        for seen in _decode(tokens[log.address], log)
    ]
    asked = dict.fromkeys((token, seen.address) for token, _, seen in said)
    at_rest = [key for key in _at_rest(tokens.values(), effects) if key not in asked]
    in_order = sorted(asked, key=lambda account: not account[0].is_vouched)
    answers = views.ask(source, in_order, block.movements.hash)
    today = views.ask(source, at_rest, now.hash if now else block.movements.hash)
    last = {(token, seen.address): at for at, (token, _, seen) in enumerate(said)}
    return Reading(
        [  # a view tells how the block ended: an earlier event of it stays unconfirmed
            Said(
                t, tx, seen, answers.get((t, seen.address)) if last[t, seen.address] == at else None
            )
            for at, (t, tx, seen) in enumerate(said)
        ],
        [key for key in at_rest if today.get(key)],
        now,
        len(at_rest) > views.MOST_ASKED,
    )


def _decode(token: FreezableToken, log: Log) -> list[FreezeSeen]:
    """A log that only claims to be an event of its token says nothing, and stops nothing."""
    try:
        seen = issuers.decode(token.interface, log)
    except BadLog as error:
        logger.warning("log %s of %s is refused: %s", log.index, log.tx, error)
        return []
    return [one for one in seen if isinstance(one, FreezeSeen)]


def _at_rest(
    tokens: Iterable[FreezableToken], effects: Iterable[BlockEffects]
) -> list[tuple[FreezableToken, str]]:
    """Accounts that became exposed in a token with a view; each arrival, where no event tells."""
    by_asset = {token.asset: token for token in tokens if token.views}
    silent = {asset for asset, token in by_asset.items() if token.is_silent}
    found: dict[tuple[FreezableToken, str], None] = {}
    for one in effects:
        again = [key for key in one.touched if key.asset in silent] if silent else []
        for key in (*one.opened, *sorted(again, key=lambda k: (k.address, k.asset))):
            token = by_asset.get(key.asset)
            if token is not None and key.address.startswith("0x"):
                found[token, key.address] = None
    return list(found)


def save(block: Block, reading: Reading, traces: list[Trace]) -> None:
    """Note every freeze and release; tell the rooms whose money it concerns."""
    concerned = _concerned(reading, traces)
    for said in reading.said:
        # A made-up token may log ten thousand freezes in each block.
        if said.token.is_vouched or concerned.get((said.token.asset, said.seen.address)):
            _note(block, said)
            _tell(block, said, concerned)
    for token, address in reading.found:
        rows = ChainFreeze.objects.filter(asset=token.asset, address=address)
        if not rows.filter(lifted_in__isnull=True).exists():
            said = Said(token, "", FreezeSeen(address, True), True)
            _note(block, said, checked_in=reading.at)
            _tell(block, said, concerned)


Concerned = dict[tuple[str, str], list[Trace]]


def _concerned(reading: Reading, traces: list[Trace]) -> Concerned:
    """The traces that have value in a token at an address that the block speaks of."""
    keys = {(said.token.asset, said.seen.address) for said in reading.said}
    keys |= {(token.asset, address) for token, address in reading.found}
    found: Concerned = {}
    if keys and traces:
        by_pk = {trace.pk: trace for trace in traces}
        rows = Exposure.objects.filter(
            trace__in=traces,
            asset__in={asset for asset, _ in keys},
            address__in={address for _, address in keys},
        )
        for pk, asset, address in rows.values_list("trace_id", "asset", "address"):
            found.setdefault((asset, address), []).append(by_pk[pk])
    return found


def _note(block: Block, said: Said, checked_in: Block | None = None) -> None:
    token, seen = said.token, said.seen
    if seen.is_frozen:
        is_open = said.view is None and bool(token.views)
        ChainFreeze.objects.get_or_create(
            chain_id=block.chain_id,
            asset=token.asset,
            address=seen.address,
            tx=said.tx,
            block=block,
            defaults={
                "interface": token.interface,
                "origin": ChainFreeze.Origin.EVENT if said.tx else ChainFreeze.Origin.VIEW,
                "confirmation": said.confirmation,
                "checked_in": None if said.view is None else checked_in or block,
                "asked_at": timezone.now() if is_open or not said.tx else None,
            },
        )
    elif said.confirmation != State.DENIED:
        # A backfill comes by after the chain: what was frozen later is not lifted by this.
        ChainFreeze.objects.filter(
            asset=token.asset,
            address=seen.address,
            lifted_in__isnull=True,
            block__number__lte=block.number,
        ).update(lifted_in=block)


def _tell(block: Block, said: Said, concerned: Concerned) -> None:
    event = freeze_events.FrozenOnChain(
        chain=block.chain.caip2,
        block=block.number,
        block_hash=block.hash,
        tx=said.tx,
        asset=said.token.asset,
        symbol=said.token.symbol,
        address=said.seen.address,
        lifted=not said.seen.is_frozen,
        confirmation=said.confirmation,
    )
    parts = [block.ident, said.tx, event.kind, event.address, event.asset, str(not event.lifted)]
    tell(block, event, parts, concerned.get((event.asset, event.address), []))


def tell(
    block: Block,
    event: freeze_events.FrozenOnChain | freeze_events.FreezeChecked,
    parts: list[str],
    traces: Iterable[Trace],
) -> None:
    """A finding for each of the traces, once: ``parts`` name it."""
    key = hashlib.sha256("|".join(parts).encode()).hexdigest()
    for trace in traces:
        if not Finding.objects.filter(trace=trace, key=key).exists():
            finding(trace, block, key, event.kind, event.content()).save()
