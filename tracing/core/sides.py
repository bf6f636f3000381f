"""What the two sides of a bridge say of one transfer. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Departure:
    """What the near side says of one transfer to another chain.

    Addresses are as tracing.core.addresses writes them; amounts in base units of their asset.
    Names and texts that a sender chose are never in a field of their own: only what was checked.
    """

    bridge: str  # slug
    chain: str  # CAIP-2, where it left
    tx: str
    index: int  # of the log
    contract: str  # that logged it
    sender: str  # "" not told
    asset: str  # CAIP-19; "" not told
    amount: int | None
    to_chain: str  # CAIP-2; "" not told on chain
    to_address: str  # "" not told on chain
    to_asset: str = ""  # CAIP-19; "" not told
    to_amount: int | None = None  # what must arrive at least
    match_key: str = ""  # what both sides show; "" the bridge has none
    data_request: str = ""  # whom to ask, and by what, where the chain does not tell
    via: str = ""  # slug of the front that led there (LI.FI, Squid, Mayan)
    escrow: str = ""  # who holds the value meanwhile, where the log tells (a rotating vault)


@dataclass(frozen=True, slots=True)
class Landing:
    """What the far side says of one transfer that arrived."""

    bridge: str
    chain: str  # CAIP-2, where it arrived
    tx: str
    index: int
    contract: str
    from_chain: str  # "" not told
    to_address: str  # "" not told
    asset: str  # CAIP-19; "" not told
    amount: int | None
    match_key: str
    is_refund: bool = False  # it came back: ``chain`` is where it had left
