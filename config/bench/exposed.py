"""A trace that exposes as many addresses as one likes, on a chain that an endpoint serves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection
from django.utils import timezone

from incidents.choices import Marking
from incidents.models import Incident
from tracing.core import caip
from tracing.core.policies import VERSIONS, PolicyName
from tracing.core.state import account_to_row
from tracing.core.types import Account, AccountKind, Lot, Origin
from tracing.models import Asset, Chain, Exposure, RangeAccount, Seed, Trace
from tracing.services import endpoints
from tracing.watch import bulk, lease
from tracing.watch.loop import Watcher
from tracing.watch.memory import policies_of
from tracing.watch.source import Source

HELD = 10**20  # wei of each address, all of it stolen
_EXPOSURE = (
    *("trace_id", "chain", "address", "asset", "kind", "state", "tainted", "balance"),
    *("is_history_incomplete", "depth", "first_block"),
)
_RANGE = ("trace_id", "policy", "chain", "address", "asset", "kind", "state", "tainted")


class Town:
    """``people`` are exposed, and as many others as make ``exposed`` of them."""

    def __init__(
        self,
        caip2: str,
        exposed: int,
        *,
        url: str,
        people: Sequence[str] = (),
        commitments: Collection[str] = (),
    ) -> None:
        self.chain = endpoints.configure(caip2, name="Bench", url=url, start=0)
        Chain.objects.filter(pk=self.chain.pk).update(commitments=list(commitments))
        asset = caip.native_asset(caip2)
        Asset.objects.create(chain=self.chain, caip19=asset, follow_threshold=1)
        slug = caip2.replace(":", "-")
        incident = Incident.objects.create(slug=slug, title="Bench", opened_at=timezone.now())
        self.trace = Trace.objects.create(
            incident=incident,
            chain=self.chain,
            start_number=0,
            cursor_number=-1,
            policy=PolicyName.FIFO,
            policy_version=VERSIONS[PolicyName.FIFO],
            marking=Marking.AMBER,
            is_live=True,
        )
        Seed.objects.create(
            trace=self.trace,
            key="theft",
            tx="0x" + "5e" * 32,
            block_number=0,
            receiver="0x" + "5e" * 20,
            asset=asset,
            amount=HELD * exposed,
        )
        others = (f"0x{0xB0B << 140 | at:040x}" for at in range(max(0, exposed - len(people))))
        self._expose(asset, [*people, *others])

    def watcher(self) -> Watcher:
        """The chain's, under its lease."""
        held = lease.claim(self.chain.pk)
        assert held is not None  # noqa: S101 (nobody else is here)
        return Watcher(lease.chain_of(held), held)

    def source(self) -> Source:
        """The chain through its endpoint."""
        chain = Chain.objects.get(pk=self.chain.pk)
        return Source(endpoints.adapter_for(chain), chain.native_asset)

    def server(self) -> int:
        """The process of the database that serves this one."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def _expose(self, asset: str, addresses: Sequence[str]) -> None:
        account = Account(AccountKind.FOLLOWED)
        account.lots.append(Lot(HELD, Origin("theft", asset, HELD), "0", 1))
        row, amount = bulk.as_json(account_to_row(account)), str(HELD)
        trace, chain, kind = self.trace.pk, self.chain.caip2, account.kind.value
        bulk.insert(
            Exposure,
            _EXPOSURE,
            (
                (trace, chain, who, asset, kind, row, amount, amount, False, 1, 0)
                for who in addresses
            ),
        )
        _, *others = policies_of(self.trace)
        bulk.insert(
            RangeAccount,
            _RANGE,
            (
                (trace, name.value, chain, who, asset, kind, row, amount)
                for name in others
                for who in addresses
            ),
        )
        with connection.cursor() as cursor:  # as autovacuum does in time
            cursor.execute("ANALYZE")
