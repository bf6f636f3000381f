"""What is kept of endpoints: which are asked, how they are, why one is in quarantine, who frees."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node
from tests.tracing.chains.pools import Crowd, crowd_of, richer

if TYPE_CHECKING:
    from tracing.models import Chain, Endpoint

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CHAIN = "eip155:31337"
KEY = "c4n4ry-key"


@pytest.fixture
def crowd(node: Node) -> Iterator[Crowd]:
    with crowd_of(node, 3) as crowd:
        yield crowd


@pytest.fixture
def chain(crowd: Crowd) -> "Chain":
    """A chain of three operators, two of whom must agree."""
    from tracing.services import endpoints

    for name, liar in zip("abc", crowd.liars, strict=True):
        url = f"{liar.url}/v2/{KEY}"
        found = endpoints.configure(CHAIN, name="Test chain", url=url, operator=name)
    endpoints.set_quorum(found, 2)
    found.commitments = ["transactions", "receipts", "senders"]
    found.save(update_fields=["commitments"])
    return found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are written at each good moment, not every two seconds."""
    from tracing.services import endpoint_health

    monkeypatch.setattr(endpoint_health, "WRITE_EVERY", 0.0)


def row(operator: str) -> "Endpoint":
    from tracing.models import Endpoint

    return Endpoint.objects.get(operator=operator)


def test_enabled_endpoints_that_are_in_no_quarantine_are_asked(chain: "Chain") -> None:
    from tracing.chains.errors import RetryableChainError
    from tracing.models import Endpoint
    from tracing.services import endpoints

    Endpoint.objects.create(chain=chain, operator="d", kind=Endpoint.Kind.HISTORY, url="http://h")
    assert [m.operator for m in endpoints.adapter_for(chain).members] == ["a", "b", "c"]
    Endpoint.objects.filter(operator="a").update(is_enabled=False)
    Endpoint.objects.filter(operator="b").update(state=Endpoint.State.QUARANTINED)
    pool = endpoints.adapter_for(chain)
    assert [m.operator for m in pool.members] == ["c"]
    assert pool.quorum == 2  # never lowered because there are fewer
    Endpoint.objects.filter(operator="c").update(is_enabled=False)
    with pytest.raises(RetryableChainError, match="quarantine"):
        endpoints.adapter_for(chain)
    assert KEY not in repr(pool)


def test_health_is_kept_and_taken_up_again(chain: "Chain", crowd: Crowd) -> None:
    from tracing.services import endpoints

    number = crowd.pay()
    crowd.liars[2].status = 503
    pool = endpoints.adapter_for(chain)
    pool.heads()
    pool.read_block(number)
    pool.close()
    good, bad = row("a"), row("c")
    assert good.latency_ms is not None
    assert (good.head_number, good.errors_in_row, good.last_error) == (number, 0, "")
    assert good.learnt["traces"] == "trace_block"
    assert bad.errors_in_row >= 1
    assert (bad.last_error, bad.answered_at) == ("the endpoint answered HTTP 503", None)
    members = {m.operator: m for m in endpoints.adapter_for(chain).members}
    assert members["c"].errors == bad.errors_in_row
    assert members["a"].traces == "trace_block"

    crowd.liars[2].honest()
    pool = endpoints.adapter_for(chain)
    for member in pool.members:
        member.rest_until = 0.0
    pool.heads()
    pool.close()
    assert (row("c").errors_in_row, row("c").last_error, row("c").retry_at) == (0, "", None)


def test_health_is_written_seldom(
    chain: "Chain", crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.services import endpoint_health, endpoints

    monkeypatch.setattr(endpoint_health, "WRITE_EVERY", 60.0)
    number = crowd.pay()
    pool = endpoints.adapter_for(chain)
    pool.head()
    pool.read_block(number)
    assert row("a").latency_ms is None


def test_who_contradicts_a_quorum_is_in_quarantine_with_the_evidence(
    chain: "Chain", crowd: Crowd
) -> None:
    from tests.tracing.chains.test_pool import wait_for
    from tracing.models import Endpoint, Quarantine
    from tracing.services import endpoints

    number = crowd.pay()
    crowd.liars[0].lies["eth_getBlockByNumber"] = richer
    crowd.liars[0].lies["eth_getBlockByHash"] = richer
    pool = endpoints.adapter_for(chain)
    agreement = pool.read_block(number).agreement
    assert agreement is not None
    assert agreement.operators == ("b", "c")
    wait_for(lambda: any(member.is_quarantined for member in pool.members))
    pool.head()  # a good moment to write
    assert row("a").state == Endpoint.State.QUARANTINED
    kept = Quarantine.objects.get()
    assert (kept.endpoint, kept.number) == (row("a"), number)
    assert kept.claimed != kept.computed
    assert kept.answer.startswith("{")
    assert KEY not in f"{kept.kind}{kept.claimed}{kept.computed}{kept.answer}{row('a').last_error}"
    assert [m.operator for m in endpoints.adapter_for(chain).members] == ["b", "c"]


def test_a_person_frees_an_endpoint_and_the_evidence_stays(chain: "Chain") -> None:
    from incidents.exceptions import BadInput, WrongState
    from tracing.chains.quorum import Contradiction
    from tracing.models import Endpoint, Quarantine
    from tracing.services import endpoint_health, endpoints

    liar = row("a")
    health = endpoint_health.Health({liar.pk: liar})
    with pytest.raises(WrongState):
        endpoint_health.lift_quarantine(liar, "Ada", "It was repaired.")
    said = f"see {liar.url} or {KEY}"
    for _ in range(2):  # once is kept
        health.contradicted(liar.pk, Contradiction("header-hash", 7, said, "0x1", said))
    health.settle()
    kept = Quarantine.objects.get()
    assert KEY not in f"{kept.claimed}{kept.answer}"
    assert kept.claimed.startswith("see [endpoint]")
    endpoints.configure(CHAIN, name="Test chain", url="http://127.0.0.1:1", operator="a")
    assert row("a").state == Endpoint.State.QUARANTINED  # another address frees nobody

    for person, reason in (("", "It was repaired."), ("Ada", " ")):
        with pytest.raises(BadInput):
            endpoint_health.lift_quarantine(liar, person, reason)
    endpoint_health.lift_quarantine(liar, "Ada", "It was repaired.")
    kept = Quarantine.objects.get()
    assert (kept.lifted_by, kept.reason) == ("Ada", "It was repaired.")
    assert kept.lifted_at is not None
    assert row("a").state == Endpoint.State.ACTIVE
    assert "a" in [m.operator for m in endpoints.adapter_for(chain).members]
