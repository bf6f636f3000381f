"""The money strip over several traces."""

import pytest

from incidents.access import SYSTEM
from incidents.choices import Marking
from incidents.ports import money
from incidents.services import answers, freezes
from incidents.services.freezes import TargetDraft
from tests.cast import make_cast
from tracing.core.state import account_to_row
from tracing.core.types import Account, AccountKind, Lot, Origin
from tracing.models import Exposure, Seed, Trace
from tracing.services import endpoints

CHAIN = "eip155:31337"
ETH = f"{CHAIN}/slip44:60"
DEPOSIT = "0x" + "d" * 40

pytestmark = pytest.mark.django_db


def test_two_traces_share_one_hold() -> None:
    cast = make_cast()
    chain = endpoints.configure(CHAIN, name="Test", url="http://localhost:1")
    for at in (1, 2):
        trace = Trace.objects.create(
            incident=cast.incident,
            chain=chain,
            start_number=at,
            cursor_number=at,
            marking=Marking.AMBER,
            owner=cast.lead.organization,
        )
        Seed.objects.create(
            trace=trace,
            key=f"s{at}",
            tx=f"0x{at}",
            block_number=at,
            receiver="x",
            asset=ETH,
            amount=100,
        )
        account = Account(AccountKind.SERVICE)
        account.lots.append(Lot(100, Origin(f"s{at}", ETH, 100)))
        Exposure.objects.create(
            trace=trace,
            chain=CHAIN,
            address=DEPOSIT,
            asset=ETH,
            kind=AccountKind.SERVICE,
            state=account_to_row(account),
            tainted=100,
            balance=100,
            first_block=at,
        )
    hold(cast, 130)
    (strip,) = money().strips(cast.incident, SYSTEM)
    assert (strip.stolen, strip.held, strip.at_large) == (200, 130, 70)


def hold(cast: object, amount: int) -> None:
    """The exchange says that it holds ``amount`` of what two requests ask for."""
    from tests.cast import Cast

    assert isinstance(cast, Cast)
    target = freezes.draft(
        cast.incident,
        TargetDraft(CHAIN, DEPOSIT, ETH, "ETH", 18, 200),
        desk_name="Big Exchange",
        desk_slug="big-exchange",
        desk=cast.exchange.organization,
        actor=cast.lead,
        marking=Marking.AMBER,
    )
    freezes.approve(target.request, actor=cast.lead)
    freezes.approve(target.request, actor=cast.rival)
    freezes.send(target.request, actor=cast.lead)
    answers.answer(target, "held", actor=cast.exchange, marking=Marking.AMBER, amount=amount)
