"""Unknown tokens are asked once whether their issuer can freeze an address.

Whatever holds stolen value may be a token of the thief's own. A view counts only where it calls two
addresses free that nobody can have known beforehand, and a token that answers a question that
nobody has is believed nothing. Calls are bounded in number and in gas.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from tracing import freeze_events, issuers
from tracing.chains.errors import ChainError
from tracing.core import caip
from tracing.core.types import BlockEffects
from tracing.issuers import tokens
from tracing.issuers.base import View
from tracing.models import Asset, Block, Finding, Service, TokenProbe, Trace
from tracing.watch.directory import Directory
from tracing.watch.findings import finding
from tracing.watch.source import Source
from tracing.watch.views import GAS

logger = logging.getLogger(__name__)
MOST_PROBED = 10  # tokens of one block; others are asked when value comes to rest in them again
LONGEST = 120  # characters that a row keeps of the slugs


@dataclass(frozen=True)
class Probed:
    """What one token is, from the facts of this release or from its own answers."""

    asset: str  # CAIP-19
    slugs: str  # or issuers.NONE
    issuer: Service | None


def read(
    source: Source, directory: Directory, effects: Iterable[BlockEffects], block_hash: str
) -> list[Probed]:
    """Ask the tokens in which an account became exposed and of which nothing is known. The answers
    count from this block on: the directory is changed in memory, `save` keeps them."""
    found = []
    for asset in _unknown(directory, effects)[:MOST_PROBED]:
        probed = _probe(source, asset, block_hash)
        if probed is None:
            continue
        found.append(probed)
        row = directory.assets.get(asset)
        if row is None:
            directory.probed[asset] = probed.slugs
        else:
            row.freeze_interface = probed.slugs
            row.issuer = row.issuer or probed.issuer
    return found


def is_over(directory: Directory, effects: Iterable[BlockEffects]) -> bool:
    """Whether more unknown tokens wait than are asked in one block."""
    return len(_unknown(directory, effects)) > MOST_PROBED


def save(block: Block, found: list[Probed], traces: list[Trace]) -> None:
    """Keep the answers, and tell the rooms of tokens that can be frozen without a desk to ask."""
    for one in found:
        row = Asset.objects.filter(caip19=one.asset).first()
        if row is None:
            TokenProbe.objects.get_or_create(
                chain_id=block.chain_id,
                contract=caip.contract_of(one.asset),
                defaults={"interface": one.slugs, "block_number": block.number},
            )
        elif not row.freeze_interface:
            row.freeze_interface, row.issuer = one.slugs, row.issuer or one.issuer
            row.save(update_fields=["freeze_interface", "issuer"])
        if one.slugs != issuers.NONE and (row is None or row.issuer is None):
            _tell(block, one, row.symbol if row else "", traces)


def _unknown(directory: Directory, effects: Iterable[BlockEffects]) -> list[str]:
    found: dict[str, None] = {}
    for one in effects:
        for key in one.opened:
            row = directory.assets.get(key.asset)
            is_known = bool(row.freeze_interface) if row else key.asset in directory.probed
            if not is_known and "/erc20:" in key.asset:
                found[key.asset] = None
    return list(found)


def _probe(source: Source, asset: str, block_hash: str) -> Probed | None:
    contract = caip.contract_of(asset) or ""
    fact = tokens.known(source.adapter.chain, contract)
    issuer = _issuer(fact.issuer) if fact is not None else None
    if fact is not None and fact.status in (tokens.VERIFIED, tokens.NO_FREEZE):
        return Probed(asset, ",".join(fact.interfaces) or issuers.NONE, issuer)
    slugs = ask(source, contract, block_hash)
    return None if slugs is None else Probed(asset, slugs, issuer)


def _issuer(name: str) -> Service | None:
    """The issuer of that name, or of a part of it: a token may have two ("PayPal/Paxos")."""
    names = [name, *(part.strip() for part in name.split("/"))]
    return Service.objects.filter(category="issuer", name__in=names).order_by("pk").first()


def ask(source: Source, contract: str, block_hash: str) -> str | None:
    """Slugs of the interfaces whose views a token has, or "none"; None: it could not be asked."""
    nobody = [_made_up(block_hash, contract, at) for at in range(2)]
    nonsense = View("", "0x" + _made_up(block_hash, contract, 2)[2:10], "")
    asked = [(view, who) for view in issuers.known_views() for who in nobody]
    asked.append((nonsense, nobody[0]))
    calls = [(contract, view.calldata(who)) for view, who in asked]
    try:
        *outputs, to_nonsense = source.adapter.calls(calls, block_hash, gas=GAS)
    except ChainError as error:
        logger.warning("%s cannot be asked: %s", contract, error)
        return None
    if to_nonsense:
        return issuers.NONE
    read: dict[str, list[bool | None]] = {}
    for (view, _), output in zip(asked, outputs, strict=False):
        read.setdefault(view.selector, []).append(view.read(output))
    slugs: list[str] = []
    for view in issuers.known_views():
        if read[view.selector] == [False, False]:
            new = [slug for slug in issuers.with_view(view) if slug not in slugs]
            slugs += [slug for slug in new if len(",".join([*slugs, slug])) <= LONGEST]
    return ",".join(slugs) or issuers.NONE


def _made_up(block_hash: str, contract: str, at: int) -> str:
    """An address that nobody could have known when the token was deployed."""
    text = f"holdfast probe {block_hash} {contract} {at}"
    return "0x" + hashlib.sha256(text.encode()).hexdigest()[:40]


def _tell(block: Block, one: Probed, symbol: str, traces: list[Trace]) -> None:
    event = freeze_events.FreezableTokenFound(
        chain=block.chain.caip2,
        block=block.number,
        block_hash=block.hash,
        asset=one.asset,
        symbol=symbol or caip.contract_of(one.asset) or "",
        views=[view.signature for view in issuers.views(one.slugs)],
    )
    key = hashlib.sha256(f"{block.ident}|{event.kind}|{one.asset}".encode()).hexdigest()
    for trace in traces:
        is_told = Finding.objects.filter(trace=trace, key=key).exists()
        if not is_told and trace.exposures.filter(asset=one.asset).exists():
            finding(trace, block, key, event.kind, event.content()).save()
