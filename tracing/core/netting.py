"""Net deltas of one transaction, and how what a converter gains becomes what it loses.

Steps 3 and 5 of docs/taint.md. Nothing here knows about a trace's state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracing.core.pieces import Piece, settle_empty
from tracing.core.types import (
    AssetInfo,
    AssetRole,
    Assets,
    Movement,
    MovementKind,
    Origin,
    Prices,
)

# Addresses that nobody can spend from. What goes there is burnt; what comes from zero is minted.
ABSENT = frozenset(
    {
        "0x0000000000000000000000000000000000000000",
        "0x000000000000000000000000000000000000dead",
        "0xdead000000000000000042069420694206942069",
        "1nc1nerator11111111111111111111111111111111",  # Solana's incinerator
        "1BitcoinEaterAddressDontSendf59kuE",
        "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",  # Tron's zero address
    }
)

Party = str | None  # None: nobody, the other side of minting and burning a native asset


def present(address: str | None) -> str | None:
    """The address, or None where it is absent, zero or dead."""
    return None if address is None or address in ABSENT else address


def issuer(asset: str, info: AssetInfo | None) -> Party:
    """The contract that mints and burns an asset: the asset's own unless its facts name another."""
    if info is not None and info.contract is not None:
        return info.contract
    namespace, _, reference = asset.partition("/")[2].partition(":")
    return None if namespace == "slip44" else reference.split("/", 1)[0]


@dataclass(slots=True)
class Nets:
    """Who lost and who gained what over a whole transaction.

    ``assets`` in order of first movement; per asset, losers in order of their first outgoing and
    gainers of their first incoming movement, with amounts above zero.
    """

    assets: list[str] = field(default_factory=list)
    losers: dict[str, list[tuple[Party, int]]] = field(default_factory=dict)
    gainers: dict[str, list[tuple[Party, int]]] = field(default_factory=dict)
    first_in: dict[tuple[str, Party], int] = field(default_factory=dict)
    burnt: dict[str, Party] = field(default_factory=dict)  # asset -> its issuer
    shrunk: frozenset[str] = frozenset()  # of these less arrived than was sent

    def of(self, party: Party, asset: str) -> int:
        """Net change of a party in an asset."""
        gained = sum(amount for p, amount in self.gainers.get(asset, ()) if p == party)
        return gained - sum(amount for p, amount in self.losers.get(asset, ()) if p == party)


_NOBODY: Mapping[str, int] = {}
_NOTHING: Mapping[str, Mapping[str, int]] = {}


def net(
    movements: Iterable[Movement],
    assets: Assets,
    short: Mapping[str, Mapping[str, int]] = _NOTHING,
) -> Nets:
    """Sum credits minus debits per party and asset, fees and debt tokens left out.

    ``short``: per asset and party, what did not arrive of what the movements say, at most that.
    """
    nets = Nets(
        shrunk=frozenset(asset for asset, parties in short.items() if any(parties.values()))
    )
    deltas: dict[str, dict[Party, int]] = {}
    outs: dict[str, dict[Party, int]] = {}
    for movement in movements:
        if movement.kind is MovementKind.FEE or not movement.amount:
            continue
        asset = movement.asset
        info = assets.get(asset)
        if info is not None and info.role is AssetRole.DEBT:
            continue
        frm, to = present(movement.frm), present(movement.to)
        if frm is None:
            frm = issuer(asset, info)
        if to is None:
            to = issuer(asset, info)
            nets.burnt[asset] = to
        if frm == to:
            continue
        delta = deltas.get(asset)
        if delta is None:
            delta = deltas[asset] = {}
            outs[asset] = {}
            nets.assets.append(asset)
        delta[frm] = delta.get(frm, 0) - movement.amount
        delta[to] = delta.get(to, 0) + movement.amount
        outs[asset].setdefault(frm, movement.position)
        nets.first_in.setdefault((asset, to), movement.position)
    for asset, delta in deltas.items():
        for party, amount in short.get(asset, _NOBODY).items():
            if party in delta:
                delta[party] -= amount
        # a dict keeps the order of first insertion, so both orders are those of first movements
        nets.losers[asset] = [(p, -delta[p]) for p in outs[asset] if delta[p] < 0]
        gains = sorted((nets.first_in[asset, p], i) for i, p in enumerate(delta) if delta[p] > 0)
        parties = list(delta)
        nets.gainers[asset] = [(parties[i], delta[parties[i]]) for _, i in gains]
    return nets


@dataclass(slots=True)
class Converter:
    """Somebody who gains one asset and loses another in the same transaction, and holds nothing.

    ``held`` collects what reached it, per asset, until one of its outgoing assets is dealt; then
    ``paid`` holds the units of every asset that it pays out.
    """

    gained: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    held: dict[str, list[Piece]] = field(default_factory=dict)
    paid: dict[str, list[Piece]] | None = None


def find_converters(
    nets: Nets,
    eligible: Callable[[str], bool],
    lent: dict[tuple[Party, str], int],
    repaid: dict[tuple[Party, str], int],
) -> dict[str, Converter]:
    """Everybody ``eligible`` with a gain and a loss; what loans explain does not count."""
    found: dict[str, Converter] = {}
    for asset in nets.assets:
        for party, amount in nets.gainers[asset]:
            rest = amount - repaid.get((party, asset), 0)
            if party is not None and rest > 0:
                found.setdefault(party, Converter()).gained[asset] = rest
        for party, amount in nets.losers[asset]:
            rest = amount - lent.get((party, asset), 0)
            if party is not None and rest > 0:
                found.setdefault(party, Converter()).lost[asset] = rest
    return {p: c for p, c in found.items() if c.gained and c.lost and eligible(p)}


def matching_order(nets: Nets, converters: Iterable[Converter]) -> Iterable[str]:
    """Assets by first movement; one that a converter pays out waits for that converter's gains.

    Where assets wait for one another, the first of them goes first.
    """
    waits: dict[str, set[str]] = {asset: set() for asset in nets.assets}
    for converter in converters:
        for asset in converter.lost:
            waits[asset].update(converter.gained)
    left = list(nets.assets)
    while left:
        ready = next((a for a in left if waits[a].isdisjoint(left)), left[0])
        left.remove(ready)
        yield ready


def _weights(
    amounts: Sequence[tuple[str, int]], prices: Prices, counted: Sequence[bool]
) -> list[int]:
    """Values of what counts (all of it, where nothing does); equal where a price is missing."""
    if not any(counted):
        counted = [True] * len(amounts)
    values = [amount * prices.get(asset, 0) for asset, amount in amounts]
    if any(count and not value for count, value in zip(counted, values, strict=True)):
        values = [1] * len(amounts)
    return [value if count else 0 for count, value in zip(counted, values, strict=True)]


def _cuts(whole: int, weights: Sequence[int]) -> list[int]:
    """Boundaries that divide ``whole`` by cumulative floor: len(weights) + 1 of them."""
    total, cumulated, cuts = sum(weights), 0, [0]
    for weight in weights:
        cumulated += weight
        cuts.append(whole * cumulated // total)
    return cuts


def rescale(pieces: Iterable[Piece], gained: int, lost: int) -> list[Piece]:
    """Units [a, b) of ``gained`` become units [a*lost//gained, b*lost//gained) of ``lost``.

    Empty ones are kept: the caller settles them.
    """
    scaled: list[Piece] = []
    at = 0
    for piece in pieces:
        start, at = at, at + piece.amount
        amount = at * lost // gained - start * lost // gained
        scaled.append(piece.with_(amount, piece.origin, piece.source_amount))
    return scaled


def convert(
    gained: Sequence[tuple[str, int, list[Piece]]],
    lost: Sequence[tuple[str, int]],
    prices: Prices,
    real: Callable[[str], bool] = lambda _: True,
) -> dict[str, list[Piece]]:
    """Turn the units of every asset gained into units of every asset lost, origins conserved.

    Each asset lost is covered by the assets gained in order, by value; each origin is divided
    over the assets lost, by value. Assets that may be made up (not ``real``) cover nothing unless
    they bring taint, and take no origin from those that are real.
    """
    estimated = len(gained) > 1 or len(lost) > 1
    counted = [real(asset) or any(p.origin for p in held) for asset, _, held in gained]
    by_gain = _weights([(asset, amount) for asset, amount, _ in gained], prices, counted)
    by_loss = _weights(lost, prices, [real(asset) for asset, _ in lost])
    shares = [_divide(pieces, by_loss) for _, _, pieces in gained]
    result: dict[str, list[Piece]] = {}
    for j, (asset, amount) in enumerate(lost):
        cuts = _cuts(amount, by_gain)
        units: list[Piece] = []
        for i, (_, whole, _) in enumerate(gained):
            units += rescale(shares[i][j], whole, cuts[i + 1] - cuts[i])
        if estimated:
            for piece in units:
                piece.estimated = piece.origin is not None
        result[asset] = settle_empty(units)
    return result


def _divide(pieces: Sequence[Piece], weights: Sequence[int]) -> list[list[Piece]]:
    """Copies of the pieces, one list per weight, with each origin divided by cumulative floor."""
    if len(weights) == 1:
        return [list(pieces)]
    columns: list[list[Piece]] = [[] for _ in weights]
    for piece in pieces:
        origins = _divide_origin(piece.origin, weights)
        for column, origin in zip(columns, origins, strict=True):
            column.append(piece.with_(piece.amount, origin, piece.source_amount))
    return columns


def _divide_origin(origin: Origin | None, weights: Sequence[int]) -> list[Origin | None]:
    if origin is None:
        return [None] * len(weights)
    cuts = _cuts(origin.amount, weights)
    return [Origin(origin.seed, origin.asset, cuts[i + 1] - cuts[i]) for i in range(len(weights))]
