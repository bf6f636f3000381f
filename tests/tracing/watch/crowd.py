"""A made-up chain that several operators tell of, a room that follows a theft on it, and a watcher
stepped by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from incidents import access
from incidents.choices import Marking
from incidents.models import Participation, TimelineEntry
from tests.cast import Cast, organization, person
from tests.liars.blocks import Block as Truth
from tests.liars.chain import THEFT, World
from tests.liars.operators import Operator
from tests.liars.people import CHAIN, NATIVE
from tests.liars.served import Served
from tests.liars.server import Server
from tracing.chains.errors import RetryableChainError
from tracing.chains.evm_commitments import NAMES
from tracing.models import Block, Chain, Endpoint, Exposure, Trace
from tracing.services import directory, endpoints, replay, traces
from tracing.watch import lease as leases
from tracing.watch.loop import Watcher
from tracing.watch.source import Source


@dataclass(repr=False)
class Crowd:
    """``operators`` tell of ``world``; ``watcher`` applies blocks when told."""

    world: World
    served: Served
    operators: dict[str, Operator]
    chain: Chain
    cast: Cast
    watcher: Watcher = field(init=False)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.take_over()

    def take_over(self) -> None:
        """A new watcher with a lease of its own, as after a restart."""
        Chain.objects.filter(pk=self.chain.pk).update(lease_until=None)
        lease = leases.claim(self.chain.pk)
        assert lease is not None
        self.watcher = Watcher(leases.chain_of(lease), lease)
        self.source = Source(endpoints.adapter_for(self.watcher.chain), NATIVE)

    def follow(self, most: int = 400) -> None:
        """Until there is nothing to do."""
        for _ in range(most):
            if not self.step():
                return
        raise AssertionError("the watcher finds no end")

    def step(self) -> bool:
        """One turn; after an error the next watcher goes on, as the task does it."""
        try:
            return self.watcher.step(self.source)
        except RetryableChainError:
            self.take_over()
            return True

    def follow_until(self, reached: Callable[[], bool], most: int = 400) -> None:
        """Steps until something holds: pauses between questions pass at once."""
        for _ in range(most):
            if reached():
                return
            self.hurry()
            self.step()
        raise AssertionError("it never came to that")

    def hurry(self) -> None:
        """No pause of the trailing check, and no rest of an endpoint, is waited for; how high
        somebody was a moment ago counts no more."""
        verifier = self.watcher.verifier
        for pauses in (verifier._all, verifier._blocks, verifier._traces):
            pauses._due.clear()
        verifier._quiet_until = self.watcher.below_at = 0.0
        for member in getattr(self.source.adapter, "members", ()):
            member.rest_until, member.must_rest, member.head_at = 0.0, False, 0.0

    def row(self) -> Chain:
        return Chain.objects.get(pk=self.chain.pk)

    def canonical(self) -> list[Block]:
        """The applied blocks as they stand."""
        rows = Block.objects.filter(chain=self.chain).exclude(state=Block.State.ORPHANED)
        return list(rows.order_by("number"))

    def hashes(self) -> list[str]:
        return [row.hash for row in self.canonical()]

    def true_hashes(self) -> list[str]:
        return [block.name for block in self.world.head.line]

    def has_the_truth(self) -> bool:
        """Up to its head; what is above that is made up."""
        true = self.true_hashes()
        return self.hashes()[: len(true)] == true

    def standings(self) -> set[str]:
        return {row.standing for row in self.canonical()}

    def is_verified(self) -> bool:
        """Up to the truth's head."""
        row = self.row()
        at_head = row.cursor_hash == self.world.head.name
        return at_head and row.unverified_since is None and self.standings() == {"verified"}

    def check(self) -> None:
        """No gap, no double, and the rows are those of a fresh application of the truth."""
        assert self.hashes() == self.true_hashes()
        assert replay.differences(self.cast.incident, CHAIN) == []

    def trace(self) -> Trace:
        """A person confirms what was stolen."""
        lead = self.cast.lead
        room = self.cast.incident
        seat = Participation.objects.get(incident=room, organization=organization(lead))
        proposal = traces.propose(CHAIN, theft(self.world.head))
        return traces.start(
            room,
            proposal,
            [gain.key for gain in proposal.gains],
            actor=access.actor_of(seat, person(lead)),
            marking=Marking.AMBER,
        )

    def held(self, trace: Trace) -> dict[str, int]:
        """Stolen ether by address."""
        rows = Exposure.objects.filter(trace=trace, asset=NATIVE, tainted__gt=0)
        return {row.address: int(row.tainted) for row in rows}

    def lines(self, kind: str) -> list[TimelineEntry]:
        """Lines of one kind that stand."""
        rows = TimelineEntry.objects.filter(
            incident=self.cast.incident, kind=kind, withdrawn_by__isnull=True
        )
        return list(rows.order_by("seq"))


def theft(head: Truth) -> str:
    """The transaction that took the victim's ether."""
    (tx,) = head.line[THEFT].transactions
    return "0x" + tx.hash.hex()


def gather(
    server: Server, names: str, cast: Cast, *, quorum: int, final_depth: int = 80, seed: int = 1
) -> Crowd:
    """Operators by their first letters, all honest, on a fresh chain with a theft."""
    world, served = World(seed), Served()
    operators = {name: Operator(name, world, served) for name in names}
    server.operators = operators
    chain = endpoints.configure(
        CHAIN, name="Made-up", url=server.url(names[0]), operator=names[0], start=0
    )
    for name in names[1:]:
        Endpoint.objects.create(chain=chain, operator=name, url=server.url(name))
    chain.quorum, chain.commitments, chain.final_depth = quorum, list(NAMES), final_depth
    chain.save(update_fields=["quorum", "commitments", "final_depth"])
    directory.ensure_asset(chain, NATIVE, symbol="ETH", decimals=18, follow_threshold=1)
    return Crowd(world, served, operators, chain, cast)
