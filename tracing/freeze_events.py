"""What is told of freezes: by an issuer, of a token, or at a bridge. Kinds begin with "trace."."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class FreezeEvent(Event):
    """About one address on one chain, read from one block."""

    is_alert = True
    chain: str
    block: int
    block_hash: str
    address: str

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}"


@event
@dataclass(frozen=True, kw_only=True)
class FrozenOnChain(FreezeEvent):
    """The issuer's freeze, seen on chain. ``confirmation``: whether the token's own view, asked at
    that block, agreed: "confirmed", "denied", "seen" (it could not be read)."""

    kind = "trace.frozen_on_chain"
    tx: str
    asset: str
    symbol: str
    lifted: bool = False
    confirmation: str = ""  # "" in what was recorded before anybody asked

    def headline(self) -> str:
        done = "lifted the freeze of" if self.lifted else "froze"
        if self.confirmation == "denied":
            return (
                f"{self.symbol} logged that its issuer {done} {self.address}, but the token's own "
                f"view says otherwise."
            )
        note = {
            "confirmed": " The token's own view confirms it.",
            "seen": " Seen in an event, not confirmed by the token's view.",
        }.get(self.confirmation, "")
        return f"The issuer of {self.symbol} {done} {self.address}.{note}"


@event
@dataclass(frozen=True, kw_only=True)
class FreezeChecked(FreezeEvent):
    """A token's view was asked again whether a freeze stands that was seen before."""

    kind = "trace.freeze_checked"
    asset: str
    symbol: str
    is_frozen: bool
    frozen_in_block: int

    def headline(self) -> str:
        says = "confirms that it is frozen" if self.is_frozen else "says that it is not frozen"
        return (
            f"{self.address}, seen frozen in block {self.frozen_in_block}: the view of "
            f"{self.symbol} {says} (asked at block {self.block})."
        )


@event
@dataclass(frozen=True, kw_only=True)
class FreezePending(FreezeEvent):
    """A freeze was submitted to an issuer's multisig and is not made yet: a tip-off."""

    kind = "trace.freeze_pending"
    tx: str
    asset: str
    symbol: str

    def headline(self) -> str:
        return (
            f"A freeze of {self.address} was submitted to the issuer of {self.symbol} and is not "
            f"made yet. Keep it in this room: who hears of it can still move."
        )


@event
@dataclass(frozen=True, kw_only=True)
class BridgeDenied(FreezeEvent):
    """A bridge refuses an address, or takes it again. Its tokens are not frozen by that."""

    kind = "trace.bridge_denied"
    tx: str
    bridge: str
    is_denied: bool

    def headline(self) -> str:
        does = "refuses" if self.is_denied else "takes"
        return f"{self.address}: {self.bridge} {does} it{'' if self.is_denied else ' again'}."


@event
@dataclass(frozen=True, kw_only=True)
class FreezableTokenFound(Event):
    """Tainted value rests in a token that somebody can freeze, and no desk for it is known."""

    kind = "trace.freezable_token_found"
    is_alert = True
    chain: str
    block: int
    block_hash: str
    asset: str
    symbol: str
    views: list[str]

    def headline(self) -> str:
        return (
            f"{self.symbol} answers {', '.join(self.views)}: somebody can freeze it by address. "
            f"Its issuer is not in the directory."
        )
