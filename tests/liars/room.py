"""A room that follows the theft on the made-up chain, and a real watcher that is stepped by hand.

Imports the models: to be imported inside tests only.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from unittest.mock import patch

from incidents import access
from incidents.choices import Marking
from incidents.models import Incident, Participation
from tests.cast import make_cast, organization, person
from tests.liars import people
from tests.liars.chain import THEFT, World
from tests.liars.operators import Operator
from tests.liars.served import Served
from tests.liars.server import Server
from tracing.chains import evm_rpc, pool, pool_heads, registry
from tracing.chains.errors import ChainError
from tracing.chains.evm_commitments import NAMES
from tracing.core.policies import PolicyName
from tracing.core.types import AccountKind
from tracing.models import Chain, Endpoint
from tracing.services import directory, endpoints, traces
from tracing.watch import lease as leases
from tracing.watch import loop, verify
from tracing.watch.branch import TooDeepError
from tracing.watch.loop import Watcher
from tracing.watch.source import Source

COMMITMENTS = list(NAMES)
# Nobody here is far away: what takes longer than this will not come.
HURRY = pool.Pace(
    patience=0.05, review=0.25, state=0.25, again=0.01, first_rest=0.02, longest_rest=0.1
)
TIMEOUT = 0.6  # seconds for an answer
_numbers = itertools.count(1)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Time limits for nodes on this machine, so that a thousand schedules fit into minutes."""
    adapter_for = registry.adapter_for

    def quick(chain: str, url: str, *, commitments: Sequence[str] = (), **_: object) -> object:
        return adapter_for(chain, url, timeout=TIMEOUT, commitments=commitments)

    limits: list[tuple[object, str, object]] = [
        (registry, "adapter_for", quick),
        (pool, "Pace", lambda: HURRY),
        (pool_heads, "_AT_ONCE", 0.01),
        (loop, "BELOW_SECONDS", 0.0),
        (loop, "RECHECK_SECONDS", 0.1),
        (verify, "FIRST_PAUSE", 0.01),
        (verify, "LONGEST_PAUSE", 0.05),
        (verify, "QUIET_SECONDS", 0.05),
        (verify, "TRACES_PAUSE", 0.02),
        (verify, "LONGEST_TRACES_PAUSE", 0.1),
        (evm_rpc, "MAX_ANSWER", 2**21),
    ]
    with ExitStack() as stack:
        for module, name, value in limits:
            stack.enter_context(patch.object(module, name, value))
        yield


def open_room(server: Server) -> Incident:
    """The room, with the theft confirmed by a person. Nothing is applied yet."""
    world = World()
    server.operators["opening"] = Operator("opening", world, Served())
    chain = endpoints.configure(
        people.CHAIN, name="Made up", url=server.url("opening"), operator="opening", start=0
    )
    directory.ensure_asset(chain, people.NATIVE, symbol="ETH", decimals=18, follow_threshold=1)
    directory.ensure_asset(chain, people.TOKEN_ASSET, symbol="TKN", decimals=0, follow_threshold=1)
    exchange = directory.ensure_service(
        "big-exchange", "Big Exchange", kind=AccountKind.SERVICE, category="exchange"
    )
    directory.ensure_label(
        chain, people.EXCHANGE, exchange, source="test", dated=date(2026, 11, 21)
    )
    cast = make_cast()
    seat = Participation.objects.get(incident=cast.incident, organization=organization(cast.lead))
    actor = access.actor_of(seat, person(cast.lead))
    theft = world.head.line[THEFT].transactions[0]
    proposal = traces.propose(people.CHAIN, "0x" + theft.hash.hex())
    chosen = [gain.key for gain in proposal.gains]
    assert len(chosen) == 2  # ether and tokens
    traces.start(
        cast.incident,
        proposal,
        chosen,
        actor=actor,
        marking=Marking.AMBER,
        policy=PolicyName.FIFO,
    )
    return cast.incident


@dataclass(frozen=True)
class Terms:
    """How a chain is watched: ``quorum`` of ``operators``, each with its tracer."""

    tracers: tuple[str, ...] = ("flat", "nested", "flat")
    quorum: int = 2
    final_depth: int = 70
    commitments: tuple[str, ...] = tuple(COMMITMENTS)


class Watch:
    """One chain, its operators, and the watcher. Rows are those of the caller's transaction."""

    def __init__(self, server: Server, incident: Incident, world: World, terms: Terms) -> None:
        self.server, self.incident, self.world, self.terms = server, incident, world, terms
        self.served = Served()
        self.run = next(_numbers)
        self.chain = Chain.objects.get(caip2=people.CHAIN)
        self.operators = [
            Operator(f"op{place}", world, self.served, tracer)
            for place, tracer in enumerate(terms.tracers)
        ]
        server.operators = {self.path(one): one for one in self.operators}
        Chain.objects.filter(pk=self.chain.pk).update(
            quorum=terms.quorum,
            final_depth=terms.final_depth,
            commitments=list(terms.commitments),
        )
        Endpoint.objects.filter(chain=self.chain).delete()
        for one in self.operators:
            self.add_endpoint(one.name, self.path(one))
        self.errors: Counter[str] = Counter()
        self.watcher: Watcher | None = None
        self.source: Source | None = None

    def path(self, operator: Operator) -> str:
        """Where it answers: late questions of an earlier run find nobody."""
        return f"{operator.name}-{self.run}"

    def add_endpoint(self, operator: str, path: str) -> Endpoint:
        return Endpoint.objects.create(
            chain=self.chain, operator=operator, url=self.server.url(path)
        )

    def endpoint(self, operator: Operator) -> Endpoint:
        return Endpoint.objects.get(chain=self.chain, operator=operator.name)

    def row(self) -> Chain:
        """The chain's row as it is now."""
        return Chain.objects.get(pk=self.chain.pk)

    # -- the watcher -----------------------------------------------------------------------------

    def restart(self) -> None:
        """A new watcher under a new lease, with nothing in memory, as after a kill."""
        self.close()
        Chain.objects.filter(pk=self.chain.pk).update(lease_until=None)
        lease = leases.claim(self.chain.pk)
        assert lease is not None
        watcher = Watcher(leases.chain_of(lease), lease)
        try:
            source = Source(endpoints.adapter_for(watcher.chain), watcher.chain.native_asset)
        except ChainError as error:
            watcher.note(error)
            return
        self.watcher, self.source = watcher, source
        with self._noting():
            watcher._start(source)

    def step(self, times: int = 1) -> bool:
        """Like Watcher.run, one step at a time; False: there is nothing to do."""
        worked = False
        for _ in range(times):
            if self.watcher is None or self.source is None:
                self.restart()
            if self.watcher is None or self.source is None:
                return False
            worked = False
            with self._noting():
                worked = self.watcher.step(self.source)
        return worked

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """An error ends the run: it is noted, and the next step begins anew."""
        assert self.watcher is not None
        try:
            yield
        except (ChainError, TooDeepError) as error:
            self.watcher.note(error)
            self.errors[type(error).__name__] += 1
            self.close()

    def close(self) -> None:
        """The watcher is gone."""
        if self.source is not None:
            self.source.adapter.close()
        self.watcher = self.source = None
