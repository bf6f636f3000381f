"""The page on which a person has stolen funds followed: a real node, a real transaction."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from config.embedded import ports
from config.embedded.node import Node, NodeOptions
from incidents.choices import Marking
from tests import onchain

if TYPE_CHECKING:
    from tests.cast import Cast
    from tracing.services.traces import Proposal

pytestmark = [pytest.mark.node, pytest.mark.django_db]

CHAIN = "eip155:31337"
VICTIM, THIEF = "0x" + "a1" * 20, "0x" + "b0" * 20
REFUSER = "0x" + "c0" * 20
STOLEN = 30765667501709008927568
HOSTILE = "<img src=x>\u202eETH"


@pytest.fixture
def theft(db: None, node: Node) -> str:
    """The hash of a transaction that moved the victim's ether, on a chain that is watched."""
    from tracing.services import endpoints

    endpoints.configure(CHAIN, name="Test chain", url=node.url)
    return onchain.send(node, onchain.take_over(node, VICTIM), THIEF, value=STOLEN)


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
    shown = proposal.content.decode()
    assert f'value="{gain.key}" checked' in shown
    assert f'<option value="{Marking.AMBER}" selected>' in shown
    nothing = client.post(page, asked | {"confirm": "1", "marking": Marking.AMBER})
    assert list(nothing.context["seeds"].errors) == ["seeds"]
    confirmed = asked | {"confirm": "1", "marking": Marking.AMBER, "seeds": [gain.key]}
    started = client.post(page, confirmed, follow=True)
    shown = started.content.decode()
    assert "A trace was started" in shown
    assert "Follow more" in shown
    assert '30,765<span class="frac">.667501709008927568</span>' in shown
    again = client.post(page, confirmed)
    assert "followed already" in str(again.context["seeds"].errors)


@pytest.mark.parametrize(
    ("tx", "reason"),
    [
        ("0x12", "hash"),
        ("<script>", "hash"),
        ("0x" + "00" * 32, "not known on this chain"),
        ("", "required"),
    ],
)
def test_a_wrong_transaction_is_refused_at_its_field(
    cast: "Cast", client: Client, theft: str, tx: str, reason: str
) -> None:
    errors = refused(cast, client, CHAIN, tx)
    assert list(errors) == ["tx"]
    assert reason in errors["tx"]


def refused(cast: "Cast", client: Client, chain: str, tx: str) -> dict[str, str]:
    """What the form says, by field."""
    assert cast.lead.person
    client.force_login(cast.lead.person)
    page = client.post(reverse("trace_new", args=[cast.incident.slug]), {"chain": chain, "tx": tx})
    assert page.context["proposal"] is None
    assert "Who gained" not in page.content.decode()
    return {name: str(said) for name, said in page.context["form"].errors.items()}


def test_a_transaction_without_value_says_whether_it_failed(
    cast: "Cast", client: Client, theft: str, node: Node
) -> None:
    nothing = onchain.send(node, VICTIM, THIEF)
    assert "moved nothing" in refused(cast, client, CHAIN, nothing)["tx"]
    node.call("anvil_setCode", REFUSER, "0x5f5ffd")  # reverts whatever comes
    failed = onchain.send(node, VICTIM, REFUSER, value=1)
    assert "failed: it moved nothing" in refused(cast, client, CHAIN, failed)["tx"]


def test_a_transaction_that_waits_for_a_block_is_not_known_yet(
    cast: "Cast", client: Client, theft: str, node: Node
) -> None:
    move = {"from": VICTIM, "to": THIEF, "value": "0x1"}
    waiting = node.call("eth_sendTransaction", move)
    assert "in no block yet" in refused(cast, client, CHAIN, waiting)["tx"]
    node.call("anvil_dropTransaction", waiting)


def test_a_chain_that_nobody_watches_is_refused_at_its_field(
    cast: "Cast", client: Client, theft: str
) -> None:
    errors = refused(cast, client, "eip155:1", theft)
    assert list(errors) == ["chain"]
    assert "eip155:1 is not watched here" in errors["chain"]


def test_a_node_that_is_down_or_another_is_said_at_the_chain(
    cast: "Cast", client: Client, theft: str, start_a_node: Callable[..., Node]
) -> None:
    from tracing.services import endpoints

    other = start_a_node(NodeOptions(chain_id=137))
    nowhere = f"http://127.0.0.1:{ports.any_free()}"
    for url, reason in ((nowhere, "cannot be reached"), (other.url, "serves eip155:137")):
        endpoints.configure(CHAIN, name="Test chain", url=url)
        errors = refused(cast, client, CHAIN, theft)
        assert list(errors) == ["chain"]
        assert reason in errors["chain"]
        assert url not in errors["chain"]


def test_without_a_watched_chain_the_page_says_how_to_get_one(cast: "Cast", client: Client) -> None:
    assert cast.lead.person
    client.force_login(cast.lead.person)
    page = client.get(reverse("trace_new", args=[cast.incident.slug])).content.decode()
    assert "manage.py watch_chain" in page
    assert "Read the transaction" not in page


def test_names_from_the_chain_are_inert_and_what_was_minted_is_offered(
    cast: "Cast", client: Client, theft: str, node: Node
) -> None:
    token = onchain.deploy(node, VICTIM, "HostileToken", "x", HOSTILE)
    minted = onchain.call(node, VICTIM, "HostileToken", token, "spam", [THIEF], 7)
    page, shown = proposed(cast, client, minted)
    (gain,) = page.gains
    assert (gain.address, gain.amount, gain.victim) == (THIEF, 7, "")
    assert page.losses == []
    assert HOSTILE not in shown
    assert "&lt;img" in shown
    assert "[U+202E]" in shown
    # Nobody lost anything, so that what was minted is the theft.
    assert page.likely == [gain.key]


def test_gains_of_what_somebody_lost_are_preselected() -> None:
    from tracing.services.traces import Gain, Proposal

    lost = Gain(THIEF, f"{CHAIN}/slip44:60", "ETH", 18, 5, VICTIM)
    minted = Gain(THIEF, f"{CHAIN}/erc20:{REFUSER}", "X", 0, 5, "")
    assert Proposal(CHAIN, "0x", 1, [], [lost, minted]).likely == [lost.key]
    assert Proposal(CHAIN, "0x", 1, [], [minted]).likely == [minted.key]


def proposed(cast: "Cast", client: Client, tx: str) -> "tuple[Proposal, str]":
    """What the page proposes, and the page."""
    assert cast.lead.person
    client.force_login(cast.lead.person)
    page = client.post(reverse("trace_new", args=[cast.incident.slug]), {"chain": CHAIN, "tx": tx})
    return page.context["proposal"], page.content.decode()


def test_only_who_may_trace_has_the_page_and_its_button(
    cast: "Cast", client: Client, theft: str
) -> None:
    page = reverse("trace_new", args=[cast.incident.slug])
    room = reverse("room", args=[cast.incident.slug])
    codes, buttons = {}, set()
    for role, person in cast.people.items():
        client.force_login(person)
        codes[role] = client.get(page).status_code
        assert client.post(page, {"chain": CHAIN, "tx": theft}).status_code == codes[role]
        if page in client.get(room).content.decode():
            buttons.add(role)
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
    assert buttons == {role for role, code in codes.items() if code == 200}
