"""A chain in which somebody steals, a room that follows it, and a watcher stepped by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from config.embedded.node import Node
from incidents import access
from incidents.choices import Marking
from incidents.models import Incident, Participation, TimelineEntry
from incidents.services import incidents
from tests.cast import Cast, organization, person
from tracing.core.policies import PolicyName
from tracing.core.types import AccountKind
from tracing.models import Block, Chain, Exposure, Service, Trace
from tracing.services import directory, endpoints, gaps, replay, traces
from tracing.watch import lease as leases
from tracing.watch.loop import Watcher
from tracing.watch.source import Source

CHAIN = "eip155:31337"
NATIVE = f"{CHAIN}/slip44:60"
VICTIM, THIEF, MULE, STRANGER = ("0x" + pair * 20 for pair in ("a1", "b0", "b1", "c0"))
EXCHANGE, COUNCIL = "0x" + "e1" * 20, "0x" + "e2" * 20
ETHER = 10**18
FINAL_DEPTH = 40
# Far in the future, so that it is above any clock's: a block's time is its height's.
GENESIS_TIME = 2_000_000_000


@dataclass
class Town:
    """``node`` makes the blocks, ``watcher`` applies them when told."""

    node: Node
    chain: Chain
    cast: Cast
    exchange: Service
    watcher: Watcher = field(init=False)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.take_over()

    @property
    def incident(self) -> Incident:
        return self.cast.incident

    # -- the chain -----------------------------------------------------------------------------

    def send(self, sender: str, to: str, value: int, data: str = "0x") -> str:
        """A transaction without a fee, for the next block."""
        asked = {"from": sender, "to": to, "value": hex(value), "gas": "0x7a120"}
        return str(
            self.node.call("eth_sendTransaction", asked | {"gasPrice": "0x0", "input": data})
        )

    def mine(self, count: int = 1) -> int:
        """So many blocks, whose times follow from their heights; the height reached."""
        for _ in range(count):
            self.node.call("evm_setNextBlockTimestamp", GENESIS_TIME + 12 * (self.height + 1))
            self.node.call("anvil_setNextBlockBaseFeePerGas", "0x0")
            self.node.call("evm_mine")
        return self.height

    def drop(self, depth: int) -> None:
        """The node forgets its newest blocks."""
        self.node.call("anvil_rollback", depth)
        self.node.call("anvil_dropAllTransactions")
        self.node.call("anvil_setNextBlockBaseFeePerGas", "0x0")

    @property
    def height(self) -> int:
        return int(self.node.call("eth_blockNumber"), 16)

    @property
    def head_hash(self) -> str:
        return str(self.node.call("eth_getBlockByNumber", "latest", False)["hash"])

    def move_by_state(self, sender: str, to: str, value: int) -> None:
        """Balances change without a transaction, as a council's decision does it."""
        for account, change in ((sender, -value), (to, value)):
            balance = int(self.node.call("eth_getBalance", account, "latest"), 16)
            self.node.call("anvil_setBalance", account, hex(balance + change))

    # -- the watcher ---------------------------------------------------------------------------

    def take_over(self, url: str = "") -> None:
        """A new watcher with a lease of its own, as after a restart."""
        Chain.objects.filter(pk=self.chain.pk).update(lease_until=None)
        lease = leases.claim(self.chain.pk)
        assert lease is not None
        if url:
            endpoints.configure(CHAIN, name="Test chain", url=url)
        self.watcher = Watcher(leases.chain_of(lease), lease)
        self.source = Source(endpoints.adapter_for(self.watcher.chain), NATIVE)

    def follow(self) -> None:
        """Until there is nothing to do."""
        for _ in range(1000):
            if not self.watcher.step(self.source):
                return
        raise AssertionError("the watcher finds no end")

    # -- the theft -----------------------------------------------------------------------------

    def steal(self, amount: int = 100 * ETHER, *, by: str = THIEF) -> str:
        """The victim's ether moves, in a block of its own."""
        tx = self.send(VICTIM, by, amount)
        self.mine()
        return tx

    def trace(
        self, tx: str, incident: Incident | None = None, *, policy: PolicyName = PolicyName.FIFO
    ) -> Trace:
        """A person confirms the seeds."""
        room = incident or self.incident
        seat = Participation.objects.get(incident=room, organization=organization(self.cast.lead))
        actor = access.actor_of(seat, person(self.cast.lead))
        proposal = traces.propose(CHAIN, tx)
        chosen = [gain.key for gain in proposal.gains]
        return traces.start(
            room, proposal, chosen, actor=actor, marking=Marking.AMBER, policy=policy
        )

    def another_room(self) -> Incident:
        """A second incident of the same party."""
        lead = self.cast.lead
        return incidents.open_incident(
            "Another room", person=person(lead), organization=organization(lead)
        )

    # -- what came of it -----------------------------------------------------------------------

    def held(self, trace: Trace) -> dict[str, int]:
        """Stolen ether by address."""
        rows = Exposure.objects.filter(trace=trace, asset=NATIVE, tainted__gt=0)
        return {row.address: int(row.tainted) for row in rows}

    def lines(self, kind: str, incident: Incident | None = None) -> list[TimelineEntry]:
        """Lines of one kind that stand."""
        rows = TimelineEntry.objects.filter(
            incident=incident or self.incident, kind=kind, withdrawn_by__isnull=True
        )
        return list(rows.order_by("seq"))

    def canonical(self) -> list[tuple[int, str]]:
        """The applied blocks as they stand."""
        rows = Block.objects.filter(chain=self.chain).exclude(state=Block.State.ORPHANED)
        return [(row.number, row.hash) for row in rows.order_by("number")]

    def on_chain(self, first: int = 0) -> list[tuple[int, str]]:
        """The same as the node has it."""
        return [
            (number, str(self.node.call("eth_getBlockByNumber", hex(number), False)["hash"]))
            for number in range(first, self.height + 1)
        ]

    def check(self) -> None:
        """No gap, no double, and the rows are those of a fresh application."""
        assert self.canonical() == self.on_chain()
        assert gaps.look(self.chain) == []
        assert replay.differences(self.incident, CHAIN) == []


def found(node: Node, cast: Cast) -> Town:
    """A town on a fresh chain, with a room that was just opened."""
    node.call("anvil_reset")
    node.call("anvil_setNextBlockBaseFeePerGas", "0x0")
    node.call("anvil_autoImpersonateAccount", True)
    for rich in (VICTIM, STRANGER):
        node.call("anvil_setBalance", rich, hex(1_000_000 * ETHER))
    chain = endpoints.configure(
        CHAIN, name="Test chain", url=node.url, start=0, final_depth=FINAL_DEPTH
    )
    assert cast.exchange.organization
    exchange = directory.ensure_service(
        "big-exchange",
        "Big Exchange",
        kind=AccountKind.SERVICE,
        category="exchange",
        organization=cast.exchange.organization,
    )
    council = directory.ensure_service(
        "council", "Council", kind=AccountKind.CUSTODY, category="council"
    )
    directory.ensure_asset(chain, NATIVE, symbol="ETH", decimals=18, follow_threshold=1)
    for address, service in ((EXCHANGE, exchange), (COUNCIL, council)):
        directory.ensure_label(chain, address, service, source="test", dated=date(2026, 11, 21))
    return Town(node, chain, cast, exchange)
