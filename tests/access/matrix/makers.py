"""How each kind of thing comes to lie in the database."""

from __future__ import annotations

import hashlib
from functools import cache

from django.utils import timezone

from incidents import events
from incidents.access import Actor
from incidents.models import (
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    Organization,
    SignOff,
    Statement,
    TrackedAddress,
)
from incidents.services import timeline
from incidents.services.timeline import Audience
from tests import factories
from tests.access.matrix.things import Kind, Maker, Shared, Thing, new_canary, new_tx, with_canary
from tests.factories import CHAIN, TOKEN
from tracing.models import (
    Block,
    Chain,
    Crossing,
    FlowTable,
    Hop,
    Label,
    Lead,
    Lookback,
    Seed,
    Trace,
)
from tracing.services import flow_tables

PLACE = factories.ADDRESS  # where everything about an address is said


def note(shared: Shared) -> Thing:
    canary = new_canary()
    party = shared.party
    line = timeline.record(
        shared.incident,
        events.NotePosted(text=canary, about=f"address:{CHAIN}:{PLACE}"),
        actor=Actor(party.chief, party.organization, None),
        marking=shared.marking,
        audience=Audience(shared.parties, shared.people),
    )
    return shared.thing(Kind.NOTE, canary, line, ids={"entry_id": str(line.public_id)})


def address(shared: Shared, **more: object) -> Thing:
    canary = new_canary()
    row = TrackedAddress.objects.create(
        incident=shared.incident,
        chain=CHAIN,
        address=f"0x{canary[1:]}{'0' * 8}",
        label=canary,
        **shared.columns,
        **more,
    )
    ids = {"account": row.caip10, "chain": CHAIN, "address": row.address}
    return shared.thing(Kind.ADDRESS, canary, row, ids=ids)


def return_address(shared: Shared) -> Thing:
    """Proposed by its party, and waiting for another one's word."""
    return address(shared, role="return", first_by=shared.party.chief)


def freeze(shared: Shared, desk: Organization, state: str = "sent", **more: object) -> Thing:
    canary = new_canary()
    row = FreezeRequest.objects.create(
        incident=shared.incident,
        reference=f"HF-{canary[:12]}",
        desk_name=canary,
        desk_slug="desk",
        desk=desk,
        state=state,
        sent_at=timezone.now() if state == "sent" else None,
        **shared.columns,
        **more,
    )
    target = FreezeTarget.objects.create(
        request=row,
        chain=CHAIN,
        address=PLACE,
        asset=TOKEN,
        symbol="RSX",
        decimals=18,
        requested=1000,
        state="sent" if state == "sent" else "draft",
    )
    ids = {"public_id": str(row.public_id), "target_id": str(target.public_id)}
    return shared.thing(Kind.FREEZE, canary, target, ids=ids, desk=desk.pk, is_sent=state == "sent")


def answer(shared: Shared, host: Thing) -> Thing:
    canary = new_canary()
    row = FreezeAnswer.objects.create(
        target=host.row, outcome="acknowledged", text=canary, **shared.columns
    )
    return shared.thing(Kind.ANSWER, canary, row, within=(host,), ids=host.ids)


def statement(shared: Shared, kind: Kind = Kind.STATEMENT, **more: object) -> Thing:
    canary = new_canary()
    row = Statement.objects.create(
        incident=shared.incident,
        title=canary,
        text=f"{canary} happened.",
        digest=hashlib.sha256(f"{canary}\n{canary} happened.".encode()).hexdigest(),
        **shared.columns,
        **more,
    )
    return shared.thing(kind, canary, row, ids={"public_id": str(row.public_id)})


def publication(shared: Shared) -> Thing:
    """Published, whatever its marking says: only TLP:CLEAR may come out of the house."""
    return statement(shared, Kind.PUBLICATION, state="published", published_at=timezone.now())


def signed_statement(shared: Shared, signers: list[tuple[Organization, object]]) -> Thing:
    """With the word of every party that has to stand behind it."""
    made = statement(shared)
    for organization, person in signers:
        SignOff.objects.create(
            statement=made.row,
            organization=organization,
            person=person,
            position="signed",
            digest=made.row.digest,
        )
    return made


def chain() -> Chain:
    """The chain of all of it. Nobody watches it."""
    row, _ = Chain.objects.get_or_create(
        caip2=CHAIN,
        defaults={"name": "Test", "native_asset": f"{CHAIN}/slip44:60", "is_watched": False},
    )
    return row


def block() -> Block:
    """The block in which everything moved."""
    row, _ = Block.objects.get_or_create(
        chain=chain(),
        hash="0x" + "b1" * 32,
        defaults={"number": 1, "parent_hash": "0x", "timestamp": timezone.now()},
    )
    return row


def trace(shared: Shared) -> Thing:
    """Its canary is what was stolen: the only text that a trace has."""
    canary = factories.address(int(new_canary()[1:], 16))
    row = Trace.objects.create(
        incident=shared.incident,
        chain=chain(),
        start_number=1,
        cursor_number=1,
        is_live=True,
        **shared.columns,
    )
    Seed.objects.create(
        trace=row,
        key=f"{canary}:0",
        tx=new_tx(),
        block_number=1,
        receiver=canary,
        asset=TOKEN,
        amount=1000,
    )
    ids = {"trace_id": str(row.public_id), "public_id": str(row.public_id)}
    return shared.thing(Kind.TRACE, str(row.public_id), row, ids=ids)


def host_trace(shared: Shared) -> Thing:
    """A trace with the stolen value at the place, so that there is something to account for."""
    who = Actor(shared.party.chief, shared.party.organization, None)
    row = factories.trace(shared.incident, who, marking=shared.marking)
    Trace.objects.filter(pk=row.pk).update(
        **{name: value for name, value in shared.columns.items() if name.startswith("audience")}
    )
    ids = {"trace_id": str(row.public_id), "public_id": str(row.public_id)}
    return shared.thing(Kind.TRACE, str(row.public_id), row, ids=ids)


def lead(of: Thing, kind: str = "hub") -> Thing:
    canary = new_canary()
    row = Lead.objects.create(
        trace=of.row,
        kind=kind,
        key=canary,
        confidence=70,
        chain=CHAIN,
        address=PLACE,
        evidence={"what": canary},
    )
    return with_canary(of, Kind.LEAD, canary, row=row, ids={"public_id": str(row.public_id)})


def crossing(of: Thing, state: str = "probable") -> Thing:
    tx = new_tx()
    row = Crossing.objects.create(
        trace=of.row,
        key=tx,
        bridge="across",
        state=state,
        confidence=70,
        block=block(),
        tx=tx,
        from_address=PLACE,
        escrow_address=PLACE,
        asset=TOKEN,
        amount=10,
        far_chain=CHAIN,
        far_address=PLACE,
        far_asset=TOKEN,
        far_amount=10,
        far_tx="0x" + "fa" * 32,
        far_block_number=1,
        far_block_hash="0x" + "b1" * 32,
    )
    return with_canary(of, Kind.CROSSING, tx, row=row, ids={"public_id": str(row.public_id)})


def hop(of: Thing) -> Thing:
    tx = new_tx()
    Hop.objects.create(
        trace=of.row,
        block=block(),
        key=f"{tx}:0",
        kind="seed",
        tx=tx,
        position=0,
        to_address=PLACE,
        to_asset=TOKEN,
        amount_from=0,
        amount_to=10,
        seed_key="seed",
        origin_asset=TOKEN,
        origin_amount=10,
        depth=0,
    )
    return with_canary(of, Kind.HOP, tx)


@cache
def flow_result() -> dict[str, object]:
    """What a policy makes of one row, as the service computes it."""
    content = f"from,to,amount,block\n{PLACE},{factories.address(9)},12.5,1\n".encode()
    asked = flow_tables.Asked("Flows", content, sources=PLACE, terminals=factories.address(9))
    understood = flow_tables.understand(Trace(chain=chain(), pk=0), asked)
    return dict(understood.result or {})


def flow(shared: Shared, host: Thing) -> Thing:
    canary = new_canary()
    row = FlowTable.objects.create(
        trace=host.row,
        name=canary,
        layout="plain",
        sha256="0" * 64,
        unit="usd",
        decimals=2,
        row_count=1,
        policy="fifo",
        policy_version="fifo-2",
        result=flow_result(),
        **shared.columns,
    )
    ids = {"trace_id": host.ids["trace_id"], "table_id": str(row.public_id)}
    return shared.thing(Kind.FLOW, canary, row, within=(host,), ids=ids)


def label(shared: Shared) -> Thing:
    canary = new_canary()
    row = Label.objects.create(
        incident=shared.incident,
        chain=chain(),
        address=PLACE,
        name=canary,
        category="scam",
        source=f"the word of {shared.party.organization.slug}",
        dated=timezone.now().date(),
        confidence="confirmed",
        **shared.columns,
    )
    return shared.thing(Kind.LABEL, canary, row)


def lookback(shared: Shared) -> Thing:
    canary = new_canary()
    row = Lookback.objects.create(
        incident=shared.incident,
        chain=chain(),
        address=PLACE,
        first_number=1,
        target_number=9,
        cursor_number=9,
        history_operator=canary,
        **shared.columns,
    )
    return shared.thing(Kind.LOOKBACK, canary, row)


ALONE: tuple[Maker, ...] = (address, statement, publication, label, lookback, note)
