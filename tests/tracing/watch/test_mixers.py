"""A pool in Tornado's shape, on a real node: the deposit ends the trail, withdrawals are leads."""

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.handmade import logs, program
from tracing.mixers.tornado_cash import DEPOSIT, WITHDRAWAL

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]

POOL, RELAYER, FRESH, OTHER = ("0x" + pair * 20 for pair in ("90", "4e", "f5", "f6"))
PAY_IN, PAY_OUT, PAY_OUT_BADLY = "0x00000001", "0x00000002", "0x00000003"
NOBODY = "0x" + "00" * 20
ETHER = 10**18


def paid_out(relayer: str = RELAYER, words: int = 3) -> str:
    """Sends one ether to the first argument and logs it as Tornado does."""
    call = f"5f5f5f5f67{ETHER:016x}6004355af150"
    topics = f"7f{relayer[2:].rjust(64, '0')}7f{WITHDRAWAL[2:]}"
    return f"{call}6004355f52{topics}60{32 * words:02x}5fa2"


@pytest.fixture
def pool(town: "Town") -> str:
    """One ether in, one ether out; a label makes it a mixer."""
    from tests.tracing.watch.town import STRANGER
    from tracing.core.types import AccountKind
    from tracing.services import directory

    answers = {
        PAY_IN: logs(DEPOSIT, "0x07", data=bytes(64)),
        PAY_OUT: paid_out(),
        PAY_OUT_BADLY: paid_out(words=2),
    }
    code = program({key: body + "00" for key, body in answers.items()}, "")
    town.node.call("anvil_setCode", POOL, code)
    mixer = directory.ensure_service(
        "tornado-cash", "Tornado Cash", kind=AccountKind.MIXER, category="mixer"
    )
    directory.ensure_label(town.chain, POOL, mixer, source="test", dated=date(2026, 11, 21))
    town.send(STRANGER, POOL, 10 * ETHER, PAY_IN)  # before the theft: what the pool pays out of
    town.mine()
    return POOL


def pay_in(town: "Town", *senders: str) -> None:
    """Each in a transaction of its own, in one block."""
    for sender in senders:
        town.send(sender, POOL, ETHER, PAY_IN)
    town.mine()


def pay_out(town: "Town", to: str, selector: str = PAY_OUT) -> None:
    town.send(RELAYER, POOL, 0, selector + to[2:].rjust(64, "0"))
    town.mine()


def stolen(town: "Town") -> "Trace":
    trace = town.trace(town.steal(5 * ETHER))
    town.follow()
    return trace


def found(trace: "Trace", kind: str = "mixer_withdrawal") -> list[tuple[str, int]]:
    from tracing.models import Lead

    rows = Lead.objects.filter(trace=trace, kind=kind).exclude(state="withdrawn").order_by("pk")
    return [(row.address, row.confidence) for row in rows]


def strip(town: "Town") -> Any:
    from incidents.access import SYSTEM
    from incidents.ports import money

    (one,) = money().strips(town.incident, SYSTEM)
    return one


def test_a_deposit_is_lost_to_view_and_withdrawals_are_leads(town: "Town", pool: str) -> None:
    from tests.tracing.watch.town import STRANGER, THIEF
    from tracing.models import Lead

    trace = stolen(town)
    pay_in(town, THIEF)
    pay_in(town, STRANGER)
    pay_out(town, FRESH)
    pay_out(town, STRANGER)
    town.follow()
    assert (strip(town).lost, strip(town).at_large) == (ETHER, 4 * ETHER)
    assert town.held(trace) == {THIEF: 4 * ETHER, POOL: ETHER}
    # half of the deposits 12, within the hour 15, a relayer 5, always 5; and 10 for who is new
    assert found(trace) == [(FRESH, 47), (STRANGER, 37)]
    told = [line.entry.content for line in town.lines("trace.mixer_withdrawal")]
    assert [(line["address"], line["confidence"]) for line in told] == found(trace)
    lead = Lead.objects.get(address=FRESH)
    assert lead.evidence["points"] == {
        "share of the deposits since": 12,
        "time since the last deposit": 15,
        "paid by a relayer": 5,
        "fresh recipient": 10,
    }
    assert (lead.evidence["pool"], lead.evidence["relayer"]) == (POOL, RELAYER)
    assert lead.evidence["other_deposits_since"] == 1
    town.check()


def test_a_dropped_withdrawal_is_a_lead_no_more(town: "Town", pool: str) -> None:
    from tests.tracing.watch.town import THIEF
    from tracing.models import PoolEvent

    trace = stolen(town)
    pay_in(town, THIEF)
    pay_out(town, FRESH)
    town.follow()
    assert found(trace) == [(FRESH, 60)]
    town.drop(1)
    town.mine(1)
    pay_out(town, OTHER)
    town.follow()
    assert found(trace) == [(OTHER, 60)]
    town.drop(3)
    town.mine(4)
    town.follow()
    assert found(trace) == []
    assert not PoolEvent.objects.exists()
    assert town.lines("trace.mixer_withdrawal") == []
    assert strip(town).lost == 0
    town.check()


def test_withdrawals_of_a_pool_that_took_nothing_stolen_are_no_leads(
    town: "Town", pool: str
) -> None:
    from tests.tracing.watch.town import STRANGER
    from tracing.models import PoolEvent

    trace = stolen(town)
    pay_in(town, STRANGER)
    pay_out(town, FRESH)
    town.follow()
    assert found(trace) == []
    assert not PoolEvent.objects.exists()


def test_a_recipient_that_the_trace_has_met_scores_higher(town: "Town", pool: str) -> None:
    from tests.tracing.watch.town import MULE, THIEF

    trace = stolen(town)
    town.send(THIEF, MULE, ETHER)
    pay_in(town, THIEF)
    pay_out(town, MULE)
    town.follow()
    assert found(trace) == [(MULE, 75)]
    assert town.held(trace)[MULE] == ETHER  # what came out of the mixer is not stolen value


def test_a_malicious_log_of_a_pool_stops_nothing(town: "Town", pool: str) -> None:
    from tests.tracing.watch.town import THIEF

    trace = stolen(town)
    pay_in(town, THIEF)
    pay_out(town, OTHER, PAY_OUT_BADLY)
    pay_out(town, FRESH)
    town.follow()
    assert [address for address, _ in found(trace)] == [FRESH]
    town.check()


def test_what_is_over_the_bound_is_counted_and_shown(
    town: "Town", pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import THIEF
    from tracing.models import Lead
    from tracing.watch import mixers

    monkeypatch.setattr(mixers, "MOST_LEADS", 2)
    trace = stolen(town)
    pay_in(town, THIEF)
    for number in range(5):
        pay_out(town, f"0x{0xF000 + number:040x}")
    town.follow()
    assert len(found(trace)) == 2
    (more,) = Lead.objects.filter(trace=trace, kind="work_bound", address=POOL)
    assert more.evidence["more"] == 3
    town.drop(2)
    town.mine(3)
    town.follow()
    more.refresh_from_db()
    assert more.evidence["more"] == 1


def test_a_past_deposit_gives_the_same_leads(town: "Town", pool: str) -> None:
    from tests.tracing.watch.town import THIEF

    tx = town.steal(5 * ETHER)
    first = town.trace(tx)
    pay_in(town, THIEF)
    pay_out(town, FRESH)
    town.follow()
    second = town.trace(tx, town.another_room())
    town.follow()
    assert found(first) == found(second) == [(FRESH, 60)]
    town.check()


def test_a_known_contract_is_a_mixer_without_a_label(town: "Town") -> None:
    from tracing.core.types import AccountKind
    from tracing.watch import directory

    trace = stolen(town)
    trace.chain.caip2 = "eip155:1"
    kinds = directory.load(town.chain).kinds(trace)
    assert kinds["0xa160cdab225685da1d56aa342ad8841c3b53f291"] is AccountKind.MIXER
