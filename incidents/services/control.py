"""Proof of control: a party shows that it controls an account or a contract, as of a block.

It asks for a text, signs it outside with its wallet or multisig, and pastes the signature. The text
says what it is for, names the room and the party, and works once. It is never a way to sign in.
What is shown holds for its block: a contract's owners may change with the next.

One proof makes a party independent of its sponsor: by a contract that the room knows as a victim of
the theft, and that somebody entered who came by another word. Any other contract costs a dollar.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import AddressRole, Capacity, Marking
from incidents.display.addresses import show
from incidents.display.text import visible
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import ControlProof, Incident, Participation
from incidents.ports import Controlled, control
from incidents.services import rules, timeline
from incidents.services.addresses import parse
from incidents.services.parties import bump_epoch
from incidents.services.timeline import seen_by

MINUTES = 30
LONGEST_SIGNATURE = 20_000  # characters
REFUSED = (
    "This does not show control of the account: the signature is not by its key, or its contract "
    "does not accept it."
)


@scope.trusted
@transaction.atomic
def ask(incident: Incident, chain: str, address: str, *, actor: Actor) -> ControlProof:
    """The text to be signed, good for half an hour and for one proof.

    :raises BadInput: no account, or of no chain whose signatures are understood here.
    :raises NotYours: not an affected party.
    """
    timeline.lock(incident)
    access.require(actor, incident, Act.WRITE)
    if actor.person is None or actor.participation is None:
        raise NotYours
    if actor.capacity is not Capacity.AFFECTED:
        raise NotYours("Affected parties show what they control.")
    chain, address = parse(chain, address)
    if not chain.startswith("eip155:"):
        raise BadInput("Only accounts of EVM chains can show this here.", field="chain")
    now = timezone.now()
    row = ControlProof(
        participation=actor.participation,
        person=actor.person,
        chain=chain,
        address=address,
        nonce=secrets.token_hex(16),
        expires_at=now + timedelta(minutes=MINUTES),
        created_at=now,
    )
    row.message = _text(row, incident)
    row.save()
    return row


def _text(row: ControlProof, incident: Incident) -> str:
    """Laid out as EIP-4361 lays out its texts, and no sign-in: wallets must not take it for one."""
    domain = settings.SITE_URL.partition("://")[2]
    issued = timezone.now()
    name = visible(row.participation.organization.name)
    return f"""{domain} asks for a proof of control over this account:
{show(f"{row.chain}:{row.address}").full}

{name} shows the parties of an incident room that it controls this account. \
This is NOT a sign-in, moves nothing and approves nothing.

URI: {settings.SITE_URL}
Version: 1
Chain: {row.chain}
Room: {incident.public_id}
Party: {row.participation.public_id}
Nonce: {row.nonce}
Issued At: {issued:%Y-%m-%dT%H:%M:%SZ}
Expiration Time: {row.expires_at:%Y-%m-%dT%H:%M:%SZ}"""


def prove(proof: ControlProof, signature: str, *, actor: Actor) -> ControlProof:
    """Check a signature over the text and keep what came of it. Must be called outside any
    transaction: the chain is asked in between.

    :raises BadInput: it does not fit. :raises WrongState: used, or too late. :raises NotFound: of
        another party or room. :raises ChainSilent: nobody answers now; the text stays good.
    """
    row = _open(proof, signature, actor)
    found = control().check(row.chain, row.address, row.message, signature)
    if found is None:
        raise BadInput(REFUSED, field="signature")
    return _keep(row, signature, found, actor)


@scope.trusted
@transaction.atomic(durable=True)
def _open(proof: ControlProof, signature: str, actor: Actor) -> ControlProof:
    row = _locked(proof, actor)
    if len(signature) > LONGEST_SIGNATURE:
        raise BadInput("Longer than any signature.", field="signature")
    return row


@scope.trusted
@transaction.atomic
def _keep(proof: ControlProof, signature: str, found: Controlled, actor: Actor) -> ControlProof:
    row = _locked(proof, actor)
    row.kind, row.signature = found.how, signature.strip()
    row.block_number, row.block_hash = found.block_number, found.block_hash
    row.proved_at = timezone.now()
    row.save()
    seat = Participation.objects.select_related("incident", "organization").get(
        pk=row.participation_id
    )
    is_vouching = _stands_by_itself(row, seat, actor)
    if is_vouching:
        seat.sponsor = None
        seat.save(update_fields=["sponsor"])
        bump_epoch(seat.incident)
    event = events.ControlProved(
        organization=seat.organization.name,
        chain=row.chain,
        address=row.address,
        proof=str(row.public_id),
        how=row.kind,
        block_number=row.block_number,
        block_hash=row.block_hash,
        is_vouching=is_vouching,
    )
    timeline.record(
        seat.incident, event, actor=actor, marking=Marking.AMBER, audience=seen_by(seat)
    )
    return row


def _locked(proof: ControlProof, actor: Actor) -> ControlProof:
    incident = timeline.lock(proof.participation.incident)
    access.require(actor, incident, Act.SIGN)
    rows = access.proofs(actor, incident).filter(pk=proof.pk, participation=actor.participation)
    row = rows.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    if row.proved_at is not None:
        raise WrongState("This text was used. Ask for another one.")
    if row.expires_at <= timezone.now():
        raise WrongState("This text is no longer good. Ask for another one.")
    return row


def _stands_by_itself(row: ControlProof, seat: Participation, actor: Actor) -> bool:
    """Whether somebody who came by another word says that the thief took from this contract."""
    if seat.sponsor is None or row.kind != ControlProof.Kind.EIP1271:
        return False
    known = access.addresses(actor, seat.incident).filter(
        chain=row.chain, address=row.address, role=AddressRole.VICTIM
    )
    own = rules.origin(seat.incident, seat.organization)
    return any(one.owner is None or rules.origin(seat.incident, one.owner) != own for one in known)
