"""Proof of control: real keys, a real node, and contracts that lie."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from eth_account import Account
from eth_account.messages import encode_defunct

from config.embedded.node import Node
from incidents import access
from incidents.access import Actor
from incidents.choices import AddressRole
from incidents.exceptions import BadInput, ChainSilent, NotFound, NotYours, WrongState
from incidents.models import ControlProof, Participation, TrackedAddress
from incidents.services import control, incidents
from tests import fresh
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER
from tests.handmade import REVERTS, program, returns
from tracing.chains.evm_message import MAGIC, SELECTOR
from tracing.services import endpoints

pytestmark = pytest.mark.django_db
CHAIN = "eip155:31337"
OWNER = Account.from_key("0x" + "a1" * 32)
STRANGER = Account.from_key("0x" + "b2" * 32)
WALLET = "0x" + "c0de" * 10
# The owner's signature over the hash, by the ecrecover precompile; anything else reverts.
CHECKS = (
    "6004355f52" "60a43560f81c602052" "606435604052" "608435606052"
    "602060806080" "5f60015afa50" "60805173{owner}14" "60{ok:02x}57" "5f5ffd"
)  # fmt: skip


def wallet_of(owner: str) -> str:
    """A wallet of one owner that follows EIP-1271, as code."""
    plain = owner.removeprefix("0x").lower()
    size = len(CHECKS.format(owner=plain, ok=0)) // 2
    return f"0x{CHECKS.format(owner=plain, ok=size)}5b631626ba7e60e01b5f5260205ff3"


@pytest.fixture
def chain(node: Node) -> Node:
    """A chain that is watched, with a wallet on it."""
    endpoints.configure(CHAIN, name="Test chain", url=node.url)
    node.call("anvil_setCode", WALLET, wallet_of(OWNER.address))
    node.call("evm_mine")
    return node


def asked(cast: Cast, address: str = OWNER.address, by: Actor | None = None) -> ControlProof:
    return control.ask(cast.incident, CHAIN, address, actor=by or cast.lead)


def sign(message: str, account: object = OWNER) -> str:
    return "0x" + Account.sign_message(
        encode_defunct(text=message),
        account.key,  # type: ignore[attr-defined]
    ).signature.hex().removeprefix("0x")


# -- the text --------------------------------------------------------------------------------


def test_the_text_says_what_it_is_for(cast: Cast) -> None:
    row = asked(cast)
    for words in (
        "NOT a sign-in, moves nothing",
        OWNER.address,
        f"Chain: {CHAIN}",
        f"Room: {cast.incident.public_id}",
        f"Nonce: {row.nonce}",
        "Kelp shows the parties",
        "Expiration Time: ",
    ):
        assert words in row.message
    assert cast.incident.title not in row.message
    assert timedelta(minutes=29) < row.expires_at - timezone.now() <= timedelta(minutes=30)
    assert asked(cast).nonce != row.nonce


def test_affected_parties_ask_and_nobody_else(cast: Cast) -> None:
    for actor in (cast.analyst, cast.coordinator, cast.exchange, cast.law):
        with pytest.raises(NotYours):
            asked(cast, by=actor)
    for chain, address in (("bip122:000000000019d6689c085ae165831e93", "x"), (CHAIN, "0x12")):
        with pytest.raises(BadInput):
            control.ask(cast.incident, chain, address, actor=cast.lead)
    assert asked(cast, by=cast.rival)


# -- keys ------------------------------------------------------------------------------------


def test_a_key_signs_and_the_room_reads_as_of_which_block(cast: Cast, chain: Node) -> None:
    row = asked(cast)
    proved = control.prove(row, sign(row.message), actor=cast.lead)
    head = chain.call("eth_getBlockByNumber", "latest", False)
    assert (proved.kind, proved.block_hash) == (ControlProof.Kind.EIP191, head["hash"])
    assert proved.block_number == int(head["number"], 16)
    assert proved.proved_at
    line = access.entries(cast.rival, cast.incident).last()
    assert line
    assert (line.kind, line.entry.content["is_vouching"]) == ("party.control_proved", False)


def test_a_chain_that_is_not_watched_gives_no_block(cast: Cast) -> None:
    row = asked(cast)
    proved = control.prove(row, sign(row.message), actor=cast.lead)
    assert (proved.kind, proved.block_number) == (ControlProof.Kind.EIP191, None)
    other = asked(cast, WALLET)
    with pytest.raises(BadInput, match="not watched here"):
        control.prove(other, sign(other.message), actor=cast.lead)


@pytest.mark.parametrize("how", ["stranger", "other text", "cut", "words", "high s", "empty"])
def test_what_the_key_did_not_sign_is_refused(cast: Cast, chain: Node, how: str) -> None:
    row = asked(cast)
    right = sign(row.message)
    s = int(right[66:130], 16)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    flipped = "1c" if right[130:] == "1b" else "1b"
    wrong = {
        "stranger": sign(row.message, STRANGER),
        "other text": sign(asked(cast).message),
        "cut": right[:-2],
        "words": "please",
        "high s": f"{right[:66]}{order - s:064x}{flipped}",
        "empty": "0x",
    }[how]
    with pytest.raises(BadInput):
        control.prove(row, wrong, actor=cast.lead)
    assert control.prove(row, right, actor=cast.lead).proved_at  # a slip costs nothing


# -- contracts -------------------------------------------------------------------------------


def test_a_contract_says_yes_at_a_block(cast: Cast, chain: Node) -> None:
    row = asked(cast, WALLET)
    with pytest.raises(BadInput):
        control.prove(row, sign(row.message, STRANGER), actor=cast.lead)
    proved = control.prove(row, sign(row.message), actor=cast.lead)
    assert (proved.kind, proved.address) == (ControlProof.Kind.EIP1271, WALLET)
    assert proved.block_hash == chain.call("eth_getBlockByNumber", "latest", False)["hash"]


LIARS = {
    "reverts": REVERTS,
    "short": "631626ba7e60e01b5f5260045ff3",
    "long": returns(MAGIC + bytes(32)),
    "a dirty tail": returns(MAGIC[:31] + b"\1"),
    "one": returns(bytes(31) + b"\1"),
    "zeros": returns(bytes(32)),
    "nothing": "00",
    "a megabyte": returns(bytes(1_000_000)),
}


@pytest.mark.parametrize("how", [*LIARS, "endless"])
def test_anything_but_the_magic_word_is_no(cast: Cast, chain: Node, how: str) -> None:
    code = "0x5b5f56" if how == "endless" else program({SELECTOR.hex(): LIARS.get(how, "")})
    chain.call("anvil_setCode", WALLET, code)
    chain.call("evm_mine")
    row = asked(cast, WALLET)
    with pytest.raises(BadInput):
        control.prove(row, sign(row.message), actor=cast.lead)
    chain.call("anvil_setCode", WALLET, program({SELECTOR.hex(): returns(MAGIC)}))
    chain.call("evm_mine")
    assert control.prove(row, "0x", actor=cast.lead).proved_at


def test_a_chain_that_is_silent_spends_nothing(cast: Cast, chain: Node) -> None:
    row = asked(cast, WALLET)
    endpoints.configure(CHAIN, name="Test chain", url="http://127.0.0.1:1")
    with pytest.raises(ChainSilent):
        control.prove(row, sign(row.message), actor=cast.lead)
    endpoints.configure(CHAIN, name="Test chain", url=chain.url)
    assert control.prove(row, sign(row.message), actor=cast.lead).proved_at


def test_a_quorum_that_is_not_there_vouches_for_nothing(
    cast: Cast, start_a_node: Callable[..., Node], chain: Node
) -> None:
    other = start_a_node()  # its blocks are not those of the first
    endpoints.configure(CHAIN, name="Test chain", url=other.url, operator="beta", quorum=2)
    row = asked(cast, WALLET)
    with pytest.raises(ChainSilent):
        control.prove(row, sign(row.message), actor=cast.lead)
    endpoints.configure(CHAIN, name="Test chain", url=chain.url, operator="beta")
    assert control.prove(row, sign(row.message), actor=cast.lead).proved_at


# -- once, in time, in this room, by this party ---------------------------------------------------


def test_a_text_is_good_once(cast: Cast, chain: Node) -> None:
    row = asked(cast)
    signature = sign(row.message)
    control.prove(row, signature, actor=cast.lead)
    with pytest.raises(WrongState):
        control.prove(row, signature, actor=cast.lead)


def test_and_in_time(cast: Cast, chain: Node) -> None:
    row = asked(cast)
    ControlProof.objects.update(expires_at=timezone.now())
    with pytest.raises(WrongState):
        control.prove(row, sign(row.message), actor=cast.lead)
    ControlProof.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert control.prove(row, sign(row.message), actor=cast.lead)


def test_and_for_the_party_and_room_that_asked(cast: Cast, chain: Node) -> None:
    row = asked(cast)
    other = incidents.open_incident(
        "Other", person=person(cast.lead), organization=organization(cast.lead)
    )
    there = access.actor_of(Participation.objects.get(incident=other), person(cast.lead))
    for actor in (cast.rival, cast.coordinator, there):
        with pytest.raises(NotFound):
            control.prove(row, sign(row.message), actor=actor)
    elsewhere = control.ask(other, CHAIN, OWNER.address, actor=there)
    with pytest.raises(BadInput):
        control.prove(elsewhere, sign(row.message), actor=there)
    assert control.prove(row, sign(row.message), actor=cast.colleague)


def test_nothing_is_asked_within_a_transaction(cast: Cast, chain: Node) -> None:
    row = asked(cast)
    with pytest.raises(RuntimeError), transaction.atomic():
        control.prove(row, sign(row.message), actor=cast.lead)


# -- what it is worth --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered_by", "role", "address", "is_cleared"),
    [
        (None, "", WALLET, False),  # any contract costs a dollar
        ("rival", AddressRole.VICTIM, WALLET, False),  # its own word
        ("lead", AddressRole.VICTIM, WALLET, False),  # its sponsor's word
        ("analyst", AddressRole.CANDIDATE, WALLET, False),
        ("analyst", AddressRole.VICTIM, OWNER.address.lower(), False),  # a key, maybe stolen
        ("analyst", AddressRole.VICTIM, WALLET, True),
    ],
)
def test_a_robbed_contract_that_others_entered_makes_a_party_its_own(
    cast: Cast, chain: Node, entered_by: str | None, role: str, address: str, is_cleared: bool
) -> None:
    seats = Participation.objects.filter(organization=organization(cast.rival))
    seats.update(sponsor=organization(cast.lead))
    if entered_by:
        author = cast.actors[entered_by]
        TrackedAddress.objects.create(
            incident=cast.incident,
            chain=CHAIN,
            address=address,
            role=role,
            marking=AMBER,
            owner=author.organization,
            author=author.person,
        )
    row = asked(cast, address, by=cast.rival)
    control.prove(row, sign(row.message), actor=cast.rival)
    assert (seats.get().sponsor is None) is is_cleared


def test_pages_show_the_text_take_the_signature_and_show_the_block(
    client: Client, cast: Cast, chain: Node
) -> None:
    slug = cast.incident.slug
    client.force_login(person(cast.lead))
    answer = client.post(
        reverse("control_new", args=[slug]), {"chain": CHAIN, "address": OWNER.address}
    )
    row = ControlProof.objects.get()
    at = reverse("control", args=[slug, row.public_id])
    assert answer["Location"] == at
    assert row.nonce in client.get(at).content.decode()
    assert client.post(at, {"signature": "0x00"}).status_code == 400
    fresh.grow_old(client)
    form = {"signature": sign(row.message)}
    assert client.post(at, form)["Location"].startswith("/accounts/passkeys/again/")
    client.force_login(person(cast.lead))
    assert client.post(at, form).status_code == 302
    row.refresh_from_db()
    rival = Client()
    rival.force_login(person(cast.rival))
    page = rival.get(reverse("parties", args=[slug])).content.decode()
    assert f"as of block {row.block_number}" in page
    assert rival.get(at).status_code == 404


def test_the_api_asks_for_the_text_and_takes_the_signature(cast: Cast) -> None:
    """By a request, which begins as nobody; another party's person finds nothing to sign."""
    at = room(cast.incident.slug, "control/")
    lead = client_of(person(cast.lead))
    text = lead.post(at, {"chain": CHAIN, "address": OWNER.address}).json()
    signed = {"signature": sign(text["message"])}
    rival = client_of(person(cast.rival)).post(f"{at}{text['id']}/", signed)
    assert rival.status_code == 404
    wrong = lead.post(f"{at}{text['id']}/", {"signature": sign("Something else.")})
    assert wrong.status_code == 400
    proved = lead.post(f"{at}{text['id']}/", signed)
    assert (proved.status_code, proved.json()["kind"]) == (200, "eip191")
    assert lead.post(f"{at}{text['id']}/", signed).status_code == 409
