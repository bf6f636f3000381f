"""What is told of leads: what deserves a look but moves no taint. Kinds begin with "trace."."""

from dataclasses import dataclass

from incidents.events.base import Event, event
from tracing.core.amounts import format_amount


@dataclass(frozen=True, kw_only=True)
class LeadEvent(Event):
    """What deserves a look. ``address`` is blank where no single one is meant."""

    chain: str
    block: int
    block_hash: str
    address: str

    def subject(self) -> str:
        return f"address:{self.chain}:{self.address}" if self.address else ""


@event
@dataclass(frozen=True, kw_only=True)
class HubMet(LeadEvent):
    """Stolen value reached an address of many counterparties."""

    kind = "trace.hub_met"
    is_alert = True
    counterparties: int

    def headline(self) -> str:
        return (
            f"{self.address} is a hub and needs a look: about {self.counterparties} counterparties "
            "before stolen value reached it. From 1 % of the theft on it is followed."
        )


@event
@dataclass(frozen=True, kw_only=True)
class LookAlikeSeen(LeadEvent):
    """Somebody put an address there that is to be mistaken for one of the trace."""

    kind = "trace.look_alike"
    tx: str
    like: str
    why: str  # zero_value, dust, unknown_token

    def headline(self) -> str:
        how = {
            "zero_value": "a transfer of nothing",
            "dust": "dust",
            "unknown_token": "a token that nobody knows",
        }.get(self.why, self.why)
        return f"{self.address} looks like {self.like}: it came by {how} and is not followed."


@event
@dataclass(frozen=True, kw_only=True)
class UnknownTokenMet(LeadEvent):
    """Stolen value may have become a token of which nobody knows whether it is real."""

    kind = "trace.unknown_token"
    is_alert = True
    tx: str
    by: str

    def headline(self) -> str:
        return (
            f"{self.by} gave stolen value and got {self.address}, a token that nobody vouched for. "
            "Nothing is followed in it until somebody confirms that it is real."
        )


@event
@dataclass(frozen=True, kw_only=True)
class MixerWithdrawalSeen(LeadEvent):
    """Something came out of a pool that stolen value went into: a lead, and never more."""

    kind = "trace.mixer_withdrawal"
    tx: str
    pool: str
    confidence: int  # percent

    def headline(self) -> str:
        return (
            f"{self.address} took something out of {self.pool}, where stolen value went in: "
            f"a lead, {self.confidence} %."
        )


@event
@dataclass(frozen=True, kw_only=True)
class WorkBoundMet(LeadEvent):
    """More than the watcher looks into by itself."""

    kind = "trace.work_bound"
    what: str
    bound: int

    def headline(self) -> str:
        where = f" at {self.address}" if self.address else ""
        return f"More than {self.bound} {self.what}{where}: a person has to look."


@event
@dataclass(frozen=True, kw_only=True)
class InternalMovementSuspected(LeadEvent):
    """A followed balance changed by what no transaction explains, and nobody traces here.
    ``amount`` in base units; without a ``symbol`` (in older lines) it is told in them."""

    kind = "trace.internal_suspected"
    is_alert = True
    asset: str
    amount: str
    is_gain: bool
    symbol: str = ""
    decimals: int = 0

    def headline(self) -> str:
        what = "gained" if self.is_gain else "lost"
        amount = f"{self.amount} base units"
        if self.symbol:
            amount = f"{format_amount(int(self.amount), self.decimals)} {self.symbol}"
        return (
            f"Internal movement suspected: {self.address} {what} {amount} that no transaction of "
            "the block explains, and no endpoint traces this chain."
        )


@event
@dataclass(frozen=True, kw_only=True)
class LeadDecided(Event):
    """A person confirmed or dismissed a lead, or took that back (``decision`` "open")."""

    kind = "trace.lead_decided"
    personal = ("reason",)
    lead: str
    lead_kind: str
    chain: str
    address: str
    decision: str  # confirmed, dismissed, open
    reason: str

    def subject(self) -> str:
        return f"lead:{self.lead}"

    def headline(self) -> str:
        words = {
            "deposit_address": "deposit address",
            "look_alike": "look-alike",
            "mixer_withdrawal": "mixer withdrawal",
            "data_request": "data request",
            "unknown_token": "unknown token",
            "work_bound": "work bound",
            "internal_suspected": "suspected internal movement",
        }
        what = f"the lead “{words.get(self.lead_kind, self.lead_kind)}”"
        about = f"{what} on {self.address}" if self.address else what
        if self.decision == "open":
            return f"The decision on {about} was taken back: {self.reason}"
        return f"{self.decision.capitalize()} {about}: {self.reason}"
