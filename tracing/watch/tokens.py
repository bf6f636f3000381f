"""Tokens that somebody can freeze address by address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracing import issuers
from tracing.core import caip
from tracing.issuers.base import View
from tracing.models import Asset


@dataclass(frozen=True)
class FreezableToken:
    """A token with a known freeze interface (slugs of tracing/issuers).

    ``is_vouched``: a directory has it. Anybody can deploy a token that answers and logs like one;
    what such a token says is told, and counts for nothing.
    """

    asset: str  # CAIP-19
    symbol: str
    interface: str
    is_vouched: bool = True

    @property
    def contract(self) -> str:
        return caip.contract_of(self.asset) or ""

    @property
    def views(self) -> tuple[View, ...]:
        return issuers.views(self.interface)

    @property
    def is_silent(self) -> bool:
        """Whether a freeze of it may show in no event."""
        return any(family.is_state_only for family in issuers.named(self.interface))


def freezable(assets: Iterable[Asset], probed: Mapping[str, str]) -> dict[str, FreezableToken]:
    """By contract. What the directory says of a token goes before what the token said itself."""
    found = [
        FreezableToken(asset, caip.contract_of(asset) or asset, slugs, is_vouched=False)
        for asset, slugs in probed.items()
    ]
    found += [
        FreezableToken(row.caip19, row.symbol, row.freeze_interface)
        for row in assets
        if row.freeze_interface and caip.contract_of(row.caip19)
    ]
    return {token.contract: token for token in found if issuers.named(token.interface)}
