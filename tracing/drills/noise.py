"""Real traffic around a real theft: a table of expert-verified flows, drowned in other rows.

Seeded: one seed, one table. The model and where its figures come from: docs/noise.md.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from tracing.core.flows import Flow
from tracing.core.flows.order import when

BACKGROUND = 10  # rows a case row
ROUTED_PERCENT = 20  # of the case's flow, by value
CLEAN_TIMES = 100  # clean volume a hub carries, by the case's volume through it
HUBS = 3
STRANGERS_PER_ROW = 2  # addresses of the background, a case row: most are seen a few times
WINDOW = 1000  # blocks (3 1/3 hours) around an address's own time in the case

# Value of native movements on Ethereum, in US cents by percentile: 105 of block 17073191 (internal
# calls included) and 40 transactions of block 18000000, at 3,400 USD an ether (July 2024, the later
# of the two cases: the dearer, the larger the noise). Between two points: straight.
VALUES = (
    (0, 1),
    (5, 347),
    (10, 870),
    (20, 3_400),
    (30, 8_343),
    (40, 13_160),
    (50, 17_000),
    (60, 27_200),
    (70, 55_459),
    (80, 80_104),
    (90, 200_600),
    (95, 340_000),
    (99, 1_040_533),
    (100, 10_199_388),
)


class Hub(StrEnum):
    """How an unlabelled hub works."""

    ROUTER = "router"  # in and out in one transaction: aggregators, multi-sends
    FORWARDER = "forwarder"  # pays each payment on within two blocks: instant swaps, relays
    CUSTODIAL = "custodial"  # one commingled balance; customers withdraw when they like


# Blocks after which a payment of the case is paid out at the latest.
LONGEST = {Hub.ROUTER: 0, Hub.FORWARDER: 2, Hub.CUSTODIAL: 50}


@dataclass(frozen=True)
class Noisy:
    """A case among other rows. ``hubs`` and ``case`` are addresses; amounts in base units."""

    flows: list[Flow]
    case: frozenset[str]
    hubs: frozenset[str]
    background_rows: int
    hub_rows: int
    routed: int  # value of the case's flow that goes through hubs
    hub_clean: int  # clean value that the hubs take in


def add_noise(flows: Sequence[Flow], seed: int, kind: Hub, scale: int = 1) -> Noisy:
    """The case's rows with background, clean traffic of its addresses, and hubs of one kind.

    ``scale``: base units a cent. Amounts of the case are never changed.
    """
    return _Noise(flows, seed, kind, scale).build()


class _Noise:
    def __init__(self, flows: Sequence[Flow], seed: int, kind: Hub, scale: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable noise, not a secret
        self.case = sorted(flows, key=lambda f: (when(f), f.tx, f.frm, f.to, f.amount))
        self.kind = kind
        self.scale = scale
        self.addresses = sorted({f.frm for f in flows} | {f.to for f in flows})
        self.first, self.last = when(self.case[0]), when(self.case[-1])
        self.by_block = self.case[0].block is not None
        self.hubs = [self._new() for _ in range(HUBS)]
        count = STRANGERS_PER_ROW * len(flows)
        self.strangers = [self._new() for _ in range(count)]

    def build(self) -> Noisy:
        background = [*self._own_traffic(), *self._among_strangers()]
        chosen = self._chosen()
        routed = [row for row, through in zip(self.case, chosen, strict=True) if through]
        rows = [row for row, through in zip(self.case, chosen, strict=True) if not through]
        clean = list(self._customers(routed))
        hub_rows = self._through_hubs([*((row, True) for row in routed), *clean])
        return Noisy(
            flows=[*rows, *background, *hub_rows],
            case=frozenset(self.addresses),
            hubs=frozenset(self.hubs),
            background_rows=len(background),
            hub_rows=len(hub_rows),
            routed=sum(row.amount for row in routed),
            hub_clean=sum(row.amount for row, _ in clean),
        )

    # -- the background ------------------------------------------------------------------------

    def _own_traffic(self) -> Iterator[Flow]:
        """Half of the background: every case address receives clean value and spends it again,
        both at any time around its part in the case."""
        times: dict[str, list[int]] = {}
        for row in self.case:
            for address in (row.frm, row.to):
                times.setdefault(address, []).append(when(row))
        pairs = BACKGROUND * len(self.case) // 4
        for number in range(pairs):
            address = self.addresses[number % len(self.addresses)]
            own = times[address]
            start, end = own[0] - WINDOW, own[-1] + WINDOW
            received, spent = sorted(self.chance.randint(start, end) for _ in range(2))
            amount = self._value()
            yield self._row(received, self.chance.choice(self.strangers), address, amount)
            yield self._row(spent, address, self.chance.choice(self.strangers), amount)

    def _among_strangers(self) -> Iterator[Flow]:
        own = BACKGROUND * len(self.case) // 4 * 2
        for _ in range(BACKGROUND * len(self.case) - own):
            frm, to = self.chance.sample(self.strangers, 2)
            yield self._row(self._any_time(), frm, to, self._value())

    def _value(self) -> int:
        """An amount as real blocks have them."""
        at = self.chance.uniform(0, 100)
        for (low, small), (high, large) in pairwise(VALUES):
            if at <= high:
                cents = small + int((large - small) * (at - low) / (high - low))
                return max(1, cents) * self.scale
        return VALUES[-1][1] * self.scale

    # -- the hubs --------------------------------------------------------------------------------

    def _chosen(self) -> list[bool]:
        """Rows at random, until they carry the routed share of the case's value."""
        wanted = sum(row.amount for row in self.case) * ROUTED_PERCENT // 100
        order = self.chance.sample(range(len(self.case)), len(self.case))
        through = [False] * len(self.case)
        for at in order:
            if wanted <= 0:
                break
            if self.case[at].frm != self.case[at].to:
                through[at] = True
                wanted -= self.case[at].amount
        return through

    def _customers(self, routed: Sequence[Flow]) -> Iterator[tuple[Flow, bool]]:
        """Clean payments of the sizes that the case itself has there, until they are so many times
        its volume. The hubs were busy before the theft."""
        wanted = CLEAN_TIMES * sum(row.amount for row in routed)
        before = (self.last - self.first) // 10
        while wanted > 0:
            frm, to = self.chance.sample(self.strangers, 2)
            amount = min(wanted, max(1, self.chance.choice(routed).amount))
            wanted -= amount
            at = self.chance.randint(self.first - before, self.last)
            yield self._row(at, frm, to, amount), False

    def _through_hubs(self, payments: Sequence[tuple[Flow, bool]]) -> list[Flow]:
        """Each payment in and out again. The case's are out before their recipient next sends: the
        thief waits for nobody, and the case's own rows keep their blocks."""
        sends: dict[str, list[int]] = {}
        for row in self.case:
            sends.setdefault(row.frm, []).append(when(row))
        rows: list[Flow] = []
        for row, of_case in payments:
            hub = self.chance.choice(self.hubs)
            out = self._paid_out(row, sends.get(row.to, []) if of_case else None)
            tx = row.tx or self._hash()
            rows.append(self._row(when(row), row.frm, hub, row.amount, tx))
            tx = tx if self.kind is Hub.ROUTER else ""
            if out <= self.last + LONGEST[self.kind]:
                rows.append(self._row(out, hub, row.to, row.amount, tx))
        return rows

    def _paid_out(self, row: Flow, sends: Sequence[int] | None) -> int:
        """The block in which a hub pays out. ``sends``: those in which the recipient of a row of
        the case sends; None for a customer."""
        came = when(row)
        if self.kind is Hub.ROUTER:
            return came
        if self.kind is Hub.CUSTODIAL and sends is None:  # some only after the table ends
            return self.chance.randint(came, 2 * self.last - self.first)
        out = self.chance.randint(came, came + LONGEST[self.kind])
        at = bisect_left(sends or (), came)
        return min(out, sends[at]) if sends and at < len(sends) else out

    # -- rows ------------------------------------------------------------------------------------

    def _row(self, at: int, frm: str, to: str, amount: int, tx: str = "") -> Flow:
        block, time = (at, None) if self.by_block else (None, at)
        return Flow(0, time, block, tx or self._hash(), frm, to, amount)

    def _any_time(self) -> int:
        return self.chance.randint(self.first, self.last)

    def _hash(self) -> str:
        return f"0x{self.chance.getrandbits(256):064x}"

    def _new(self) -> str:
        return f"0x{self.chance.getrandbits(160):040x}"
