"""Plain functions that make what a test needs. State of a room is made by calling services."""

from collections import deque
from itertools import count

from django.utils import timezone

from incidents.access import Actor
from incidents.models import FreezeRequest, FreezeTarget, Incident, Membership, Organization, Person
from incidents.services import freezes
from incidents.services.freezes import TargetDraft
from tracing.core.caip import erc20
from tracing.core.state import account_to_row
from tracing.core.types import Account, AccountKind, Lot, Origin
from tracing.models import Block, Chain, Exposure, FlowTable, Hop, Lead, Seed, Trace
from tracing.services import flow_tables, leads

CHAIN = "eip155:31337"
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
# Checksum example of EIP-55, lower case and as people write it.
ADDRESS = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
SHOWN_ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TOKEN = erc20(CHAIN, "0x" + "70" * 20)
UINT256_MAX = 2**256 - 1
# A public key whose secret nobody kept.
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPJPbs3sv39ELJYkRSYilnjz92vMvCskXK/707UQeTb"
AMBER, RED, CLEAR = "TLP:AMBER", "TLP:RED", "TLP:CLEAR"

_numbers = count(1)


def address(number: int) -> str:
    """A valid EVM address in storage form."""
    return f"0x{number:040x}"


def organization(name: str) -> Organization:
    """An organization without people."""
    return Organization.objects.create(slug=name.lower().replace(" ", "-"), name=name)


def person(of: Organization, name: str, *, is_administrator: bool = False) -> Person:
    """A person of an organization."""
    email = f"{name.lower()}{next(_numbers)}@{of.slug}.example"
    made = Person.objects.create_user(email, name)
    Membership.objects.create(person=made, organization=of, is_administrator=is_administrator)
    return made


def target(
    incident: Incident,
    actor: Actor,
    *,
    desk: Organization | None = None,
    desk_name: str = "Desk",
    amount: int = 1000,
    at: str = ADDRESS,
    evidence_key: str = "",
    marking: str = AMBER,
    owner: Organization | None = None,
) -> FreezeTarget:
    """A drafted target of a request to ``desk``."""
    hop = {"tx": "0x" + "ab" * 32, "from": address(1), "to": at, "amount": str(amount)}
    return freezes.draft(
        incident,
        TargetDraft(CHAIN, at, TOKEN, "RSX", 18, amount, evidence_key, [hop]),
        desk_name=desk.name if desk else desk_name,
        desk_slug=desk.slug if desk else "desk",
        desk=desk,
        actor=actor,
        marking=marking,
        owner=owner,
    )


def sent_request(
    incident: Incident, first: Actor, second: Actor, desk: Organization, *, amount: int = 1000
) -> FreezeTarget:
    """A target of a request that people of two parties sent to a desk in the room."""
    row = target(incident, first, desk=desk, amount=amount)
    request = FreezeRequest.objects.get(pk=row.request_id)
    freezes.approve(request, actor=first)
    freezes.approve(request, actor=second)
    freezes.send(request, actor=second)
    return FreezeTarget.objects.select_related("request").get(pk=row.pk)


def trace(incident: Incident, actor: Actor, *, amount: int = 1000, marking: str = AMBER) -> Trace:
    """A trace whose whole theft lies at ADDRESS, where it was received."""
    chain, _ = Chain.objects.get_or_create(
        caip2=CHAIN,
        defaults={
            "name": "Test",
            "native_asset": f"{CHAIN}/slip44:60",
            "is_watched": False,
        },
    )
    made = Trace.objects.create(
        incident=incident,
        chain=chain,
        start_number=1,
        cursor_number=1,
        marking=marking,
        owner=actor.organization,
        author=actor.person,
    )
    tx, key = "0x" + "5e" * 32, "the-seed"
    seed = {"asset": TOKEN, "amount": amount}
    Seed.objects.create(trace=made, key=key, tx=tx, block_number=1, receiver=ADDRESS, **seed)
    _theft(made, key, tx, amount)
    return made


def _theft(of: Trace, key: str, tx: str, amount: int) -> None:
    """The hop and the exposure of a theft that nobody moved on."""
    block, _ = Block.objects.get_or_create(
        chain=of.chain,
        hash="0x" + "b1" * 32,
        defaults={"number": 1, "parent_hash": "0x", "timestamp": timezone.now()},
    )
    Hop.objects.create(
        trace=of,
        block=block,
        key=f"{tx}:0",
        kind="seed",
        tx=tx,
        position=0,
        to_address=ADDRESS,
        to_asset=TOKEN,
        amount_from=0,
        amount_to=amount,
        seed_key=key,
        origin_asset=TOKEN,
        origin_amount=amount,
        depth=0,
    )
    lots = deque([Lot(amount, Origin(key, TOKEN, amount), f"{tx}:0")])
    Exposure.objects.create(
        trace=of,
        chain=CHAIN,
        address=ADDRESS,
        asset=TOKEN,
        kind=AccountKind.FOLLOWED,
        state=account_to_row(Account(lots=lots)),
        tainted=amount,
        balance=amount,
        first_block=1,
    )


def flow_table(of: Trace, actor: Actor, *, marking: str = AMBER) -> FlowTable:
    """A table of one row: what was received at ADDRESS went on."""
    content = f"from,to,amount,block\n{ADDRESS},{address(9)},12.5,1\n".encode()
    asked = flow_tables.Asked("Flows", content, terminals=address(9))
    understood = flow_tables.understand(of, asked)
    return flow_tables.add(of, understood, actor=actor, marking=marking)


def lead(of: Trace, kind: str = "hub", at: str = "", **evidence: object) -> Lead:
    """A lead of a trace, at some address."""
    where = at or address(41)
    key = f"{kind}:{where}"
    row, _ = leads.note(of, kind, key, CHAIN, where, confidence=70, evidence=dict(evidence))
    return row
