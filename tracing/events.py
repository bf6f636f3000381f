"""What the trace tells the room, in the past tense. Kinds begin with "trace."."""

from dataclasses import dataclass
from typing import Any

from incidents.events.base import Event, event
from tracing.core.amounts import format_amount


@dataclass(frozen=True, kw_only=True)
class _OnChain(Event):
    """Fields that every finding has. ``amount`` in base units of ``asset`` (CAIP-19)."""

    chain: str
    block: int
    block_hash: str
    tx: str
    asset: str
    symbol: str
    decimals: int
    amount: str

    @property
    def amount_text(self) -> str:
        return f"{format_amount(int(self.amount), self.decimals)} {self.symbol}".strip()


@dataclass(frozen=True, kw_only=True)
class _FromTo(_OnChain):
    from_address: str
    to_address: str

    def subject(self) -> str:
        return f"address:{self.chain}:{self.to_address}"


@event
@dataclass(frozen=True, kw_only=True)
class FundsStolen(_FromTo):
    """A seed was found in its block: from here the money is followed."""

    kind = "trace.funds_stolen"
    is_alert = True

    def headline(self) -> str:
        return f"{self.amount_text} was stolen and received by {self.to_address}."


@event
@dataclass(frozen=True, kw_only=True)
class FundsMoved(_FromTo):
    """Tainted value reached an address that is followed from now on, or again."""

    kind = "trace.funds_moved"
    is_alert = True
    is_first: bool = True

    def headline(self) -> str:
        return f"{self.amount_text} moved from {self.from_address} to {self.to_address}."


@event
@dataclass(frozen=True, kw_only=True)
class FundsConverted(_FromTo):
    """Swap, wrap or loan: the stolen value is something else now."""

    kind = "trace.funds_converted"
    is_alert = True
    how: str  # conversion, loan, repay
    from_asset: str
    from_symbol: str
    from_decimals: int
    from_amount: str
    is_estimated: bool = False

    def headline(self) -> str:
        before = (
            f"{format_amount(int(self.from_amount), self.from_decimals)} {self.from_symbol}".strip()
        )
        verb = {
            "loan": f"borrowed {self.amount_text} against {before}",
            "repay": f"repaid a loan with {before}",
        }.get(self.how, f"converted {before} into {self.amount_text}")
        return f"{self.from_address} {verb}."


@dataclass(frozen=True, kw_only=True)
class _AtService(_FromTo):
    """``service`` is its name, ``service_slug`` its key in the directory."""

    service: str
    service_slug: str


@event
@dataclass(frozen=True, kw_only=True)
class FundsArrived(_AtService):
    """Tainted value reached a service that can freeze it."""

    kind = "trace.funds_arrived"
    is_alert = True

    def headline(self) -> str:
        return f"{self.amount_text} arrived at {self.service} ({self.to_address})."


@event
@dataclass(frozen=True, kw_only=True)
class FundsCrossed(_AtService):
    """Tainted value entered a bridge. ``to_chain`` (CAIP-2) and ``recipient`` are what the bridge's
    log says of the far side; "" where it says nothing."""

    kind = "trace.funds_crossed"
    is_alert = True
    bridge: str = ""  # slug of the decoder that read the log
    to_chain: str = ""
    recipient: str = ""

    def headline(self) -> str:
        where = f" for {self.to_chain}" if self.to_chain else ""
        whom = f", recipient {self.recipient}" if self.recipient else ""
        return f"{self.amount_text} entered {self.service}{where}{whom}."


@event
@dataclass(frozen=True, kw_only=True)
class FundsLanded(_FromTo):
    """The far side of a crossing was seen: the money is followed on from its recipient."""

    kind = "trace.funds_landed"
    is_alert = True
    bridge: str
    from_chain: str
    from_tx: str
    confirmed_by: str  # "bridge": both sides show one key; "analyst": a person said so

    def headline(self) -> str:
        return (
            f"{self.amount_text} came out of {self.bridge} from {self.from_chain} "
            f"and was received by {self.to_address}."
        )


@event
@dataclass(frozen=True, kw_only=True)
class DepositAddressSeen(_AtService):
    """Tainted value is at, or went through, what looks like a customer's deposit address."""

    kind = "trace.deposit_address"
    is_alert = True
    confidence: int  # percent
    is_first: bool = True

    def headline(self) -> str:
        return (
            f"{self.amount_text} reached {self.to_address}, which looks like a deposit address "
            f"at {self.service} ({self.confidence} % sure, inferred)."
        )


@event
@dataclass(frozen=True, kw_only=True)
class FundsLost(_FromTo):
    """Tainted value went out of view: mixer or burn."""

    kind = "trace.funds_lost"
    is_alert = True
    service: str
    how: str  # mix, burn

    def headline(self) -> str:
        where = f"into {self.service}" if self.how == "mix" else "to nobody (burnt)"
        return f"{self.amount_text} went {where}."


@event
@dataclass(frozen=True, kw_only=True)
class FundsSecured(_FromTo):
    """Tainted value reached an accepted return address, or a council's custody."""

    kind = "trace.funds_secured"
    is_alert = True
    how: str  # return, custody

    def headline(self) -> str:
        if self.how == "return":
            return f"{self.amount_text} came back to the return address {self.to_address}."
        return f"{self.amount_text} was moved into custody at {self.to_address}."


@event
@dataclass(frozen=True, kw_only=True)
class FundsSeized(_FromTo):
    """The issuer took tainted value at an address: destroyed it, or moved it elsewhere."""

    kind = "trace.funds_seized"
    is_alert = True

    def subject(self) -> str:
        return f"address:{self.chain}:{self.from_address}"

    def headline(self) -> str:
        return f"The issuer seized {self.amount_text} at {self.from_address}."


@event
@dataclass(frozen=True, kw_only=True)
class Reorganised(Event):
    """An alert of an orphaned block does not hold any more."""

    kind = "trace.alert_withdrawn"
    is_alert = True
    chain: str
    block: int
    block_hash: str
    withdrawn_kind: str
    withdrawn_headline: str
    came_from: str = ""  # of a leg: the chain that dropped the other side of its crossing

    def headline(self) -> str:
        if self.came_from:
            return (
                f"Withdrawn: “{self.withdrawn_headline}” rested on a crossing from "
                f"{self.came_from}, and a block of that crossing was dropped."
            )
        return (
            f"Withdrawn: “{self.withdrawn_headline}” stood in block {self.block}, "
            f"which the chain has dropped."
        )


@event
@dataclass(frozen=True, kw_only=True)
class TraceStarted(Event):
    """Seeds were confirmed; from here on the money is followed."""

    kind = "trace.started"
    chain: str
    policy: str
    seeds: list[dict[str, Any]]  # tx, receiver, victim, asset, symbol, decimals, amount
    trace: str = ""  # its public id

    def headline(self) -> str:
        stolen = ", ".join(
            f"{format_amount(int(s['amount']), s['decimals'])} {s['symbol']}" for s in self.seeds
        )
        return f"A trace was started: {stolen}, policy {self.policy}."


@event
@dataclass(frozen=True, kw_only=True)
class CaughtUp(Event):
    """The backfill reached the head of the chain."""

    kind = "trace.caught_up"
    chain: str
    block: int

    def headline(self) -> str:
        return f"The trace has caught up with the chain at block {self.block}."


@dataclass(frozen=True, kw_only=True)
class _AboutFlowTable(Event):
    """``name`` is what its owner called it; ``sha256`` is that of the file as it came."""

    trace: str
    table: str
    name: str
    rows: int
    sha256: str
    unit: str
    policy: str

    def subject(self) -> str:
        return f"flow_table:{self.table}"


@event
@dataclass(frozen=True, kw_only=True)
class FlowTableImported(_AboutFlowTable):
    """A party handed over a table of transfers. Its figures are beside the trace, not in it."""

    kind = "flow_table.imported"
    at_terminals: str

    def headline(self) -> str:
        return f"A flow table was imported beside the trace: {self.name}, {self.rows} rows."


@event
@dataclass(frozen=True, kw_only=True)
class FlowTableWithdrawn(_AboutFlowTable):
    """Its owner took the table away."""

    kind = "flow_table.withdrawn"

    def headline(self) -> str:
        return f"A flow table was withdrawn by its owner: {self.name}."
