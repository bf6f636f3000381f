"""The page on which a person has stolen funds followed: a real node, a real transaction."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from config.embedded.node import Node
from incidents.choices import Marking

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CHAIN = "eip155:31337"
VICTIM, THIEF = "0x" + "a1" * 20, "0x" + "b0" * 20
STOLEN = 30765667501709008927568


@pytest.fixture
def cast(db: None) -> "Cast":
    from tests.cast import make_cast

    return make_cast()


@pytest.fixture
def theft(db: None, node: Node) -> str:
    """The hash of a transaction that moved the victim's ether, on a chain that is watched."""
    from tracing.services import endpoints

    endpoints.configure(CHAIN, name="Test chain", url=node.url)
    node.call("anvil_setBalance", VICTIM, hex(10 * STOLEN))
    node.call("anvil_impersonateAccount", VICTIM)
    moved = {"from": VICTIM, "to": THIEF, "value": hex(STOLEN), "gas": "0x5208", "gasPrice": "0x0"}
    sent: str = node.call("eth_sendTransaction", moved)
    node.call("evm_mine")
    return sent


def test_a_person_confirms_what_was_stolen_and_it_is_followed(
    cast: "Cast", client: Client, theft: str
) -> None:
    assert cast.lead.person
    client.force_login(cast.lead.person)
    page = reverse("trace_new", args=[cast.incident.slug])
    asked = {"chain": CHAIN, "tx": theft}
    proposal = client.post(page, asked)
    (gain,) = proposal.context["proposal"].gains
    assert (gain.address, gain.amount, gain.victim) == (THIEF, STOLEN, VICTIM)
    nothing = client.post(page, asked | {"confirm": "1", "marking": Marking.AMBER})
    assert list(nothing.context["seeds"].errors) == ["seeds"]
    confirmed = asked | {"confirm": "1", "marking": Marking.AMBER, "seeds": [gain.key]}
    started = client.post(page, confirmed, follow=True)
    shown = started.content.decode()
    assert "A trace was started" in shown
    assert '30,765<span class="frac">.667501709008927568</span>' in shown
    again = client.post(page, confirmed)
    assert "followed already" in str(again.context["seeds"].errors)


@pytest.mark.parametrize(
    ("tx", "reason"),
    [("0x12", "hash"), ("0x" + "00" * 32, "not known on this chain"), ("", "required")],
)
def test_a_wrong_transaction_is_refused_at_its_field(
    cast: "Cast", client: Client, theft: str, tx: str, reason: str
) -> None:
    assert cast.lead.person
    client.force_login(cast.lead.person)
    page = reverse("trace_new", args=[cast.incident.slug])
    refused = client.post(page, {"chain": CHAIN, "tx": tx})
    assert list(refused.context["form"].errors) == ["tx"]
    assert reason in str(refused.context["form"].errors["tx"])


def test_only_who_may_trace_has_the_page(cast: "Cast", client: Client) -> None:
    page = reverse("trace_new", args=[cast.incident.slug])
    codes = {}
    for role, person in cast.people.items():
        client.force_login(person)
        codes[role] = client.get(page).status_code
    assert codes == {
        "lead": 200,
        "colleague": 200,
        "rival": 200,
        "analyst": 200,
        "coordinator": 200,
        "exchange": 403,
        "issuer": 403,
        "law": 403,
        "white_hat": 403,
        "invited": 302,
        "outsider": 404,
    }
