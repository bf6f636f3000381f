"""What a viewer may not know of a trace falls back to at large; nothing else betrays it."""

from collections import deque
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from incidents import access
from incidents.access import EVERY_PARTY, SYSTEM, Actor
from incidents.choices import Marking
from incidents.exceptions import WrongState
from incidents.models import Organization
from incidents.ports import Strip, money
from incidents.serialized import strip_json
from incidents.services import addresses, statements
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CHAIN, RED, TOKEN
from tracing import events
from tracing.core.state import account_to_row
from tracing.core.types import Account, AccountKind, Lot, Origin
from tracing.mixers import contracts
from tracing.models import (
    Block,
    Chain,
    Exposure,
    Finding,
    Label,
    Seed,
    Service,
    Trace,
    Transfer,
)
from tracing.services import movements, traces
from tracing.services.traces import Gain, Proposal
from tracing.watch import directory, poster

pytestmark = pytest.mark.django_db

POOL = factories.address(9)
STOLEN, SPOT, FIRST = 1000, factories.address(7), factories.address(8)
KINDS = [k for k in AccountKind if k not in {AccountKind.FOLLOWED, AccountKind.FEE}]


@pytest.fixture
def chain(db: None) -> Chain:
    row, _ = Chain.objects.get_or_create(
        caip2=CHAIN, defaults={"name": "Test", "native_symbol": "ETH", "native_asset": "x"}
    )
    return row


def trace_of(cast: Cast, chain: Chain, kind: AccountKind, **marked: Any) -> Trace:
    """A trace whose whole theft lies at SPOT, kept as ``kind``."""
    marked.setdefault("marking", AMBER)
    row = Trace.objects.create(
        incident=cast.incident, chain=chain, start_number=1, cursor_number=5, **marked
    )
    Seed.objects.create(
        trace=row, key="s", tx="0x", block_number=1, receiver=FIRST, asset=TOKEN, amount=STOLEN
    )
    lots = deque([Lot(STOLEN, Origin("s", TOKEN, STOLEN), None, 1)])
    Exposure.objects.create(
        trace=row,
        chain=CHAIN,
        address=SPOT,
        asset=TOKEN,
        kind=kind,
        state=account_to_row(Account(kind, lots)),
        tainted=STOLEN,
        first_block=1,
    )
    return row


def label(chain: Chain, kind: AccountKind, **marked: Any) -> Label:
    service = Service.objects.create(slug="s", name="Secret place", kind=kind, category="exchange")
    return Label.objects.create(
        chain=chain, address=SPOT, service=service, source="t", dated=date(2026, 1, 1), **marked
    )


def strip(cast: Cast, viewer: Actor) -> Strip:
    (found,) = money().strips(cast.incident, viewer)
    parts = (found.at_large, found.held, found.frozen, found.recovered, found.lost)
    assert sum(parts) == found.stolen == STOLEN
    return found


def kind(cast: Cast, viewer: Actor) -> str:
    (found,) = money().exposures(cast.incident, viewer, [(CHAIN, SPOT)])[CHAIN, SPOT]
    return found.kind


def only(to: Organization) -> dict[str, Any]:
    return {"marking": AMBER, "owner": to, "audience_organizations": [to.pk]}


@pytest.mark.parametrize("stored", KINDS)
def test_kept_kind_does_not_betray_a_label_that_is_hidden(
    cast: Cast, chain: Chain, stored: AccountKind
) -> None:
    trace_of(cast, chain, stored)
    label(chain, stored, **only(organization(cast.analyst)))
    plain = strip(cast, cast.lead)
    assert (plain.at_large, plain.at_services, plain.in_crossing) == (STOLEN, 0, 0)
    assert kind(cast, cast.lead) == AccountKind.FOLLOWED
    assert kind(cast, cast.analyst) == stored
    assert strip_json(strip(cast, cast.analyst)) == strip_json(strip(cast, SYSTEM))


def test_a_hidden_label_changes_nothing_that_something_else_explains(
    cast: Cast, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the money strip of everybody would tell that a party said something of an address."""
    trace_of(cast, chain, AccountKind.SERVICE)
    monkeypatch.setattr(contracts, "of_chain", lambda _: {POOL: None})
    Exposure.objects.create(
        trace=Trace.objects.get(),
        chain=CHAIN,
        address=POOL,
        asset=TOKEN,
        kind=AccountKind.MIXER,
        state=account_to_row(Account(AccountKind.MIXER)),
        first_block=1,
    )
    label(chain, AccountKind.SERVICE, marking=Marking.GREEN)
    other = Service.objects.create(slug="o", name="Other", kind=AccountKind.MIXER, category="mixer")
    said = {"chain": chain, "source": "u", "dated": date(2026, 1, 1)}
    Label.objects.create(address=SPOT, service=other, marking=Marking.GREEN, **said)

    def shown() -> list[str]:
        places = [(CHAIN, SPOT), (CHAIN, POOL)]
        held = money().exposures(cast.incident, cast.lead, places)
        return [held[place][0].kind for place in places]

    before = shown()
    assert before == [AccountKind.SERVICE, AccountKind.MIXER]
    hidden = only(organization(cast.analyst)) | {"incident": cast.incident}
    for address in (SPOT, POOL):
        Label.objects.create(
            address=address, service=other, confidence=Label.Confidence.CONFIRMED, **said, **hidden
        )
        addresses.accept_return(
            addresses.propose_return(
                cast.incident, CHAIN, address, actor=hide(cast), marking=AMBER
            ),
            actor=cast.coordinator,
        )
    assert shown() == before
    assert kind(cast, cast.analyst) == AccountKind.MIXER


def hide(cast: Cast) -> Actor:
    """The rival, sitting there confidentially."""
    cast.rival.participation.is_confidential = True  # type: ignore[union-attr]
    return cast.rival


def test_a_label_for_everybody_explains_the_value_to_everybody(cast: Cast, chain: Chain) -> None:
    trace_of(cast, chain, AccountKind.SERVICE)
    label(chain, AccountKind.SERVICE, marking=Marking.GREEN)
    for viewer in (*cast.actors.values(), EVERY_PARTY):
        assert strip(cast, viewer).at_services == STOLEN
        assert kind(cast, viewer) == AccountKind.SERVICE


def test_return_address_of_a_confidential_party_does_not_show(cast: Cast, chain: Chain) -> None:
    trace_of(cast, chain, AccountKind.RETURN)
    cast.lead.participation.is_confidential = True  # type: ignore[union-attr]
    row = addresses.propose_return(cast.incident, CHAIN, SPOT, actor=cast.lead, marking=AMBER)
    addresses.accept_return(row, actor=cast.coordinator)
    assert strip(cast, cast.coordinator).recovered == STOLEN
    assert strip(cast, cast.rival).at_large == STOLEN
    assert kind(cast, cast.rival) == AccountKind.FOLLOWED


def test_the_watcher_stops_at_labels_that_every_party_may_know(cast: Cast, chain: Chain) -> None:
    trace = trace_of(cast, chain, AccountKind.FOLLOWED)
    row = label(chain, AccountKind.MIXER, **only(organization(cast.analyst)))
    assert SPOT not in directory.load(chain).kinds(trace)
    Label.objects.filter(pk=row.pk).update(marking=Marking.GREEN, audience_organizations=None)
    assert directory.load(chain).kinds(trace)[SPOT] is AccountKind.MIXER


def test_publishing_tells_only_what_every_party_sees(cast: Cast, chain: Chain) -> None:
    label(chain, AccountKind.MIXER, **only(organization(cast.lead)))
    trace_of(cast, chain, AccountKind.MIXER)
    shown = statements.publish_status(cast.incident, "identified", actor=cast.lead).figures[TOKEN]
    assert (shown["at_large"], shown["lost"]) == (str(STOLEN), "0")
    Label.objects.update(audience_organizations=None)
    shown = statements.publish_status(cast.incident, "identified", actor=cast.lead).figures[TOKEN]
    assert (shown["at_large"], shown["lost"]) == ("0", str(STOLEN))


def test_watch_state_says_nothing_of_hidden_traces(cast: Cast, chain: Chain) -> None:
    trace = trace_of(
        cast,
        chain,
        AccountKind.FOLLOWED,
        marking=RED,
        author=person(cast.lead),
        audience_people=[person(cast.lead).pk],
    )
    Finding.objects.create(
        trace=trace,
        incident=cast.incident,
        key="k",
        kind="trace.funds_moved",
        payload={},
        block_number=1,
        block_hash="0x",
        state=Finding.State.PARKED,
    )
    seen = money().watch_state(cast.incident, cast.lead)
    assert ([c.caip2 for c in seen.chains], seen.parked_findings) == ([CHAIN], 1)
    hidden = money().watch_state(cast.incident, cast.rival)
    assert (hidden.chains, hidden.parked_findings, hidden.behind) == ((), 0, 0)
    assert money().strips(cast.incident, cast.rival) == []


def test_chains_of_a_room_keep_their_order(cast: Cast, chain: Chain) -> None:
    first = Chain.objects.create(
        caip2="eip155:2", name="A chain", native_asset="eip155:2/slip44:60"
    )
    for one in (chain, first):
        trace_of(cast, one, AccountKind.FOLLOWED)
    seen = money().watch_state(cast.incident, cast.lead)
    assert [c.caip2 for c in seen.chains] == ["eip155:2", CHAIN]


def test_movements_of_traces_out_of_view_are_not_listed(cast: Cast, chain: Chain) -> None:
    block = Block.objects.create(
        chain=chain, number=3, hash="0x03", parent_hash="0x02", timestamp=timezone.now()
    )
    Transfer.objects.create(
        block=block, tx="0xaa", position=1, kind="native", asset=TOKEN, to_address=SPOT, amount=5
    )
    trace = trace_of(cast, chain, AccountKind.FOLLOWED, **only(organization(cast.lead)))

    def listed(viewer: Actor) -> int:
        return len(movements.transfers(viewer, cast.incident, chain, SPOT, limit=9))

    assert (listed(cast.lead), listed(cast.rival)) == (1, 0)
    # A trace of the rival's own on the same chain opens no window on the other's.
    elsewhere = trace_of(cast, chain, AccountKind.FOLLOWED)
    Exposure.objects.filter(trace=elsewhere).update(address=factories.address(8))
    assert (listed(cast.lead), listed(cast.rival)) == (1, 0)
    Trace.objects.filter(pk=trace.pk).update(audience_organizations=None)
    assert listed(cast.rival) == 1


def test_narrow_trace_does_not_swallow_what_the_open_one_finds(cast: Cast, chain: Chain) -> None:
    narrow = trace_of(cast, chain, AccountKind.FOLLOWED, **only(organization(cast.lead)))
    Chain.objects.filter(pk=chain.pk).update(is_watched=True)
    gain = Gain(SPOT, TOKEN, "RSX", 18, STOLEN, "")
    proposal = Proposal(CHAIN, "0x", 1, [], [gain])
    Seed.objects.update(key=f"0x/{gain.key}", tx="0x", receiver=SPOT, asset=TOKEN)
    with pytest.raises(WrongState):
        traces.start(cast.incident, proposal, [gain.key], actor=cast.lead, marking=AMBER)
    openly = traces.start(cast.incident, proposal, [gain.key], actor=cast.rival, marking=AMBER)
    for trace in (narrow, openly):
        Finding.objects.create(
            trace=trace,
            incident=cast.incident,
            key="the same",
            kind="trace.funds_moved",
            payload=moved(),
            block_number=1,
            block_hash="0x",
        )
    assert poster.post_all(cast.incident.pk) == 2

    def told(viewer: Actor) -> int:
        return access.entries(viewer, cast.incident).filter(kind="trace.funds_moved").count()

    assert (told(cast.rival), told(cast.lead)) == (1, 2)
    # Whoever sees both counts what was stolen once.
    assert strip(cast, cast.lead).stolen == strip(cast, cast.rival).stolen == STOLEN


def moved() -> dict[str, Any]:
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
        to_address=SPOT,
    )
    return event.content()
