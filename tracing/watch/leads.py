"""Leads of a block: noted inside its transaction, from the block and from rows that are there.

Nothing here moves taint. What a lead costs is bounded; what is over a bound is a lead itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tracing import lead_events
from tracing.core import caip
from tracing.core.inference import look_alikes
from tracing.core.inference.hubs import Hubs
from tracing.core.inference.unknown_tokens import Swap, swaps
from tracing.core.state import TraceState
from tracing.core.types import AccountKey, BlockEffects, BlockMovements, Seed
from tracing.models import Block, Lead, Trace
from tracing.services import leads
from tracing.watch import deposits, hubs
from tracing.watch.directory import Directory
from tracing.watch.findings import finding
from tracing.watch.hubs import HubSeen

MOST_LOTS = 10_000  # lots of one account
MOST_HOPS = 10_000  # hops of one block
MOST_TOKENS = 50  # of one trace: whoever makes more wants the list to be useless
MOST_LOOK_ALIKES = 200  # of one trace: whoever makes more wants the list to be useless


@dataclass(frozen=True)
class Known:
    """Leads of a trace that bear on the next block."""

    hubs: Hubs = field(default_factory=Hubs)
    dismissed: frozenset[str] = frozenset()  # no hubs, whatever they look like
    deposits: dict[str, Lead] = field(default_factory=dict)  # by address: not decided on yet
    # CAIP-19: stolen themselves, or somebody vouched for them in this room.
    tokens: frozenset[str] = frozenset()


def load(trace: Trace, seeds: Iterable[Seed]) -> Known:
    """The leads that nobody withdrew, in one query."""
    kinds = (Lead.Kind.HUB, Lead.Kind.DEPOSIT_ADDRESS, Lead.Kind.UNKNOWN_TOKEN)
    rows = Lead.objects.filter(trace=trace, kind__in=kinds).exclude(state=Lead.State.WITHDRAWN)
    found = list(rows.select_related("service"))
    met = {row.address: row.state for row in found if row.kind == Lead.Kind.HUB}
    dismissed = frozenset(a for a, state in met.items() if state == Lead.State.DISMISSED)
    return Known(
        Hubs(frozenset(met) - dismissed, hubs.stolen(trace, seeds)),
        dismissed,
        {
            row.address: row
            for row in found
            if row.kind == Lead.Kind.DEPOSIT_ADDRESS and row.state == Lead.State.OPEN
        },
        frozenset(
            row.evidence["token"]
            for row in found
            if row.kind == Lead.Kind.UNKNOWN_TOKEN and row.state == Lead.State.CONFIRMED
        )
        | {seed.asset for seed in seeds},
    )


def hubs_at(trace: Trace, number: int, seeds: Iterable[Seed]) -> Hubs:
    """The hubs as they were known while a block was applied, for who applies it once more.

    ``switched_at``: the last block before each time that people dismissed one or took that back.
    """
    rows = Lead.objects.filter(trace=trace, kind=Lead.Kind.HUB, block_number__lte=number)
    met = {
        row.address
        for row in rows.exclude(state=Lead.State.WITHDRAWN)
        if sum(at < number for at in row.evidence.get("switched_at", ())) % 2 == 0
    }
    return Hubs(frozenset(met), hubs.stolen(trace, seeds))


def tokens_at(trace: Trace, number: int) -> set[str]:
    """The tokens that somebody had vouched for while a block was applied."""
    rows = Lead.objects.filter(trace=trace, kind=Lead.Kind.UNKNOWN_TOKEN)
    return {
        row.evidence["token"]
        for row in rows.exclude(state=Lead.State.WITHDRAWN)
        if sum(at < number for at in row.evidence.get("switched_at", ())) % 2 == 1
    }


@dataclass(frozen=True)
class Notes:
    """Everything that one block of one trace says, beyond where the money is."""

    trace: Trace
    row: Block
    block: BlockMovements
    state: TraceState
    effects: BlockEffects
    directory: Directory
    known: Known
    default_threshold: int

    def save(self, hubs_seen: Iterable[HubSeen]) -> None:
        """Write the leads, their findings, and the arrivals at addresses that look like a desk's.
        After the block's transfers and exposures are written, in the same transaction."""
        for hub in hubs_seen:
            self._note_hub(hub)
        self._note_look_alikes()
        self._note_unknown_tokens()
        over = deposits.save(
            self.trace, self.row, self.block, self.state, self.effects, self.directory, self.known
        )
        for address in over:
            self._over(address, "movements", deposits.MOST_FLOWS)
        self._note_bounds()

    def _note_hub(self, hub: HubSeen) -> None:
        evidence = {
            "counterparties": hub.verdict.counted,
            "first_block": hub.first,
            "last_block": hub.last,
            "txs": sorted({hop.tx for hop in self.effects.hops if hop.to.address == hub.address}),
        }
        self._note(
            Lead.Kind.HUB,
            f"hub:{self.block.chain}:{hub.address}",
            hub.address,
            hub.verdict.confidence,
            evidence,
            lambda where: lead_events.HubMet(**where, counterparties=hub.verdict.counted),
        )

    def _note_look_alikes(self) -> None:
        chain = self.block.chain
        followed = self.state.followed(chain)
        found = list(
            look_alikes.baits(
                self.block,
                followed,
                self.directory.assets.keys() | {self.trace.chain.native_asset},
                self.directory.thresholds(),
                self.default_threshold,
            )
        )
        if not found:
            return
        met = {bait.address for bait in found}
        people = {*(met & followed.keys()), *self.directory.labelled(met)}
        alike = look_alikes.find(found, self.state.ends(chain), people)
        if alike:
            self._save_look_alikes(alike)

    def _save_look_alikes(self, alike: list[look_alikes.LookAlike]) -> None:
        known = Lead.objects.filter(trace=self.trace, kind=Lead.Kind.LOOK_ALIKE)
        addresses = [one.bait.address for one in alike]
        there = known.exclude(state=Lead.State.WITHDRAWN).count()
        again = set(
            known.filter(address__in=addresses, chain=self.block.chain)
            .exclude(state=Lead.State.WITHDRAWN)
            .values_list("address", flat=True)
        )
        new = [one for one in alike if one.bait.address not in again]
        for one in new[: max(0, MOST_LOOK_ALIKES - there)]:
            self._note_look_alike(one)
        if len(new) > max(0, MOST_LOOK_ALIKES - there):
            self._over("", "look-alikes", MOST_LOOK_ALIKES)

    def _note_look_alike(self, one: look_alikes.LookAlike) -> None:
        bait = one.bait
        self._note(
            Lead.Kind.LOOK_ALIKE,
            f"look-alike:{self.block.chain}:{bait.address}",
            bait.address,
            one.confidence,
            {
                "like": one.like,
                "beside": bait.beside,
                "why": bait.why,
                "asset": bait.asset,
                "amount": str(bait.amount),
                "txs": [bait.tx],
            },
            lambda where: lead_events.LookAlikeSeen(
                **where, tx=bait.tx, like=one.like, why=bait.why
            ),
            is_told=bool(one.like),
        )

    def _note_unknown_tokens(self) -> None:
        known = self.directory.vouched() | self.known.tokens
        found = {one.token: one for one in swaps(self.block, self.effects.hops, known)}
        if not found:
            return
        rows = Lead.objects.filter(trace=self.trace, kind=Lead.Kind.UNKNOWN_TOKEN)
        there = rows.exclude(state=Lead.State.WITHDRAWN)
        again = set(there.values_list("address", flat=True))
        new = [one for one in found.values() if caip.contract_of(one.token) not in again]
        room = max(0, MOST_TOKENS - len(again))
        for one in new[:room]:
            self._note_unknown_token(one)
        if len(new) > room:
            self._over("", "unknown tokens", MOST_TOKENS)

    def _note_unknown_token(self, swap: Swap) -> None:
        contract = caip.contract_of(swap.token) or swap.token
        self._note(
            Lead.Kind.UNKNOWN_TOKEN,
            f"unknown-token:{self.block.chain}:{contract}",
            contract,
            50,  # real or made up: nothing on the chain tells
            {
                "by": swap.address,
                "paid_to": swap.to,
                "gave": swap.gave,
                "token": swap.token,
                "amount": str(swap.amount),
                "txs": [swap.tx],
            },
            lambda where: lead_events.UnknownTokenMet(**where, tx=swap.tx, by=swap.address),
        )

    def _note_bounds(self) -> None:
        if len(self.effects.hops) > MOST_HOPS:
            self._over("", "hops of one block", MOST_HOPS)
        for key in sorted(self.effects.touched, key=_order):
            account = self.state.get(key)
            if account is not None and len(account.lots) > MOST_LOTS:
                self._over(key.address, "lots of one account", MOST_LOTS)

    def _over(self, address: str, what: str, bound: int) -> None:
        self._note(
            Lead.Kind.WORK_BOUND,
            f"bound:{what}:{self.block.chain}:{address}",
            address,
            100,
            {"what": what, "bound": bound},
            lambda where: lead_events.WorkBoundMet(**where, what=what, bound=bound),
        )

    def _note(
        self,
        kind: Lead.Kind,
        key: str,
        address: str,
        confidence: int,
        evidence: dict[str, Any],
        event: Callable[[dict[str, Any]], lead_events.LeadEvent],
        *,
        is_told: bool = True,
    ) -> None:
        """One lead, and what the room is told of it when it is new. ``event`` takes the fields that
        every event of a lead has."""
        chain = self.block.chain
        lead, is_new = leads.note(
            self.trace,
            kind,
            key,
            chain,
            address,
            confidence=confidence,
            evidence=evidence,
            block=self.row,
        )
        if not is_new or not is_told:
            return
        number, digest = self.row.number, self.row.hash
        told = event({"chain": chain, "block": number, "block_hash": digest, "address": address})
        found = f"lead:{lead.key}:{self.row.ident}"[:200]
        finding(self.trace, self.row, found, told.kind, told.content()).save()


def _order(key: AccountKey) -> tuple[str, str, str]:
    return key.chain, key.address, key.asset
