"""The answers that the room asks of the trace (incidents/ports.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from incidents import access, ports
from incidents.access import EVERY_PARTY, Actor
from incidents.models import Incident
from incidents.ports import AddressExposure, BlockMark, Strip, WatchState
from incidents.services import answers
from tracing.core.buckets import strip as bucket_strip
from tracing.core.state import account_from_row
from tracing.core.types import Account, AccountKey, AccountKind
from tracing.models import Asset, Block, Chain, ChainFreeze, Exposure, Finding, Seed, Trace
from tracing.models.trace import STANDS
from tracing.services import backfills, lead_lines, names
from tracing.services.chains import newest_standing, state_of
from tracing.services.control import AskedControl
from tracing.services.holders import LabelledDirectory
from tracing.services.holding_now import AskedHoldings
from tracing.services.legs import Family, family, taken_over

_EMPTY = {
    "at_large": 0,
    "at_services": 0,
    "in_crossing": 0,
    "held": 0,
    "frozen": 0,
    "recovered": 0,
    "lost": 0,
}
_NO_LEGS = Family()


def key_of(row: Exposure) -> AccountKey:
    """The core's key of a row."""
    return AccountKey(row.chain, row.address, row.asset)


def active_freezes(chains: Iterable[str]) -> dict[AccountKey, bool]:
    """Issuer freezes that stand on the canonical chain, of tokens that the directory knows, and
    whether the token's own view confirmed them.

    Seen ones count, confirmed or not; one that the token's own view denies does not. Anybody can
    deploy a token that calls an address frozen: what nobody took into the directory counts nothing.
    """
    wanted = set(chains)
    rows = ChainFreeze.objects.filter(
        chain__caip2__in=wanted,
        lifted_in__isnull=True,
        asset__in=Asset.objects.filter(chain__caip2__in=wanted).values("caip19"),
    ).exclude(block__state="orphaned")
    rows = rows.exclude(confirmation=ChainFreeze.Confirmation.DENIED)
    found: dict[AccountKey, bool] = {}
    for chain, address, asset, state in rows.values_list(
        "chain__caip2", "address", "asset", "confirmation"
    ):
        key = AccountKey(chain, address, asset)
        found[key] = found.get(key, False) or state == ChainFreeze.Confirmation.CONFIRMED
    return found


def strip_of(
    trace: Trace,
    viewer: Actor,
    held: dict[AccountKey, int],
    accounts: Mapping[AccountKey, Account] | None = None,
    family: Family = _NO_LEGS,
) -> dict[str, dict[str, int]]:
    """Origin asset -> buckets, as far as the viewer may know; what they may not falls back to
    *at large*, so every view adds up. ``held`` is used up: two traces never share a hold.
    ``accounts``: those of another policy; absent: the trace's own. What the legs of ``family`` took
    over is not in it: they have strips of their own."""
    if accounts is None:
        accounts = {
            key_of(row): account_from_row(row.state)
            for row in Exposure.objects.filter(trace=trace, state__isnull=False)
        }
    accounts = family.remaining(trace, accounts)
    kinds = names.kinds_of_trace(trace, viewer, {key.address for key in accounts})
    buckets = bucket_strip(accounts, kinds, active_freezes([trace.chain.caip2]).keys(), held)
    for key in held.keys() & accounts.keys():
        account = accounts[key]
        covered = sum(lot.amount for lot in (*account.lots, *account.dust))
        held[key] = max(0, held[key] - covered)
    for asset, amount in family.kept(trace).items():
        buckets.setdefault(asset, dict(_EMPTY))["lost"] += amount
    return buckets


def _distinct(traces: Iterable[Trace]) -> Iterator[tuple[Trace, list[Seed]]]:
    """Traces with their seeds, the largest first. One whose seeds are all in another counts once:
    a party that could not see the other may have followed the same theft."""
    counted: set[str] = set()
    rows = [(trace, list(trace.seeds.all())) for trace in traces]
    for trace, seeds in sorted(rows, key=lambda row: (-len(row[1]), row[0].pk)):
        keys = {seed.key for seed in seeds}
        if not keys <= counted:
            counted |= keys
            yield trace, seeds


def _kinds(rows: Iterable[Exposure], viewer: Actor) -> dict[int, dict[str, AccountKind]]:
    """What the rows' addresses are to a viewer, by trace."""
    wanted: dict[Trace, set[str]] = defaultdict(set)
    for row in rows:
        wanted[row.trace].add(row.address)
    return {
        trace.pk: names.kinds_of_trace(trace, viewer, addresses)
        for trace, addresses in wanted.items()
    }


class TracedMoney:
    """Implements incidents.ports.Money."""

    def strips(self, incident: Incident, viewer: Actor) -> list[Strip]:
        """One strip per stolen asset, over the traces that the viewer may see."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: dict(_EMPTY))
        stolen: dict[str, int] = defaultdict(int)
        rows = access.visible(viewer, Trace.scoped.filter(STANDS, incident=incident))
        rows = rows.select_related("chain", "incident", "crossing").prefetch_related("seeds")
        legs = family(rows)
        traces = list(_distinct(trace for trace in rows if trace.crossing is None))
        holds = answers.held_amounts(incident, viewer) if traces else {}
        held = {AccountKey(*account): amount for account, amount in holds.items()}
        for trace, seeds in traces:
            for seed in seeds:
                stolen[seed.asset] += seed.amount
            for one in legs.walk(trace):
                for asset, buckets in strip_of(one, viewer, held, family=legs).items():
                    for bucket, amount in buckets.items():
                        sums[asset][bucket] += amount
        known = names.asset_names(stolen)
        strips = []
        for asset, total in sorted(stolen.items()):
            buckets = sums[asset]
            seen = sum(buckets[b] for b in ("at_large", "held", "frozen", "recovered", "lost"))
            # Seeds whose block has not been applied yet are at large by definition.
            buckets["at_large"] += total - seen
            strips.append(
                Strip(asset, known[asset].symbol, known[asset].decimals, total, **buckets)
            )
        return strips

    def exposures(
        self, incident: Incident, viewer: Actor, addresses: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], list[AddressExposure]]:
        """What the given addresses hold of the stolen value, per asset."""
        wanted = set(addresses)
        traces = access.visible(viewer, Trace.scoped.filter(STANDS, incident=incident))
        rows = (
            Exposure.objects.filter(
                trace__in=traces, address__in={address for _, address in wanted}
            )
            .select_related("trace__incident", "trace__chain")
            .order_by("pk")
        )
        rows_seen = [row for row in rows if (row.chain, row.address) in wanted]
        known = names.asset_names(row.asset for row in rows_seen)
        chains = {row.chain for row in rows_seen}
        frozen = active_freezes(chains)
        kinds = _kinds(rows_seen, viewer)
        over = (
            taken_over(traces) if any(row.kind == AccountKind.CROSSING for row in rows_seen) else {}
        )
        found: dict[tuple[str, str], list[AddressExposure]] = defaultdict(list)
        for row in rows_seen:
            gone = over.get((row.trace_id, key_of(row)), 0)
            found[row.chain, row.address].append(
                AddressExposure(
                    asset=row.asset,
                    symbol=known[row.asset].symbol,
                    decimals=known[row.asset].decimals,
                    tainted=row.tainted - gone,
                    balance=row.balance - gone,
                    depth=row.depth,
                    kind=kinds[row.trace_id].get(row.address, row.kind),
                    is_frozen=key_of(row) in frozen,
                    is_freeze_confirmed=frozen.get(key_of(row), False),
                    is_history_incomplete=row.is_history_incomplete,
                )
            )
        return dict(found)

    def look_alikes(
        self, incident: Incident, viewer: Actor, addresses: Iterable[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Those of the given addresses that were made to be mistaken for one of a trace."""
        by_chain: dict[str, set[str]] = defaultdict(set)
        for chain, address in addresses:
            by_chain[chain].add(address)
        return {
            (chain, address)
            for chain, wanted in by_chain.items()
            for address in lead_lines.look_alikes(viewer, incident, chain, wanted)
        }

    def watch_state(self, incident: Incident, viewer: Actor) -> WatchState:
        """How far the chains were followed, for the traces that the viewer may see."""
        rows = access.visible(viewer, Trace.scoped.filter(STANDS, incident=incident))
        marked = rows.select_related("chain").annotate(newest=newest_standing("chain__"))
        traces = list(marked.order_by("chain__name", "chain_id", "pk"))
        chains = {t.chain_id: state_of(t.chain, t.newest or "") for t in traces}
        behind = sum(
            max(0, (trace.chain.cursor_number or 0) - trace.cursor_number)
            for trace in traces
            if not trace.is_live
        )
        parked = Finding.objects.filter(trace__in=traces, state=Finding.State.PARKED).count()
        pasts = backfills.under_way(incident, viewer, traces)
        return WatchState(tuple(chains.values()), parked, behind, pasts)

    def block_marks(self, blocks: Iterable[tuple[str, str]]) -> dict[tuple[str, str], BlockMark]:
        """Of blocks by CAIP-2 and hash, those that were applied. One query at most."""
        wanted = set(blocks)
        if not wanted:
            return {}
        rows = Block.objects.filter(hash__in={block_hash for _, block_hash in wanted})
        found = rows.values_list("chain__caip2", "hash", "state", "standing")
        marks = {(chain, name): BlockMark(age, standing) for chain, name, age, standing in found}
        return {block: marks[block] for block in wanted & marks.keys()}

    def watched_chains(self) -> set[str]:
        """CAIP-2 of the chains that somebody watches here."""
        return set(Chain.objects.filter(is_watched=True).values_list("caip2", flat=True))

    def are_figures_released(self, incident: Incident) -> bool:
        """Whether each owner of a trace behind the public figures marked it for the public."""
        behind = access.visible(EVERY_PARTY, Trace.scoped.filter(STANDS, incident=incident))
        released = access.visible(None, behind, access.Surface.PUBLIC)
        return behind.count() == released.count()

    def public_figures(self, incident: Incident) -> dict[str, dict[str, str]]:
        """The strip as strings, for a release by somebody who may publish: from what every party
        of the room sees, so that no release tells of what was kept from one of them."""
        return {
            strip.asset: {
                "symbol": strip.symbol,
                "decimals": str(strip.decimals),
                "stolen": str(strip.stolen),
                **{name: str(getattr(strip, name)) for name in _EMPTY},
            }
            for strip in self.strips(incident, EVERY_PARTY)
        }


def register() -> None:
    """Called once when Django is ready."""
    ports.register_money(TracedMoney())
    ports.register_control(AskedControl())
    ports.register_holdings(AskedHoldings())
    ports.register_directory(LabelledDirectory())
