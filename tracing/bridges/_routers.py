"""Routers of the THORChain family: Deposit in, TransferOut out, both with a memo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tracing.bridges._memo import read_inbound, read_outbound
from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told


class MemoRouter(Bridge):
    """``home`` is the protocol's own chain. The key: the inbound transaction and the vault.

    Deposit's ``to`` is the vault of the day: it holds the coin, so it is the escrow; tokens stay in
    the router. The router asks nobody whether a vault is one: a sender may name an address of his
    own, and anybody may pay out with any memo, as if he were a vault. So both sides must show the
    same vault: who pays out from it has what was paid in. A vault is no label and is followed like
    anybody, until a sourced label names it; tokens in the router are the vault's to send, so a
    departure to a vault that no label names says to ask a node for it.
    """

    home: ClassVar[str]

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("Deposit", self._deposit), self.on("TransferOut", self._out)])

    def _deposit(self, told: Told) -> Departure:
        memo = read_inbound(told["memo"], self.facts.chains, self.home)
        asset = asset_at(told.receipt.chain, told["asset"])
        ask = "" if memo.to_address else self.facts.ask
        if memo.name:
            ask += f' The memo names "{memo.name}".'
        if told.receipt.also.get(told["to"]) != self.slug:
            ask = f"{ask} Ask a node whether {told['to']} is a vault: the sender named it.".strip()
        return self.left(
            told,
            asset=asset,
            sent=told["amount"],
            to_chain=memo.to_chain,
            to_address=memo.to_address,
            to_asset=memo.to_asset,
            to_amount=memo.to_amount,
            key=f"{told.receipt.tx.removeprefix('0x').upper()}:{told['to']}",
            ask=ask,
            escrow=told["to"] if "/slip44:" in asset else told.log.address,
        )

    def _out(self, told: Told) -> Landing | None:
        out = read_outbound(told["memo"])
        if out is None:
            return None
        chain = told.receipt.chain
        return self.came(
            told,
            key=f"{out.inbound}:{told['vault']}",
            from_chain=chain if out.is_refund else "",
            to_address=told["to"],
            asset=asset_at(chain, told["asset"]),
            got=told["amount"],
            is_refund=out.is_refund,
        )
