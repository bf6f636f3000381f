"""Routers of the THORChain family: Deposit in, TransferOut out, both with a memo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tracing.bridges._events import amount
from tracing.bridges._memo import read_inbound, read_outbound
from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Receipt
from tracing.core.logs import Log


class MemoRouter(Bridge):
    """``home`` is the protocol's own chain. The key is the inbound transaction's hash.

    Deposit's ``to`` is the vault of the day: it holds the coin, so it is the escrow; tokens stay in
    the router.
    """

    home: ClassVar[str]

    def readers(self) -> Mapping[str, Reader]:
        events = self.facts.events
        return {events["Deposit"].topic: self._deposit, events["TransferOut"].topic: self._out}

    def _deposit(self, receipt: Receipt, log: Log) -> Departure | None:
        if self.own(receipt, log.address) is None:
            return None
        values = self.facts.events["Deposit"].read(log)
        memo = read_inbound(values["memo"], self.facts.chains, self.home)
        asset = asset_at(receipt.chain, values["asset"])
        named = f' The memo names "{memo.name}".' if memo.name else ""
        return Departure(
            bridge=self.slug,
            chain=receipt.chain,
            tx=receipt.tx,
            index=log.index,
            contract=log.address,
            sender=receipt.sender or "",
            asset=asset,
            amount=amount(values["amount"]),
            to_chain=memo.to_chain,
            to_address=memo.to_address,
            to_asset=memo.to_asset,
            to_amount=memo.to_amount,
            match_key=receipt.tx.removeprefix("0x").upper(),
            data_request="" if memo.to_address else f"{self.facts.ask}{named}",
            escrow=values["to"] if "/slip44:" in asset else log.address,
        )

    def _out(self, receipt: Receipt, log: Log) -> Landing | None:
        if self.own(receipt, log.address) is None:
            return None
        values = self.facts.events["TransferOut"].read(log)
        out = read_outbound(values["memo"])
        if out is None:
            return None
        return Landing(
            bridge=self.slug,
            chain=receipt.chain,
            tx=receipt.tx,
            index=log.index,
            contract=log.address,
            from_chain=receipt.chain if out.is_refund else "",
            to_address=values["to"],
            asset=asset_at(receipt.chain, values["asset"]),
            amount=amount(values["amount"]),
            match_key=out.inbound,
            is_refund=out.is_refund,
        )
