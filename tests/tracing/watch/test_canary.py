"""A key in an endpoint's URL is in no log, page, answer, export, command or row but its own."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import redis
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from config.embedded import ports
from config.embedded.node import Node
from tests.tracing.watch.canary import (
    CANARY,
    FOUND_IN,
    Parrot,
    Written,
    chain_of,
    columns_with_it,
    everything_written,
    holds,
    url_of,
)

if TYPE_CHECKING:
    from incidents.models import Person
    from tests.tracing.watch.town import Town
    from tracing.models import Endpoint

pytestmark = [pytest.mark.node, pytest.mark.django_db]

MOODS = ("redirect", "garbage", "401", "429", "500", "error", "wrong chain", "forged", "honest")
# Nobody signs what the town sends.
CHECKED = ["header", "receipts", "withdrawals"]


@pytest.fixture
def parrot(node: Node) -> Iterator[Parrot]:
    found = Parrot(node.url)
    yield found
    found.close()


@pytest.fixture
def written() -> Iterator[Written]:
    with everything_written() as found:
        yield found


def pointed(town: "Town", port: int, **changes: Any) -> "Endpoint":
    """The town's chain is asked of this port alone, with the canary in the URLs."""
    from tracing.models import Endpoint

    Endpoint.objects.filter(chain=town.chain).delete()
    return Endpoint.objects.create(
        chain=town.chain,
        operator="alpha",
        url=url_of(port),
        ws_url=url_of(port, "ws"),
        **changes,
    )


def watched(town: "Town") -> None:
    """One run of the watcher by its task, as a worker has it."""
    from tests.tracing.watch.town import MULE, THIEF
    from tracing import tasks
    from tracing.models import Chain

    town.send(THIEF, MULE, 1)
    town.mine()
    Chain.objects.filter(pk=town.chain.pk).update(lease_until=None, retry_at=None)
    tasks.watch_chain.apply(args=(town.chain.pk,), throw=False)


@pytest.fixture
def endured(
    town: "Town", parrot: Parrot, written: Written, monkeypatch: pytest.MonkeyPatch
) -> "Town":
    """A room whose chain was watched through endpoints of every kind, and one that was caught."""
    from tracing.models import Chain, Endpoint, Quarantine
    from tracing.watch import turn

    monkeypatch.setattr(turn, "RUN_SECONDS", 1.0)
    town.trace(town.steal())
    town.follow()
    Chain.objects.filter(pk=town.chain.pk).update(commitments=CHECKED)
    town.watcher.lease.release()
    reached = set()
    for mood in MOODS:
        parrot.mood = mood
        row = pointed(town, parrot.port)
        watched(town)
        row.refresh_from_db()
        reached.add((mood, row.state, bool(row.last_error)))
    assert ("forged", "quarantined", True) in reached
    assert ("honest", "active", False) in reached
    assert parrot.sockets
    assert len([one for one in reached if one[2]]) >= 6
    pointed(town, ports.any_free())
    watched(town)
    # For what follows: one that fails, one in quarantine with its evidence.
    parrot.mood = "forged"
    beside = {"chain": town.chain, "url": url_of(parrot.port), "ws_url": url_of(parrot.port, "ws")}
    Endpoint.objects.create(operator="beta", **beside)
    watched(town)
    assert Endpoint.objects.get(operator="beta").state == "quarantined"
    # The evidence is kept, though the endpoint had put its own address between the lines of it.
    assert all("0x" in row.answer for row in Quarantine.objects.filter(kind="header-hash"))
    return town


def test_no_log_no_row_and_no_message_to_a_broker_holds_it(
    endured: "Town", written: Written, redis_url: str
) -> None:
    from django.contrib.sessions.models import Session

    assert len(written.lines) > 20
    assert written.leaks == []
    assert columns_with_it() == FOUND_IN
    assert [row.pk for row in Session.objects.all() if holds(row.get_decoded())] == []
    broker = redis.from_url(redis_url)
    kept = [broker.dump(key) for key in broker.scan_iter()]
    broker.close()
    assert [one for one in kept if one and holds(one)] == []


def people(town: "Town") -> "dict[str, Person | None]":
    """Everybody of the room, an administrator of the installation, and nobody."""
    from incidents.models import Person

    runs = Person.objects.create_user("ada@example.org", "Ada", is_administrator=True)
    return {**town.cast.people, "administrator": runs, "nobody": None}


def pages(town: "Town") -> list[str]:
    from tracing.models import Endpoint, Trace

    slug, trace = town.incident.slug, Trace.objects.filter(incident=town.incident).get()
    chain = town.chain.caip2
    thief = "0x" + "b0" * 20
    found = [
        reverse(name)
        for name in ("incidents", "watch", "chain_new", "tokens", "schema", "mfa_list_webauthn")
    ]
    found += [
        reverse(name, args=[slug])
        for name in ("room", "addresses", "traces", "leads", "trace_new", "status_edit", "terms")
    ]
    found += [
        reverse("trace", args=[slug, trace.public_id]),
        reverse("address", args=[slug, chain, thief]),
        reverse("provenance", args=[slug, trace.public_id, chain, thief]),
        *(
            reverse("provenance_export", args=[slug, trace.public_id, chain, thief, export])
            for export in ("csv", "json")
        ),
        reverse("chain", args=[chain]),
        reverse("endpoint_new", args=[chain]),
        *(reverse("endpoint_change", args=[chain, row.pk]) for row in Endpoint.objects.all()),
        f"/{CANARY[:5]}/nowhere/",
    ]
    return found


def answers(town: "Town") -> list[str]:
    """Every GET of the API that needs no more than the room, its trace and an address."""
    from tests.access.test_matrix import MATRIX
    from tracing.models import Trace

    trace = Trace.objects.filter(incident=town.incident).get()
    parts = {
        "<slug:slug>": town.incident.slug,
        "<uuid:trace_id>": str(trace.public_id),
        "<str:account>": f"{town.chain.caip2}:0x" + "b0" * 20,
    }
    found = []
    for method, path in MATRIX:
        for part, value in parts.items():
            path = path.replace(part, value)
        if method == "GET" and "<" not in path:
            found.append(f"/api/v1/{path}")
    assert len(found) > 12
    return found


def test_no_page_and_no_answer_shows_it_to_anybody(
    endured: "Town", written: Written, settings: Any
) -> None:
    settings.METRICS_TOKEN = "x" * 30
    leaking, shown = [], 0
    for who, person in people(endured).items():
        client = Client(raise_request_exception=False)
        if person is not None:
            client.force_login(person)
        for page in [*pages(endured), *answers(endured)]:
            answer = client.get(page)
            assert answer.status_code < 500, page
            shown += answer.status_code == 200
            if holds(answer.content.decode()) or holds(answer.headers):
                leaking.append((who, page))
    assert shown > 100
    figures = Client().get("/metrics", headers={"Authorization": "Bearer " + "x" * 30})
    assert b"holdfast_endpoint_quarantined" in figures.content
    assert not holds(figures.content.decode())
    assert leaking == []
    assert written.leaks == []


def test_no_form_sends_it_back(endured: "Town", parrot: Parrot, written: Written) -> None:
    from tracing.models import Endpoint

    client = Client()
    client.force_login(people(endured)["administrator"])  # type: ignore[arg-type]
    chain = endured.chain.caip2
    pk = Endpoint.objects.get(operator="beta").pk
    for page in (
        reverse("endpoint_new", args=[chain]),
        reverse("endpoint_change", args=[chain, pk]),
    ):
        for mood in ("redirect", "garbage", "error", "wrong chain"):
            parrot.mood = mood
            sent = {"operator": f"new {mood}", "kind": "rpc", "url": url_of(parrot.port)}
            for changes in ({}, {"ws_url": url_of(1)}, {"url": f"x{url_of(1)}"}):
                answer = client.post(page, sent | changes, follow=True)
                assert not holds(answer.content.decode()), (page, mood)
    assert written.leaks == []
    assert columns_with_it() == FOUND_IN


def test_no_command_says_it(endured: "Town", parrot: Parrot, written: Written) -> None:
    chain, url = endured.chain.caip2, url_of(parrot.port)
    told = []
    for mood in ("garbage", "error", "forged", "honest"):
        parrot.mood = mood
        for command in (
            ["watch_chain", chain, "--name=Town", f"--url={url}", "--operator=gamma"],
            ["add_chain", "scroll", f"--endpoint=gamma={url}"],
            ["verify_chain", chain, "--deep"],
            ["verify_ledger"],
        ):
            told += said_by(*command)
    assert len(told) >= 4 * 4 * 2
    assert [text for text in told if holds(text)] == []
    assert written.leaks == []
    assert columns_with_it() == FOUND_IN


def said_by(*command: str) -> list[str]:
    """Both streams of a command, and its error as a shell would show it with --traceback."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*command, stdout=out, stderr=err)
    except (CommandError, SystemExit) as error:
        return [out.getvalue(), err.getvalue(), *all_of(error)]
    return [out.getvalue(), err.getvalue()]


def all_of(error: BaseException) -> list[str]:
    """Its traceback, and every exception behind it with its arguments."""
    shown = "".join(traceback.format_exception(error))
    return [shown, *(f"{one!r} {one} {one.args!r}" for one in chain_of(error))]


@pytest.mark.parametrize("mood", MOODS[:-1])
def test_no_exception_carries_it(town: "Town", parrot: Parrot, written: Written, mood: str) -> None:
    from tracing.chains.errors import ChainError
    from tracing.chains.registry import adapter_for
    from tracing.models import Chain
    from tracing.services import endpoints

    Chain.objects.filter(pk=town.chain.pk).update(commitments=CHECKED)
    town.chain.refresh_from_db()
    pointed(town, parrot.port)
    parrot.mood = mood
    pool = endpoints.adapter_for(town.chain)
    alone = adapter_for(town.chain.caip2, url_of(parrot.port), commitments=CHECKED)
    assert alone is not None
    asked: list[Callable[[], object]] = [
        *(lambda one=one: one.check_chain() for one in (pool, alone)),
        *(lambda one=one: one.read_block(1) for one in (pool, alone)),
        *(lambda one=one: one.head() for one in (pool, alone)),
    ]
    town.mine()
    raised = []
    for ask in asked:
        try:
            ask()
        except ChainError as error:
            raised.append(error)
    assert raised
    assert [text for error in raised for text in all_of(error) if holds(text)] == []
    assert not any(holds(repr(one)) for one in (pool, alone))
    assert written.leaks == []


def test_a_leak_would_be_found(town: "Town", written: Written) -> None:
    """The twin of all of the above: it is where it belongs, and each of these looks sees it."""
    from tracing.models import Chain

    assert columns_with_it() == set()
    row = pointed(town, 1)
    assert columns_with_it() == FOUND_IN
    Chain.objects.filter(pk=town.chain.pk).update(last_error=f"{row.url} is down")
    assert columns_with_it() == {*FOUND_IN, ("tracing_chain", "last_error")}
    client = Client()
    client.force_login(town.cast.people["lead"])
    assert holds(client.get(reverse("watch")).content.decode())

    logger = logging.getLogger("a.library")
    logger.debug("POST %s", row.url)
    assert len(written.leaks) == 1
    hidden = RuntimeError("the request failed")
    hidden.__context__, hidden.__suppress_context__ = ValueError(row.url), True
    logger.error("it failed", exc_info=hidden)
    assert len(written.leaks) == 1  # "from None" hides it from a log, and not from `all_of`
    assert any(holds(text) for text in all_of(hidden))
    logger.error("it failed", exc_info=ValueError(row.url))
    assert len(written.leaks) == 2
