"""From departures to crossings: which stolen pieces left through which bridge. In the block's
transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracing import bridges
from tracing.bridges import Departure
from tracing.core.legs import share_out
from tracing.core.state import lot_to_row
from tracing.core.types import CROSSING_ADDRESS, AccountKey, Hop, HopKind, Lot
from tracing.models import Block, Chain, Crossing, Landing, Lead, Trace
from tracing.services import leads
from tracing.watch.bridges import Told
from tracing.watch.directory import Directory

Place = tuple[str, AccountKey]  # a transaction, and the account that value reached in it
_SURE = 100


@dataclass(frozen=True)
class Gone:
    """Pieces of one account that left with one departure."""

    departure: Departure
    account: AccountKey
    from_address: str
    lots: Sequence[Lot]


def match(
    hops: Iterable[Hop], told: Told, vaults: Container[str] = ()
) -> tuple[list[Gone], dict[Place, int]]:
    """Tie what reached bridges to the departures that the logs tell of; and how much no log
    explains. ``vaults``: the addresses of the chain that facts or labels call a bridge's.

    Departures of one transaction take what reached an account in order, each so many units as it
    states, and the last one the rest: a fee, but not more than all that they state.
    """
    reached: dict[Place, list[Hop]] = defaultdict(list)
    for hop in hops:
        if hop.kind is HopKind.CROSSING:
            reached[hop.tx, hop.to].append(hop)
    gone: list[Gone] = []
    silent: dict[Place, int] = {}
    for (tx, account), pieces in reached.items():
        came = sum(hop.amount_to for hop in pieces)
        fitting = _fitting(told.departures.get(tx, ()), account, vaults)
        if not fitting:
            silent[tx, account] = came
            continue
        lots = [Lot(hop.amount_to, hop.origin, hop.key, hop.depth) for hop in pieces]
        sender = pieces[0].frm.address if pieces[0].frm else ""
        amounts = [left.amount for left in fitting]
        if _is_too_much(came, account.asset, fitting):
            *shares, rest = share_out(lots, [*amounts, None])
            silent[tx, account] = sum(lot.amount for lot in rest)
        else:
            shares = share_out(lots, amounts)
        gone += (
            Gone(left, account, sender, share)
            for left, share in zip(fitting, shares, strict=True)
            if share
        )
    return gone, silent


def _fitting(
    departures: Sequence[Departure], account: AccountKey, vaults: Container[str]
) -> list[Departure]:
    """Departures of that asset from that account; where none names the asset, the only one (it was
    wrapped on the way).

    One that names another escrow which only its sender calls one (a token of his own, a vault of
    his own) took nothing out of this account: he must not have it speak for what went in here.
    """
    able = [
        left
        for left in departures
        if left.escrow in ("", account.address, left.contract)
        or left.escrow in vaults
        or account.address == CROSSING_ADDRESS
    ]
    same = [left for left in able if left.asset in (account.asset, "")]
    if same:
        return [left for left in same if left.escrow == account.address] or same
    return able if len(able) == 1 else []


def _is_too_much(came: int, asset: str, fitting: Sequence[Departure]) -> bool:
    """Whether more than a fee is left beside what departures state. Who pays stolen value into a
    bridge's pool and sends one unit over with it has sent one unit."""
    stated = 0
    for left in fitting:
        if left.amount is None or (left.asset != asset and "/slip44:" not in asset):
            return False
        stated += left.amount
    return came > 2 * stated


def save(
    trace: Trace, block: Block, hops: Sequence[Hop], told: Told, directory: Directory
) -> Mapping[Place, Departure]:
    """Crossings of the block, and leads for routes whose end the chain does not tell.

    Answers the departure of each account that value reached, for the findings.
    """
    chain = trace.chain.caip2
    vaults = {*bridges.contracts().get(chain, ()), *directory.bridge_contracts()}
    gone, silent = match(hops, told, vaults)
    rows = [_row(trace, block, number, one) for number, one in enumerate(gone)]
    Crossing.objects.bulk_create(rows)
    for one in gone:
        if not one.departure.to_chain or one.departure.data_request:
            _ask(trace, block, one, directory)
    for (tx, account), pieces, left in _into_vaults(hops, told):
        evidence = {"tx": tx, "asset": account.asset, "bridge": left.bridge}
        evidence["ask"] = left.data_request
        amount = sum(hop.amount_to for hop in pieces)
        _note(trace, block, account, f"vault:{account.address}", evidence, amount, directory)
    for (tx, account), amount in silent.items():
        evidence = {"tx": tx, "asset": account.asset, "ask": ""}
        _note(trace, block, account, f"data:{account.address}", evidence, amount, directory)
    return {(one.departure.tx, one.account): one.departure for one in reversed(gone)}


def _into_vaults(hops: Sequence[Hop], told: Told) -> Iterator[tuple[Place, list[Hop], Departure]]:
    """What reached an account that a departure names as its escrow and no label does: it is
    followed, since whoever calls the router chooses the vault."""
    reached: dict[Place, list[Hop]] = defaultdict(list)
    for hop in hops:
        if hop.kind in (HopKind.TRANSFER, HopKind.CONVERSION):
            reached[hop.tx, hop.to].append(hop)
    for (tx, account), pieces in reached.items():
        for left in told.departures.get(tx, ()):
            if left.escrow == account.address:
                yield (tx, account), pieces, left
                break


def _row(trace: Trace, block: Block, number: int, one: Gone) -> Crossing:
    left = one.departure
    return Crossing(
        trace=trace,
        key=f"{block.ident}:{left.tx}:{left.index}:{number}",
        bridge=left.bridge,
        via=left.via,
        block=block,
        tx=left.tx,
        position=left.index,
        from_address=one.from_address,
        escrow_address=one.account.address,
        asset=one.account.asset,
        amount=sum(lot.amount for lot in one.lots),
        lots=[lot_to_row(lot) for lot in one.lots],
        departed=left.amount,
        match_key=left.match_key,
        to_chain=left.to_chain,
        to_address=left.to_address,
        to_asset=left.to_asset,
        to_amount=left.to_amount,
    )


def _ask(trace: Trace, block: Block, one: Gone, directory: Directory) -> None:
    left = one.departure
    evidence = {"tx": left.tx, "asset": one.account.asset, "bridge": left.bridge}
    evidence["ask"] = left.data_request
    key = f"data:{left.tx}:{left.index}:{one.account.address}"
    amount = sum(lot.amount for lot in one.lots)
    _note(trace, block, one.account, key, evidence, amount, directory)


def _note(
    trace: Trace,
    block: Block,
    account: AccountKey,
    key: str,
    evidence: dict[str, str],
    amount: int,
    directory: Directory,
) -> None:
    leads.note(
        trace,
        Lead.Kind.DATA_REQUEST,
        key,
        account.chain,
        account.address,
        service=directory.service_at(account.address),
        confidence=_SURE,
        evidence=evidence | {"amount": str(amount)},
        block=block,
    )


def save_landings(chain: Chain, told: Iterable[tuple[Block, Told]]) -> None:
    """What came out of bridges in these blocks, whoever it belongs to. A repeat is harmless."""
    rows = [
        Landing(
            chain=chain,
            block=block,
            bridge=landing.bridge,
            tx=landing.tx,
            position=landing.index,
            contract=landing.contract,
            from_chain=landing.from_chain,
            to_address=landing.to_address,
            asset=landing.asset,
            amount=landing.amount,
            match_key=landing.match_key,
            is_refund=landing.is_refund,
        )
        for block, one in told
        for landing in one.landings
    ]
    Landing.objects.bulk_create(rows, ignore_conflicts=True)
