"""Opening a trace: seeds proposed from a transaction, confirmed by a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import Incident
from incidents.ports import AssetName
from incidents.services import timeline
from incidents.services.timeline import EVERYONE, Audience
from tracing import events
from tracing.chains.base import ChainAdapter
from tracing.chains.errors import ChainError
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.core.policies import CONSERVING, VERSIONS, PolicyName
from tracing.core.types import SINKS, Movement, MovementKind
from tracing.models import Chain, Seed, Trace
from tracing.models.trace import STANDS
from tracing.services import assets, endpoints, lookbacks, names

MOST_LINES = 300
Nets = dict[tuple[str, str], int]  # (address, asset) -> change in base units


@dataclass(frozen=True)
class Loss:
    """What one address lost, net, in the transaction."""

    address: str
    asset: str
    symbol: str
    decimals: int
    amount: int


@dataclass(frozen=True)
class Gain:
    """What one address gained, net: a seed to confirm."""

    address: str
    asset: str
    symbol: str
    decimals: int
    amount: int
    victim: str  # the largest loser of the same asset; "" when it was minted

    @property
    def key(self) -> str:
        return f"{self.address}/{self.asset}"


@dataclass(frozen=True)
class Proposal:
    """The seeds that a transaction suggests. Nothing is followed before a person confirms."""

    chain: str
    tx: str
    block_number: int
    losses: list[Loss]
    gains: list[Gain]
    is_partial: bool = False  # without traces, what moved inside of contracts is not seen
    left_out: int = 0  # losses and gains beyond MOST_LINES of each

    @property
    def likely(self) -> list[str]:
        """Keys to offer as chosen: gains of what somebody lost. Where nobody lost anything, what
        was minted is the theft."""
        lost = [gain.key for gain in self.gains if gain.victim]
        return lost or [gain.key for gain in self.gains]


def chain_named(caip2: str) -> Chain:
    """A watched chain.

    :raises BadInput: unknown, or not watched here.
    """
    row = Chain.objects.filter(caip2=caip2, is_watched=True).first()
    if row is None:
        raise BadInput(f"{caip2} is not watched here.", field="chain")
    return row


def propose(caip2: str, tx: str) -> Proposal:
    """Net loss per victim and net gain per receiver of one transaction. Reads the chain.

    :raises BadInput: the hash is malformed, the transaction unknown, failed or without movements.
    :raises WrongState: the endpoint does not answer now, or serves another chain.
    """
    chain = chain_named(caip2)
    try:
        tx = caip.parse_tx_hash(caip2, tx.strip())
    except InvalidIdentifier as error:
        raise BadInput(error.message, field="tx") from error
    try:
        with closing(endpoints.adapter_for(chain)) as adapter:
            adapter.check_chain()
            number, movements, is_partial = _find(adapter, tx)
            net, left_out = _cut(_nets(movements))
            if not net:
                failed = adapter.has_failed(tx)
                reason = "failed: it moved nothing" if failed else "moved nothing"
                raise BadInput(f"This transaction {reason}.", field="tx")
            named = assets.read_names(chain, adapter, (asset for _, asset in net))
    except ChainError as error:
        reason = f"The endpoint of {chain.name} gives no usable answer ({error}). Try again."
        raise WrongState(reason, field="chain") from error
    losses, gains = _lines(net, named)
    return Proposal(caip2, tx, number, losses, gains, is_partial, left_out)


def _find(adapter: ChainAdapter, tx: str) -> tuple[int, list[Movement], bool]:
    """The block of a mined transaction, what it moved (fees are no part of a theft), and whether
    internal value is missing in that.

    :raises BadInput: not known, or in no block yet.
    """
    number = adapter.block_of(tx)
    if number is None:
        reason = "This transaction is not known on this chain, or is in no block yet."
        raise BadInput(reason, field="tx")
    raw = adapter.read_block(number)
    found = (t.movements for t in adapter.decode(raw).transactions if t.tx == tx)
    moved = [m for m in next(found, ()) if m.kind is not MovementKind.FEE]
    return number, moved, raw.traces is None


def _nets(movements: Iterable[Movement]) -> Nets:
    """Net changes per address and asset, in the order of the transaction; without zeros."""
    net: Nets = defaultdict(int)
    for movement in movements:
        if movement.frm is not None:
            net[movement.frm, movement.asset] -= movement.amount
        if movement.to is not None:
            net[movement.to, movement.asset] += movement.amount
    return {place: amount for place, amount in net.items() if amount}


def _cut(net: Nets) -> tuple[Nets, int]:
    """At most MOST_LINES losses and as many gains, and how many were left out.

    Assets with few lines stay: a token that is sprayed over thousands of addresses goes first.
    """
    lines = Counter(asset for _, asset in net)
    kept: set[tuple[str, str]] = set()
    for is_gain in (False, True):
        side = [place for place, amount in net.items() if (amount > 0) == is_gain]
        kept |= set(sorted(side, key=lambda place: lines[place[1]])[:MOST_LINES])
    return {place: net[place] for place in net if place in kept}, len(net) - len(kept)


def _lines(net: Nets, named: Mapping[str, AssetName]) -> tuple[list[Loss], list[Gain]]:
    """Losses and gains as people read them: by asset, the largest first."""
    ordered = sorted(net.items(), key=lambda line: (line[0][1], -abs(line[1]), line[0][0]))
    losses = [
        Loss(address, asset, named[asset].symbol, named[asset].decimals, -amount)
        for (address, asset), amount in ordered
        if amount < 0
    ]
    victims: dict[str, str] = {}
    for loss in losses:
        victims.setdefault(loss.asset, loss.address)
    gains = [
        Gain(
            address,
            asset,
            named[asset].symbol,
            named[asset].decimals,
            amount,
            victims.get(asset, ""),
        )
        for (address, asset), amount in ordered
        if amount > 0
    ]
    return losses, gains


@scope.trusted
@transaction.atomic
def start(
    incident: Incident,
    proposal: Proposal,
    chosen: Iterable[str],
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
    policy: PolicyName = PolicyName.FIFO,
) -> Trace:
    """Follow the chosen gains (their keys) from the block of the theft on, under one policy.

    :raises BadInput: nothing was chosen, a key that the proposal does not have, a receiver whose
        label says that nothing is followed from there, or a policy that conserves nothing.
    :raises WrongState: the same loss is followed already: it would count twice.
    """
    access.require(actor, incident, Act.TRACE)
    timeline.check_marking(marking, audience)
    confirmed = _confirmed(proposal, chosen)
    if policy not in CONSERVING:
        raise BadInput(f"{policy} adds up to nothing: choose another.", field="policy")
    chain = chain_named(proposal.chain)
    _check_labels(incident, chain, confirmed)
    audience = timeline.reach(actor, audience)
    timeline.lock(incident)
    # A trace that is hidden from the actor does not count: meeting it would tell that it is there.
    in_view = access.visible(actor, Trace.objects.filter(incident=incident))
    _check_new(in_view, proposal.tx, confirmed)
    trace = Trace.objects.create(
        incident=incident,
        chain=chain,
        start_number=proposal.block_number,
        cursor_number=proposal.block_number - 1,
        policy=policy,
        policy_version=VERSIONS[policy],
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
    )
    Seed.objects.bulk_create(_seed(trace, proposal, gain) for gain in confirmed)
    assets.note(chain, {g.asset: AssetName(g.symbol, g.decimals) for g in confirmed})
    event = events.TraceStarted(
        trace=str(trace.public_id),
        chain=proposal.chain,
        policy=trace.policy_version,
        seeds=[
            {
                "tx": proposal.tx,
                "receiver": gain.address,
                "victim": gain.victim,
                "asset": gain.asset,
                "symbol": gain.symbol,
                "decimals": gain.decimals,
                "amount": str(gain.amount),
            }
            for gain in confirmed
        ],
    )
    timeline.record(incident, event, actor=actor, marking=marking, audience=audience)
    lookbacks.at_seeds(trace, [gain.address for gain in confirmed], actor=actor, audience=audience)
    return trace


def _check_new(traces: QuerySet[Trace], tx: str, confirmed: Iterable[Gain]) -> None:
    """What one receiver gained in one transaction is followed once; others may be added later.

    :raises WrongState: one of these is a seed of these traces.
    """
    rows = Seed.objects.filter(trace__in=traces, tx=tx)
    followed = set(rows.values_list("receiver", "asset"))
    for gain in confirmed:
        if (gain.address, gain.asset) in followed:
            raise WrongState(f"What {gain.address} gained in it is followed already.")


def _confirmed(proposal: Proposal, chosen: Iterable[str]) -> list[Gain]:
    """The gains of these keys, each once.

    :raises BadInput: nothing was chosen, or a key that the proposal does not have.
    """
    offered = {gain.key: gain for gain in proposal.gains}
    keys = list(dict.fromkeys(chosen))
    if not keys:
        raise BadInput("Choose at least one seed.", field="seeds")
    unknown = [key for key in keys if key not in offered]
    if unknown:
        raise BadInput(f"Not part of this transaction: {unknown[0]}", field="seeds")
    return [offered[key] for key in keys]


def _check_labels(incident: Incident, chain: Chain, confirmed: Iterable[Gain]) -> None:
    """Whether value can be followed from where it was received.

    :raises BadInput: a label that every party may know makes a receiver a sink.
    """
    receivers = [gain.address for gain in confirmed]
    kinds = names.kinds(chain.caip2, access.EVERY_PARTY, incident, receivers)
    for address in receivers:
        kind = kinds.get(address)
        if kind in SINKS:
            label = names.labels(chain.caip2, access.EVERY_PARTY, incident, receivers).get(address)
            service = label.service.name if label and label.service else kind
            raise BadInput(
                f"{address} is labelled {service} ({kind}), where value mixes with that of others: "
                "it cannot be followed from there. Leave it out, or correct the label first.",
                field="seeds",
            )


def _seed(trace: Trace, proposal: Proposal, gain: Gain) -> Seed:
    return Seed(
        trace=trace,
        key=f"{proposal.tx}/{gain.key}",
        tx=proposal.tx,
        block_number=proposal.block_number,
        victim=gain.victim,
        receiver=gain.address,
        asset=gain.asset,
        amount=gain.amount,
    )


def seen_by(viewer: Actor, incident: Incident) -> QuerySet[Trace]:
    """The traces of an incident that the viewer may see, with their seeds, oldest first."""
    rows = access.visible(viewer, Trace.scoped.filter(STANDS, incident=incident))
    return (
        rows.select_related("chain", "owner", "incident", "crossing")
        .prefetch_related("seeds")
        .order_by("pk")
    )


def get(viewer: Actor, incident: Incident, public_id: UUID | str) -> Trace:
    """One trace of an incident.

    :raises NotFound: absent or hidden.
    """
    row = seen_by(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def follows(incident: Incident, tx: str) -> bool:
    """Whether a transaction is among the seeds of this incident."""
    return Seed.objects.filter(trace__incident=incident, tx=tx).exists()
