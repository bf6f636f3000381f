"""A trace that is marked anew takes along what the machine made of it, and nothing of another."""

import pytest

from incidents import access
from incidents.access import SYSTEM, Actor
from incidents.models import FreezeRequest, TrackedAddress
from incidents.ports import money
from incidents.serialized import entry_json
from incidents.services import attackers, freezes, markings
from incidents.services.freezes import TargetDraft
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization
from tests.factories import AMBER, CHAIN, TOKEN
from tracing import events
from tracing.core.state import account_to_row
from tracing.core.types import Account
from tracing.models import Block, Crossing, Exposure, Finding, Trace
from tracing.services import traces
from tracing.watch import poster

pytestmark = pytest.mark.django_db

NEAR, FAR, DESK, BOTH = (factories.address(number) for number in range(50, 54))


def leg_of(trace: Trace) -> Trace:
    """What came out on the far side of a bridge: a trace of its own, with the mark of the first."""
    crossing = Crossing.objects.create(
        trace=trace,
        key="crossing",
        bridge="across",
        state=Crossing.State.CERTAIN,
        block=Block.objects.get(),
        tx="0x",
        from_address=NEAR,
        escrow_address=NEAR,
        asset=TOKEN,
        amount=1,
    )
    marked = {name: getattr(trace, name) for name in ("incident", "chain", "owner", "marking")}
    return Trace.objects.create(start_number=1, cursor_number=1, crossing=crossing, **marked)


def found_at(trace: Trace, at: str, key: str) -> None:
    """The machine follows value to an address: a line, a candidate, an account."""
    event = events.FundsMoved(
        chain=CHAIN,
        block=1,
        block_hash="0x",
        tx="0x",
        asset=TOKEN,
        symbol="RSX",
        decimals=18,
        amount="5",
        from_address=factories.address(6),
        to_address=at,
    )
    Finding.objects.create(
        trace=trace,
        incident=trace.incident,
        key=key,
        kind="trace.funds_moved",
        payload=event.content(),
        block_number=1,
        block_hash="0x",
    )
    Exposure.objects.create(
        trace=trace,
        chain=CHAIN,
        address=at,
        asset=TOKEN,
        kind="followed",
        state=account_to_row(Account()),
        first_block=1,
    )
    assert poster.post_all(trace.incident_id) == 1


def drafted(trace: Trace, key: str, desk: str) -> FreezeRequest:
    """A request that the machine drafted for what arrived at a desk."""
    hop = {"tx": "0x" + "ab" * 32, "to": DESK, "amount": "5"}
    target = TargetDraft(CHAIN, DESK, TOKEN, "RSX", 18, 5, f"{trace.pk}:{key}", [hop])
    return freezes.draft(
        trace.incident,
        target,
        desk_name=desk,
        desk_slug="desk",
        desk=None,
        actor=SYSTEM,
        marking=AMBER,
        owner=trace.owner,
    ).request


def seen(viewer: Actor, cast: Cast) -> dict[str, object]:
    """Everything of traces that somebody meets."""
    lines = [entry_json(line) for line in access.entries(viewer, cast.incident)]
    return {
        "traces": traces.seen_by(viewer, cast.incident).count(),
        "addresses": set(access.addresses(viewer, cast.incident).values_list("address", flat=True)),
        "desks": set(access.freezes(viewer, cast.incident).values_list("desk_name", flat=True)),
        "lines": {at for at in (NEAR, FAR, DESK, BOTH) if at in str(lines)},
        "stolen": [strip.stolen for strip in money().strips(cast.incident, viewer)],
    }


NOTHING = {"traces": 0, "addresses": set(), "desks": set(), "lines": set(), "stolen": []}


def test_what_the_machine_made_of_a_trace_follows_its_marking(cast: Cast) -> None:
    trace = factories.trace(cast.incident, cast.lead)
    leg = leg_of(trace)
    found_at(trace, NEAR, "near")
    found_at(leg, FAR, "far")
    drafted(trace, "arrival", "Far Exchange")
    drafted(leg, "beyond", "Leg Exchange")
    before = {role: seen(viewer, cast) for role, viewer in cast.actors.items()}
    assert before["analyst"] == before["lead"]
    assert before["lead"]["traces"] == 2
    assert before["lead"]["addresses"] == before["lead"]["lines"] - {DESK} == {NEAR, FAR}

    named = Audience(organizations=[organization(cast.rival).pk])
    markings.remark(trace, AMBER, actor=cast.lead, audience=named)
    for role, viewer in cast.actors.items():
        knows = role in ("lead", "colleague", "rival")
        assert seen(viewer, cast) == (before[role] if knows else NOTHING), role
    # What it finds from now on is told to the same.
    late = factories.address(55)
    found_at(leg, late, "late")
    assert seen(cast.analyst, cast) == NOTHING
    assert late in str(seen(cast.rival, cast)["addresses"])

    markings.remark(trace, AMBER, actor=cast.lead, reason="Our desks must know.")
    for role, viewer in cast.actors.items():
        assert seen(viewer, cast)["traces"] == 2, role
        assert late in str(seen(viewer, cast)["addresses"]), role


def test_what_rests_on_another_trace_too(cast: Cast) -> None:
    """Candidates stay where the other trace shows them; evidence of the narrowed one does not."""
    trace, other = (factories.trace(cast.incident, cast.lead) for _ in range(2))
    for one, key in ((trace, "first"), (other, "second")):
        found_at(one, BOTH, key)
        request = drafted(one, key, "Far Exchange")
    assert request.targets.get().evidence.keys() == {f"{trace.pk}:first", f"{other.pk}:second"}
    alone = Audience(organizations=[organization(cast.lead).pk])
    markings.remark(trace, AMBER, actor=cast.lead, audience=alone)
    shown = seen(cast.analyst, cast)
    assert (shown["traces"], shown["addresses"], shown["desks"]) == (1, {BOTH}, set())
    markings.remark(trace, AMBER, actor=cast.lead, reason="Yes.")
    request.refresh_from_db()
    assert request.audience_organizations == [organization(cast.lead).pk]  # its owner widens it


def test_what_a_person_stands_behind_stays_theirs(cast: Cast) -> None:
    trace = factories.trace(cast.incident, cast.lead)
    found_at(trace, NEAR, "near")
    attackers.call(TrackedAddress.objects.get(), "It received it.", actor=cast.rival)
    signed = freezes.approve(drafted(trace, "arrival", "Far Exchange"), actor=cast.rival)
    alone = Audience(organizations=[organization(cast.lead).pk])
    markings.remark(trace, AMBER, actor=cast.lead, audience=alone)
    shown = seen(cast.analyst, cast)
    assert (shown["traces"], shown["addresses"]) == (0, {NEAR})
    assert access.get_freeze(cast.analyst, cast.incident, signed.public_id)
