"""What the two sides of a bridge say of one transfer, and whether they speak of the same. Pure.

A crossing is *certain* only when the far side logged the key that the near side logged, on the
chain and in an amount that fit, and nothing else did. All else is *probable*, with a confidence in
percent, and never becomes more by itself. The formula is at ``_points``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tracing.core.sides import Departure, Landing

__all__ = [
    "Certainty",
    "Departure",
    "Kind",
    "Landing",
    "Match",
    "Reason",
    "Rules",
    "Seen",
    "match",
    "unbacked",
]


class Certainty(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"


class Reason(StrEnum):
    """Why a match is what it is; those that speak against it lower it."""

    KEY = "same key"
    RECIPIENT = "same recipient"
    ASSET = "same kind of asset"
    AMOUNT = "amount within the fee"
    TIME = "within the time window"
    REFUND = "came back to where it left"
    OTHER_CHAIN = "another chain than the near side named"
    OTHER_ORIGIN = "another chain of origin"
    OTHER_AMOUNT = "an amount that does not fit"
    OTHER_ASSET = "another asset than the near side promised"
    UNKNOWN_ASSET = "the sender asked for a token that nobody here knows"
    EARLIER = "before it left"
    SEVERAL = "several landings fit"


@dataclass(frozen=True, slots=True)
class Seen:
    """A landing and when: block time in seconds since 1970."""

    landing: Landing
    at: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What an asset is, whatever chain it is on: amounts of one kind can be compared."""

    name: str  # "USDC", "ETH"
    decimals: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Tolerances. ``over``: bridges round, and a quote may be bettered; nothing pays out more.

    ``fee``: who lets a relayer of his own take nearly all as a fee has sent it elsewhere.
    """

    fee_permille: int = 50
    over_permille: int = 1
    window: int = 6 * 3600  # seconds within which a landing without a key may be the one
    skew: int = 120  # seconds by which two chains' clocks may differ
    least: int = 30  # points below which a landing is no candidate


@dataclass(frozen=True, slots=True)
class Match:
    """One landing as the far side of a departure. ``confidence`` is percent; 100 is certain."""

    landing: Landing
    at: int
    certainty: Certainty
    confidence: int
    reasons: tuple[Reason, ...]


RULES = Rules()
_CONTRADICTED = 40  # percent: the key is there, but something speaks against it
_SEVERAL = 90  # percent, shared among landings with one key
_RECIPIENT, _ASSET, _AMOUNT, _TIME = 45, 15, 25, 10  # points; 95 together, so never 100


def match(
    departure: Departure,
    left_at: int,
    seen: Iterable[Seen],
    *,
    kinds: Mapping[str, Kind] | None = None,
    rules: Rules = RULES,
) -> list[Match]:
    """The landings that may be this departure's far side, best first; none: not seen yet.

    ``kinds`` (by CAIP-19) tells which assets can be compared; amounts of others say nothing.
    """
    known = kinds or {}
    own = [one for one in seen if one.landing.bridge == departure.bridge]
    keyed = [
        one for one in own if departure.match_key and one.landing.match_key == departure.match_key
    ]
    if keyed:
        found = [_by_key(departure, left_at, one, known, rules) for one in keyed]
        return _best_first(_shared(found, _SEVERAL) if len(found) > 1 else found)
    other = [one for one in own if not (departure.match_key and one.landing.match_key)]
    scored = [_by_points(departure, left_at, one, known, rules) for one in other]
    return _best_first(_shared([one for one in scored if one is not None]))


def unbacked(landings: Iterable[Landing], departures: Iterable[Departure]) -> list[Landing]:
    """Landings that no departure pays for: what a broken bridge gave away.

    Each departure pays once, for a landing of its bridge, key, chain, recipient and amount. Both
    must be complete for the time looked at, in the order of the chain.
    """
    left: dict[tuple[str, str], list[Departure]] = {}
    for departure in departures:
        left.setdefault((departure.bridge, departure.match_key), []).append(departure)
    found = []
    for landing in landings:
        waiting = left.get((landing.bridge, landing.match_key), [])
        paying = next((one for one in waiting if _pays(one, landing)), None)
        if paying is None:
            found.append(landing)
        else:
            waiting.remove(paying)
    return found


def _pays(departure: Departure, landing: Landing) -> bool:
    return (
        departure.to_chain in ("", landing.chain)
        and departure.to_address in ("", landing.to_address)
        and (
            departure.amount is None or landing.amount is None or landing.amount <= departure.amount
        )
    )


def _by_key(
    departure: Departure, left_at: int, one: Seen, kinds: Mapping[str, Kind], rules: Rules
) -> Match:
    landing = one.landing
    expected = departure.chain if landing.is_refund else departure.to_chain
    against = []
    if expected not in ("", landing.chain):
        against.append(Reason.OTHER_CHAIN)
    if landing.from_chain not in ("", departure.chain):
        against.append(Reason.OTHER_ORIGIN)
    if _as_promised(departure, landing) is False:
        against.append(Reason.OTHER_ASSET)
    if _is_of_his_own(departure, landing, kinds):
        against.append(Reason.UNKNOWN_ASSET)
    short = _shortfall(departure, landing, kinds, rules)
    if isinstance(short, _Beyond) or _below_promise(departure, landing, rules):
        against.append(Reason.OTHER_AMOUNT)
    if one.at + rules.skew < left_at:
        against.append(Reason.EARLIER)
    reasons = (Reason.KEY, *([Reason.REFUND] if landing.is_refund else []), *against)
    if against:
        return Match(landing, one.at, Certainty.PROBABLE, _CONTRADICTED, reasons)
    return Match(landing, one.at, Certainty.CERTAIN, 100, reasons)


def _by_points(
    departure: Departure, left_at: int, one: Seen, kinds: Mapping[str, Kind], rules: Rules
) -> Match | None:
    points = _points(departure, left_at, one, kinds, rules)
    if points is None or sum(points.values()) < rules.least:
        return None
    return Match(one.landing, one.at, Certainty.PROBABLE, sum(points.values()), tuple(points))


def _points(
    departure: Departure, left_at: int, one: Seen, kinds: Mapping[str, Kind], rules: Rules
) -> dict[Reason, int] | None:
    """Percent for each thing that fits; None as soon as one contradicts.

    45 the recipient that the near side named; 15 the same asset, or one of the same kind; 25 the
    same amount, falling to 10 at the end of the fee tolerance; 10 at once, falling to 0 at the end
    of the window. What one side does not tell counts nothing.
    """
    landing, points = one.landing, {}
    wait = max(0, one.at - left_at)
    if one.at + rules.skew < left_at or wait > rules.window or landing.is_refund:
        return None
    if departure.to_chain not in ("", landing.chain) or landing.from_chain not in (
        "",
        departure.chain,
    ):
        return None
    if departure.to_address and landing.to_address:
        if departure.to_address != landing.to_address:
            return None
        points[Reason.RECIPIENT] = _RECIPIENT
    same = _same_asset(departure, landing, kinds)
    if same is False:
        return None
    if same:
        points[Reason.ASSET] = _ASSET
    short = _shortfall(departure, landing, kinds, rules)
    if short is _TOO_MUCH or short is _TOO_LITTLE:
        return None
    if isinstance(short, int):
        points[Reason.AMOUNT] = _AMOUNT - 15 * short // 1000
    points[Reason.TIME] = _TIME * (rules.window - wait) // rules.window
    return points


class _Beyond(StrEnum):
    MUCH = "much"
    LITTLE = "little"


_TOO_MUCH, _TOO_LITTLE = _Beyond.MUCH, _Beyond.LITTLE


def _shortfall(
    departure: Departure, landing: Landing, kinds: Mapping[str, Kind], rules: Rules
) -> int | _Beyond | None:
    """How much of the fee tolerance is used up, in thousandths; None: amounts say nothing.

    The near side's promise (``to_amount``) is a floor where it is in the asset that landed: a quote
    may be bettered, so only what is below it is too little. Else what left is compared.
    """
    if landing.amount is None:
        return None
    sent = _in_units_of(departure.amount, departure.asset, landing.asset, kinds)
    if sent is None:
        if departure.to_amount is None or not _as_promised(departure, landing):
            return None
        return _TOO_LITTLE if _below_promise(departure, landing, rules) else 0
    top, size = sent
    got = landing.amount * size
    if got * 1000 > top * (1000 + rules.over_permille):
        return _TOO_MUCH
    lost = max(0, top - got)
    if lost * 1000 > top * rules.fee_permille:
        return _TOO_LITTLE
    return lost * 1_000_000 // (top * rules.fee_permille) if top * rules.fee_permille else 0


def _below_promise(departure: Departure, landing: Landing, rules: Rules) -> bool:
    """Whether less came than the near side promised, in what it promised."""
    if departure.to_amount is None or landing.amount is None:
        return False
    if not _as_promised(departure, landing):
        return False
    return landing.amount * 1000 < departure.to_amount * (1000 - rules.over_permille)


def _as_promised(departure: Departure, landing: Landing) -> bool | None:
    """Whether it is the promised asset, or the chain's coin for it; None: one side does not tell.

    Bridges promise the wrapped coin and pay the coin out, unit for unit: what matters then is that
    no less of it came than was promised.
    """
    if landing.is_refund or "" in (departure.to_asset, landing.asset):
        return None
    return departure.to_asset == landing.asset or "/slip44:" in landing.asset


def _is_of_his_own(departure: Departure, landing: Landing, kinds: Mapping[str, Kind]) -> bool:
    """Whether the sender chose a far token and how much of it, and only he may know what it is:
    he may have made it, and fill his own order with it, for what he paid in.

    Without any ``kinds`` nobody said what is known.
    """
    if not kinds or landing.is_refund or "" in (departure.to_asset, landing.asset):
        return False
    if departure.to_amount is None or "/slip44:" in landing.asset:
        return False
    return landing.asset not in kinds


def _in_units_of(
    amount: int | None, asset: str, other: str, kinds: Mapping[str, Kind]
) -> tuple[int, int] | None:
    """``amount`` and a factor for the other side's amount that make both comparable integers."""
    if amount is None or not asset or not other:
        return None
    if asset == other:
        return amount, 1
    one, two = kinds.get(asset), kinds.get(other)
    if one is None or two is None or one.name != two.name:
        return None
    return amount * 10 ** max(0, two.decimals - one.decimals), 10 ** max(
        0, one.decimals - two.decimals
    )


def _same_asset(departure: Departure, landing: Landing, kinds: Mapping[str, Kind]) -> bool | None:
    if not landing.asset:
        return None
    if departure.to_asset:
        return departure.to_asset == landing.asset or (
            None if "/slip44:" in landing.asset else False
        )
    one, two = kinds.get(departure.asset), kinds.get(landing.asset)
    return True if one and two and one.name == two.name else None


def _shared(found: Sequence[Match], most: int = 100) -> list[Match]:
    """Several landings that fit share the confidence, and none of them is certain."""
    if len(found) < 2:
        return list(found)
    return [
        replace(
            one,
            certainty=Certainty.PROBABLE,
            confidence=min(one.confidence, most) // len(found),
            reasons=(*one.reasons, Reason.SEVERAL),
        )
        for one in found
    ]


def _best_first(found: Iterable[Match]) -> list[Match]:
    return sorted(found, key=lambda one: (-one.confidence, one.at, one.landing.index))
