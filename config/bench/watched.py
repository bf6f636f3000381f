"""A chain that exists in memory only, followed by the real watcher's ingest into a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection
from django.utils import timezone

from incidents.choices import Marking
from incidents.models import Incident
from tracing.core.policies import VERSIONS, PolicyName
from tracing.core.types import AccountKey, BlockMovements, Movement, MovementKind, Transaction
from tracing.models import (
    Asset,
    Chain,
    Exposure,
    Finding,
    Hop,
    RangeAccount,
    RangeUndo,
    Seed,
    Trace,
    Transfer,
    Undo,
)
from tracing.watch import directory, lease
from tracing.watch.ingest import Ingest
from tracing.watch.memory import Memory, States
from tracing.watch.source import ChainBlock, Source


class Nobody:
    """A chain's adapter where every account that was not watched is empty."""

    def __init__(self, chain: str) -> None:
        self.chain = chain

    def balances(self, keys: Collection[AccountKey], block_hash: str) -> dict[AccountKey, int]:
        return dict.fromkeys(keys, 0)

    def token_histories(self, addresses: Sequence[str], last: int, blocks: int) -> list[None]:
        """As an endpoint that does not tell."""
        return [None] * len(addresses)

    def acting(self, addresses: Collection[str], block_hash: str) -> set[str]:
        return set()

    def has_code(self, addresses: Collection[str], block_hash: str) -> dict[str, bool]:
        return dict.fromkeys(addresses, False)

    def calls(
        self, wanted: Sequence[tuple[str, bytes]], block_hash: str, *, gas: int
    ) -> list[bytes | None]:
        return [None] * len(wanted)


class OwnPolicy(Memory):
    """Without the range: only the policy that the trace is pinned to, to tell what each costs."""

    def states_of(self, trace: Trace) -> States:
        states = super().states_of(trace)
        own = PolicyName(trace.policy)
        return {own: states[own]}


class Watched:
    """One trace of one theft; ``apply`` is a block."""

    def __init__(self, caip2: str, thief: str, stolen: int, *, is_alone: bool) -> None:
        self.caip2 = caip2
        self.asset = asset = f"{caip2}/slip44:60"
        self.number = 0
        self.chain = Chain.objects.create(
            caip2=caip2,
            name="Bench",
            native_asset=asset,
            cursor_number=0,
            cursor_hash=_hash(0),
        )
        slug = caip2.replace(":", "-")
        incident = Incident.objects.create(slug=slug, title="Bench", opened_at=timezone.now())
        self.trace = Trace.objects.create(
            incident=incident,
            chain=self.chain,
            start_number=1,
            cursor_number=0,
            policy=PolicyName.FIFO,
            policy_version=VERSIONS[PolicyName.FIFO],
            marking=Marking.AMBER,
            is_live=True,
        )
        Asset.objects.create(chain=self.chain, caip19=asset, follow_threshold=1)
        Seed.objects.create(
            trace=self.trace,
            key="theft",
            tx="0xtheft",
            block_number=1,
            receiver=thief,
            asset=asset,
            amount=stolen,
        )
        held = lease.claim(self.chain.pk)
        assert held is not None  # noqa: S101 (the chain is new)
        source = Source(Nobody(caip2), asset)  # type: ignore[arg-type]  # only balances are asked
        memory = OwnPolicy() if is_alone else Memory()
        self.ingest = Ingest(self.chain, source, held, memory)
        theft = self._move(0, "0xvictim", thief, stolen)
        self.apply(self._next([Transaction("0xtheft", 0, None, None, (theft,))]))

    def block(self, rows: Sequence[tuple[str, str, int]]) -> BlockMovements:
        """The next block, of transfers that are each a transaction, as an adapter would give it."""
        return self._next(
            [
                Transaction(
                    f"0x{self.number:032x}{at:032x}",
                    at,
                    frm,
                    to,
                    (self._move(at, frm, to, amount),),
                )
                for at, (frm, to, amount) in enumerate(rows)
            ]
        )

    def apply(self, movements: BlockMovements) -> None:
        """Everything that the watcher does with a block once it was read."""
        known = directory.load(self.chain)
        self.ingest.live_block(ChainBlock(movements, ()), known, movements.number)

    def server(self) -> int:
        """The process of the database that serves this one."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        found = {"transfer": Transfer.objects.filter(block__chain=self.chain).count()}
        for model in (Exposure, Undo, Hop, Finding, RangeAccount, RangeUndo):
            found[model.__name__.lower()] = model.objects.filter(trace=self.trace).count()
        return found

    def _next(self, transactions: list[Transaction]) -> BlockMovements:
        self.number += 1
        return BlockMovements(
            self.caip2,
            self.number,
            _hash(self.number),
            _hash(self.number - 1),
            1_700_000_000 + 12 * self.number,
            tuple(transactions),
        )

    def _move(self, position: int, frm: str, to: str, amount: int) -> Movement:
        return Movement(position, MovementKind.NATIVE, self.asset, frm, to, amount)


def _hash(number: int) -> str:
    return f"0x{number:064x}"
