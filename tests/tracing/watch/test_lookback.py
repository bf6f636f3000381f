"""What passed through an address before: told by a history at once, read in every block after."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from incidents.choices import Marking
from tests.tracing.explorer import Explorer, Row, refusal, saying

if TYPE_CHECKING:
    from incidents.access import Actor
    from tests.tracing.watch.town import Town
    from tracing.models import Lookback

pytestmark = [pytest.mark.node, pytest.mark.django_db]
Line = tuple[int, str, int, str]


@pytest.fixture
def history(town: "Town") -> Iterator[Explorer]:
    """A history of the town's chain, which is asked at once and without pauses."""
    from tracing.services import histories

    explorer = Explorer(town.node)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracing.chains.evm_explorer_http.PACE", 0.0)
        histories.connect(town.chain, operator="explorer", url=explorer.url)
        yield explorer
    explorer.close()


def actor(town: "Town") -> "Actor":
    from incidents import access
    from incidents.models import Participation
    from tests.cast import organization, person

    seat = Participation.objects.get(
        incident=town.incident, organization=organization(town.cast.lead)
    )
    return access.actor_of(seat, person(town.cast.lead))


def past(town: "Town") -> None:
    """A theft and what became of it, applied live before anybody asks about anybody."""
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, STRANGER, THIEF

    town.steal()
    town.send(THIEF, MULE, 30 * ETHER)
    town.send(THIEF, MULE, 30 * ETHER)
    town.mine(3)
    town.send(MULE, EXCHANGE, 10 * ETHER)
    town.mine()
    town.send(STRANGER, MULE, ETHER)
    town.mine(6)
    town.follow()


def ask(town: "Town", address: str = "", first: int = 0) -> "Lookback":
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.services import lookbacks

    address = address or MULE
    return lookbacks.ask(
        town.incident, CHAIN, address, first, actor=actor(town), marking=Marking.AMBER
    )


def found(row: "Lookback") -> list[Line]:
    from tests.tracing.watch.town import ETHER
    from tracing.models import PastTransfer

    rows = PastTransfer.objects.filter(lookback=row).order_by("block_number", "pk")
    return [(one.block_number, one.kind, int(one.amount) // ETHER, one.standing) for one in rows]


EXPECTED = [(2, "native", 30), (2, "native", 30), (5, "native", 10), (6, "native", 1)]


def with_standing(standing: str) -> list[Line]:
    return [(*line, standing) for line in EXPECTED]


def test_the_blocks_alone_tell_it(town: "Town") -> None:
    past(town)
    row = ask(town)
    assert (row.cursor_number, row.target_number) == (-1, town.height)
    town.follow()
    row.refresh_from_db()
    assert row.is_done
    assert found(row) == with_standing("read")
    (asked,) = town.lines("lookback.asked")
    (done,) = town.lines("lookback.done")
    assert asked.marking == done.marking == Marking.AMBER
    assert done.entry.content["transfers"] == 4
    town.follow()
    assert len(town.lines("lookback.done")) == 1


def test_a_history_tells_the_same_before_any_block_was_read(
    town: "Town", history: Explorer
) -> None:
    from tracing.services import histories

    past(town)
    row = ask(town)
    assert histories.due() == [row.pk]
    assert histories.ask(row.pk)
    assert found(row) == with_standing("claimed")
    assert histories.due() == []
    town.follow()
    row.refresh_from_db()
    assert found(row) == with_standing("read")
    assert (row.history_operator, row.missed, row.denied) == ("explorer", 0, 0)
    assert "left out" not in town.lines("lookback.done")[0].entry.content.get("headline", "")


def test_a_history_that_left_something_out_or_made_it_up_is_found_out(
    town: "Town", history: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidents.services import timeline
    from tracing.services import histories

    past(town)
    row = ask(town)
    history.leaves_out = lambda action, told: told["blockNumber"] == "5"

    truth = history.records

    def invents(query: dict[str, str]) -> list[Row]:
        rows = truth(query)
        if query["action"] != "txlist":
            return rows
        return sorted(
            rows + [row | {"hash": "0x" + "ab" * 32} for row in rows if row["blockNumber"] == "6"],
            key=lambda row: int(row["blockNumber"]),
        )

    monkeypatch.setattr(history, "records", invents)
    assert histories.ask(row.pk)
    town.follow()
    row.refresh_from_db()
    lines = found(row)
    assert [line for line in lines if line[3] != "denied"] == with_standing("read")
    assert (row.missed, row.denied, len(lines)) == (1, 1, 5)
    said = timeline.event_of(town.lines("lookback.done")[0]).headline()
    assert "left out 1 and told 1 wrongly" in said


def test_of_a_history_that_fails_nothing_is_kept(town: "Town", history: Explorer) -> None:
    from tracing.models import Endpoint
    from tracing.services import histories

    past(town)
    row = ask(town)
    history.moods = [saying(503)]
    assert not histories.ask(row.pk)
    assert found(row) == []
    endpoint = Endpoint.objects.get(kind="history")
    assert endpoint.retry_at is not None
    assert histories.due() == []  # not before it is time again
    Endpoint.objects.filter(pk=endpoint.pk).update(retry_at=None)
    history.moods = [saying(refusal("NOTOK of its own, with secret-key"))]
    assert not histories.ask(row.pk)
    row.refresh_from_db()
    assert row.refusal == "the history refused to answer"
    assert histories.due() == []  # it cannot tell this one
    town.follow()
    assert found(row) == with_standing("read")


def test_blocks_that_were_read_before_the_history_answered_count(
    town: "Town", history: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.services import histories
    from tracing.watch import backfill

    past(town)
    row = ask(town)
    monkeypatch.setattr(backfill, "BATCH", 4)
    town.watcher.step(town.source)
    assert found(row) == [(*line, "read") for line in EXPECTED[:2]]
    history.leaves_out = lambda action, told: told["blockNumber"] == "2"
    assert histories.ask(row.pk)
    assert found(row) == [(*line, "read") for line in EXPECTED[:2]] + [
        (*line, "claimed") for line in EXPECTED[2:]
    ]
    town.follow()
    row.refresh_from_db()
    assert found(row) == with_standing("read")
    assert (row.missed, row.denied) == (0, 0)


def test_a_reorganisation_takes_back_what_was_read_and_told(
    town: "Town", history: Explorer
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, STRANGER
    from tracing.services import histories

    past(town)
    town.mine(2)
    town.send(STRANGER, MULE, 9 * ETHER)
    town.mine()
    town.follow()
    row = ask(town)
    assert histories.ask(row.pk)
    town.follow()
    assert found(row)[-1] == (town.height, "native", 9, "read")
    town.drop(1)
    town.send(STRANGER, MULE, 7 * ETHER)
    town.mine(2)
    town.follow()
    assert [line[2] for line in found(row)] == [30, 30, 10, 1, 7]
    assert {line[3] for line in found(row)} == {"read"}


def test_asking_again_brings_it_up_to_date(town: "Town", history: Explorer) -> None:
    from tests.tracing.watch.town import ETHER, MULE, STRANGER
    from tracing.services import histories

    past(town)
    row = ask(town)
    histories.ask(row.pk)
    town.follow()
    assert ask(town).pk == row.pk
    assert len(town.lines("lookback.asked")) == 1  # there was nothing new
    town.send(STRANGER, MULE, 9 * ETHER)
    town.mine()
    town.follow()
    again = ask(town, first=3)
    assert (again.pk, again.target_number) == (row.pk, town.height)
    assert histories.ask(row.pk)
    assert found(row) == [*with_standing("read"), (town.height, "native", 9, "claimed")]
    town.follow()
    assert found(row)[-1][3] == "read"
    assert len(town.lines("lookback.done")) == 2


def test_a_trace_and_a_lookback_share_the_blocks(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Trace
    from tracing.watch.source import Source

    past(town)
    stolen = str(town.node.call("eth_getBlockByNumber", "0x1", False)["transactions"][0])
    trace = town.trace(stolen)
    row = ask(town, THIEF, first=1)
    read: list[int] = []
    decoded = Source.decoded

    def counted(self: Source, raw: Any) -> Any:
        read.append(raw.head.number)
        return decoded(self, raw)

    monkeypatch.setattr(Source, "decoded", counted)
    town.follow()
    assert sorted(read) == list(range(1, town.height + 1))
    assert Trace.objects.get(pk=trace.pk).is_live
    assert town.held(trace)[MULE] == 50 * ETHER
    assert [line[:3] for line in found(row)] == [
        (1, "native", 100),
        (2, "native", 30),
        (2, "native", 30),
    ]


def test_a_far_seed_has_a_history_tell_where_it_went_first(
    town: "Town", history: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import MULE, THIEF
    from tracing.models import Lookback
    from tracing.services import histories, lookbacks

    past(town)
    stolen = str(town.node.call("eth_getBlockByNumber", "0x1", False)["transactions"][0])
    monkeypatch.setattr(lookbacks, "FAR", 5)
    trace = town.trace(stolen)
    row = Lookback.objects.get()
    assert (row.address, row.first_number, row.marking) == (THIEF, 1, trace.marking)
    assert histories.ask(row.pk)
    assert [line[3] for line in found(row)] == ["claimed"] * 3
    town.follow()
    assert [line[3] for line in found(row)] == ["read"] * 3
    assert MULE in town.held(trace)
    town.check()


def test_who_may_not_see_it_is_told_nothing(town: "Town") -> None:
    from incidents import access
    from incidents.models import Participation
    from incidents.ports import money
    from incidents.services.timeline import Audience
    from tests.cast import organization, person
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.services import lookbacks

    past(town)
    mine = Audience([organization(town.cast.lead).pk], None)
    lookbacks.ask(
        town.incident, CHAIN, MULE, 0, actor=actor(town), marking=Marking.AMBER, audience=mine
    )
    seat = Participation.objects.get(
        incident=town.incident, organization=organization(town.cast.rival)
    )
    rival = access.actor_of(seat, person(town.cast.rival))
    assert not lookbacks.seen_by(rival, town.incident).exists()
    assert money().watch_state(town.incident, rival).backfills == ()
    assert len(money().watch_state(town.incident, actor(town)).backfills) == 1
    town.follow()
    for line in town.lines("lookback.asked") + town.lines("lookback.done"):
        assert not access.visible(rival, type(line).objects.filter(pk=line.pk)).exists()


def test_what_does_not_fit_is_refused(town: "Town") -> None:
    from incidents.exceptions import BadInput, HoldfastError
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.services import lookbacks

    past(town)
    with pytest.raises(BadInput, match="Choose a block from 0 to"):
        ask(town, first=town.height + 1)
    with pytest.raises(HoldfastError):
        ask(town, "0x12")
    with pytest.raises(BadInput, match="not watched"):
        lookbacks.ask(town.incident, "eip155:5", MULE, 0, actor=actor(town), marking=Marking.AMBER)
    assert CHAIN not in [line.subject for line in town.lines("lookback.asked")]


def test_progress_and_result_are_shown(
    town: "Town", history: Explorer, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the address's page, in the room's strip and in the API; what is claimed is called so."""
    from incidents.ports import money
    from tests.cast import person
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.services import histories
    from tracing.watch import backfill

    past(town)
    client.force_login(person(town.cast.lead))
    page = f"/incidents/{town.incident.slug}/addresses/{CHAIN}/{MULE}/"
    asked = client.post(f"{page}lookback/", {"first": "2", "marking": Marking.AMBER})
    assert (asked.status_code, asked["Location"]) == (302, page)
    refused = client.post(f"{page}lookback/", {"first": "999999", "marking": Marking.AMBER})
    assert "Choose a block from 0 to" in refused.content.decode()
    (pk,) = histories.due()
    histories.ask(pk)
    monkeypatch.setattr(backfill, "BATCH", 3)
    town.watcher.step(town.source)
    (state,) = money().watch_state(town.incident, actor(town)).backfills
    assert (state.done, state.total, state.subject) == (
        3,
        town.height - 1,
        f"address:{CHAIN}:{MULE}",
    )
    shown = client.get(page).content.decode()
    assert f"block 3 of {town.height - 1}" in shown
    assert "explorer told of it, not verified" in shown
    assert shown.count("from a history, not verified") == 2
    api = f"/api/v1/incidents/{town.incident.slug}/addresses/{CHAIN}:{MULE}/lookbacks/"
    (told,) = client.get(api).json()
    assert [line["standing"] for line in told["transfers"]] == [
        "claimed",
        "claimed",
        "read",
        "read",
    ]
    town.follow()
    shown = client.get(page).content.decode()
    assert "Every block was read here; " in shown
    assert "not verified" not in shown.split("Its past")[1].split("</section>")[0]
    assert "secret-key" not in shown
