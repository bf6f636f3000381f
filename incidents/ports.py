"""What the room asks of the trace. tracing registers the answers; the room imports nothing of it.

Every function takes the viewing Actor: the answer is already cut to what that viewer may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from incidents.access import Actor
    from incidents.models import Incident


@dataclass(frozen=True)
class Strip:
    """The money strip of one stolen asset, in its base units. Adds up, always."""

    asset: str  # CAIP-19
    symbol: str
    decimals: int
    stolen: int
    at_large: int
    at_services: int  # part of at_large
    in_crossing: int  # part of at_large
    held: int
    frozen: int
    recovered: int
    lost: int


@dataclass(frozen=True)
class AddressExposure:
    """What one address holds of the stolen value, per asset that it holds it in."""

    asset: str
    symbol: str
    decimals: int
    tainted: int  # base units of ``asset``
    balance: int
    depth: int
    kind: str
    is_frozen: bool
    is_freeze_confirmed: bool  # by the token's own view; else an event told it
    is_history_incomplete: bool


@dataclass(frozen=True)
class ChainState:
    """How far a chain was followed, and how far that is vouched for.

    ``standing``: "starting" (nothing applied yet), "single" (one source: nobody to compare with),
    "verified" (a quorum of operators agrees up to ``applied_block``), "logs" (it agrees, but not on
    what moved inside of transactions in the newest block), "unverified", since
    ``unverified_since`` where that is known, or "off" (not watched).
    """

    caip2: str
    name: str
    applied_block: int | None
    verified_at: datetime | None  # when ``applied_block`` last moved or was confirmed
    head: int | None
    error: str
    final_block: int | None = None  # what stands in it or below is provisional no longer
    standing: str = "single"
    verified_block: int | None = None  # a quorum agrees up to here; None: no quorum, or not yet
    unverified_since: datetime | None = None
    lag_blocks: int | None = None  # from ``applied_block`` to ``head``; None: not known yet


@dataclass(frozen=True)
class Backfill:
    """A past that is still being read. ``subject``: "trace:<id>" or "address:<CAIP-10>". Blocks
    from ``first`` to ``last``, of which ``done`` were read; ``rate`` in blocks a second, lately."""

    subject: str
    chain: str  # its name
    first: int
    last: int
    done: int
    rate: float | None = None
    told_by: str = ""  # who told something of it besides the blocks; "" where nobody

    @property
    def total(self) -> int:
        return self.last - self.first + 1

    @property
    def seconds_left(self) -> int | None:
        """None: not known yet."""
        return round((self.total - self.done) / self.rate) if self.rate else None


@dataclass(frozen=True)
class BlockMark:
    """How old a block is (seen, safe, final, orphaned) and who vouches for it (single, unverified,
    logs, verified)."""

    state: str
    standing: str


@dataclass(frozen=True)
class WatchState:
    """What the room shows of its watchers."""

    chains: tuple[ChainState, ...] = ()
    parked_findings: int = 0
    behind: int = 0  # blocks of traces' backfill still to do
    backfills: tuple[Backfill, ...] = ()


@dataclass(frozen=True)
class AssetName:
    """Symbol and decimals of an asset. The symbol is hostile text."""

    symbol: str
    decimals: int


@dataclass(frozen=True)
class Controlled:
    """Control was shown: ``how`` is "eip191" or "eip1271", as of a block (none where the chain is
    not watched here)."""

    how: str
    block_number: int | None
    block_hash: str


@dataclass(frozen=True)
class Holding:
    """What a chain says an account holds: base units, as of a block and its time (UTC).

    ``operators``: how many distinct ones said so, of the ``quorum`` that the chain takes.
    """

    units: int
    block: int
    block_hash: str
    at: datetime
    operators: int
    quorum: int


class Holdings(Protocol):
    def now(self, chain: str, address: str, asset: str) -> Holding: ...


class Control(Protocol):
    def check(
        self, chain: str, address: str, message: str, signature: str
    ) -> Controlled | None: ...

    def check_request(
        self, chain: str, address: str, reference: str, digest: str, signature: str
    ) -> Controlled | None: ...


class Money(Protocol):
    def strips(self, incident: Incident, viewer: Actor) -> list[Strip]: ...

    def exposures(
        self, incident: Incident, viewer: Actor, addresses: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], list[AddressExposure]]: ...

    def look_alikes(
        self, incident: Incident, viewer: Actor, addresses: Iterable[tuple[str, str]]
    ) -> set[tuple[str, str]]: ...

    def watch_state(self, incident: Incident, viewer: Actor) -> WatchState: ...

    def block_marks(
        self, blocks: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], BlockMark]: ...

    def watched_chains(self) -> set[str]: ...

    def are_figures_released(self, incident: Incident) -> bool: ...

    def public_figures(self, incident: Incident) -> dict[str, dict[str, str]]: ...


@dataclass(frozen=True)
class Holder:
    """Whose an address is, by the labels that count for a viewer."""

    slug: str
    name: str
    category: str  # exchange, issuer, bridge ...


class Directory(Protocol):
    def holders(
        self, incident: Incident, viewer: Actor, accounts: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], Holder]: ...

    def category(self, slug: str) -> str: ...


@dataclass
class _Ports:
    directory: Directory | None = field(default=None)
    money: Money | None = field(default=None)
    control: Control | None = field(default=None)
    holdings: Holdings | None = field(default=None)


_ports = _Ports()


def register_money(money: Money) -> None:
    """Called once by tracing when Django is ready."""
    _ports.money = money


def money() -> Money:
    """The registered answers.

    :raises RuntimeError: tracing is not installed.
    """
    if _ports.money is None:
        raise RuntimeError("no tracing application registered its answers")
    return _ports.money


def register_control(control: Control) -> None:
    """Called once by tracing when Django is ready."""
    _ports.control = control


def control() -> Control:
    """Who asks a signature and a chain whether somebody controls an account. It takes no viewer:
    what it tells is told by the chain.

    :raises RuntimeError: tracing is not installed.
    """
    if _ports.control is None:
        raise RuntimeError("no tracing application registered its answers")
    return _ports.control


def register_holdings(holdings: Holdings) -> None:
    """Called once by tracing when Django is ready."""
    _ports.holdings = holdings


def holdings() -> Holdings:
    """Who asks a chain what an account holds now. It takes no viewer: chains are public.

    :raises RuntimeError: tracing is not installed.
    """
    if _ports.holdings is None:
        raise RuntimeError("no tracing application registered its answers")
    return _ports.holdings


def register_directory(directory: Directory) -> None:
    """Called once by tracing when Django is ready."""
    _ports.directory = directory


def directory() -> Directory:
    """Who knows whose addresses are.

    :raises RuntimeError: tracing is not installed.
    """
    if _ports.directory is None:
        raise RuntimeError("no tracing application registered its answers")
    return _ports.directory
