"""Who signed a packet. Each signature is checked when it comes, and can be checked later by anybody
who holds the manifest and the key directory."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import PacketState, SignatureKind
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import Packet, PacketSignature
from incidents.packets import manifest
from incidents.ports import control
from incidents.services import rules, server_key, signing_keys, timeline
from incidents.services.addresses import parse
from incidents.services.freeze_lines import about, record
from incidents.signing import dsse, openpgp, sshsig, webauthn
from incidents.signing.errors import BadSignature

PAYLOAD = "application/vnd.holdfast.freeze-request.v1+json"
UPLOADED = (SignatureKind.SSHSIG, SignatureKind.OPENPGP, SignatureKind.EIP712)
ALIVE = (PacketState.DRAFT, PacketState.ISSUED)


def by_server(packet: Packet) -> None:
    """The server's word that this was issued here: as SSH signature and as envelope. Once."""
    if packet.signatures.filter(person__isnull=True).exists():
        return
    key, shown = server_key.private(), server_key.public().fingerprint
    body = bytes(packet.manifest)
    for kind, text in (
        (SignatureKind.SSHSIG, sshsig.sign(key, sshsig.NAMESPACE, body)),
        (SignatureKind.DSSE, dsse.envelope(key, shown, PAYLOAD, body)),
    ):
        PacketSignature.objects.create(packet=packet, kind=kind, key=shown, body=text)


def by_passkey(packet: Packet, answer: str, actor: Actor) -> PacketSignature:
    """What an approver's passkey says over the manifest's digest. ``answer``: the browser's JSON.

    :raises BadInput: not this person's passkey, or not over this digest.
    """
    try:
        found = Authenticator.objects.filter(user=actor.person, type=Authenticator.Type.WEBAUTHN)
        wanted = webauthn.credential_of(answer)
        keys = (row.wrap().authenticator_data.credential_data for row in found)
        data = next((key for key in keys if key.credential_id == wanted), None)
        if data is None:
            raise BadSignature("It is not one of your passkeys.")
        site = urlsplit(settings.SITE_URL)
        body = webauthn.from_browser(
            answer,
            packet.digest,
            data.public_key,
            data.credential_id,
            {f"{site.scheme}://{site.netloc}"},
            site.hostname or "",
        )
    except BadSignature as error:
        raise BadInput(str(error), field="credential") from error
    key = json.loads(body)["credential"]
    return _keep(packet, SignatureKind.WEBAUTHN, key, body, actor)


def request_options(packet: Packet) -> dict[str, Any]:
    """What a browser is given so that a passkey signs the packet's digest."""
    site = urlsplit(settings.SITE_URL)
    return {
        "publicKey": {
            "challenge": webauthn.challenge(packet.digest),
            "rpId": site.hostname,
            "userVerification": "required",
            "allowCredentials": [],
        }
    }


def add(
    packet: Packet, kind: str, text: str, *, actor: Actor, account: str = ""
) -> PacketSignature:
    """A signature that somebody made elsewhere. ``account``: CAIP-10, of an EIP-712 one. Must be
    called outside any transaction: a contract may have to be asked.

    :raises BadInput: it does not fit, or its key is not this person's and confirmed.
    :raises WrongState: the version counts no longer. :raises ChainSilent: nobody answers now.
    """
    row = _open(packet, actor)
    if kind not in UPLOADED:
        raise BadInput("Of this kind none is handed in.", field="kind")
    try:
        key = _checked(row, SignatureKind(kind), text, actor, account)
    except BadSignature as error:
        raise BadInput(str(error), field="signature") from error
    with scope.within(scope.SYSTEM), transaction.atomic():
        row = _open(packet, actor)
        made = _keep(row, SignatureKind(kind), key, text.strip() + "\n", actor)
        _record(made, actor)
    return made


@scope.trusted
@transaction.atomic
def _open(packet: Packet, actor: Actor) -> Packet:
    timeline.lock(packet.request.incident)
    row = Packet.objects.select_related("request__incident", "request__owner").get(pk=packet.pk)
    access.require(actor, row.request.incident, Act.APPROVE_FREEZE)
    if not access.may_see(actor, row.request):
        raise NotFound
    rules.require_open(actor, row.request.owner)
    if row.state not in ALIVE:
        raise WrongState
    return row


def _checked(packet: Packet, kind: SignatureKind, text: str, actor: Actor, account: str) -> str:
    """The key that it checks with. Raises BadSignature, BadInput, ChainSilent."""
    body = bytes(packet.manifest)
    if kind is SignatureKind.EIP712:
        return _by_account(packet, text, actor, account)
    if actor.organization is None or actor.person is None:
        raise BadSignature("People sign.")
    keys = signing_keys.holding(actor.organization, actor.person, kind)
    if kind is SignatureKind.SSHSIG:
        found = sshsig.verify(text, sshsig.NAMESPACE, body).fingerprint
        if not keys.filter(fingerprint=found).exists():
            raise BadSignature(f"{found} is not a confirmed key of yours.")
        return found
    for key in keys:
        try:
            openpgp.verify(text, body, key.public)
        except BadSignature:
            continue
        return key.fingerprint
    raise BadSignature("None of your confirmed certificates signed this.")


def _by_account(packet: Packet, text: str, actor: Actor, account: str) -> str:
    chain, _, address = account.strip().rpartition(":")
    chain, address = parse(chain, address)
    proved = access.proofs(actor, packet.request.incident).filter(
        participation=actor.participation, chain=chain, address=address, proved_at__isnull=False
    )
    with scope.within(scope.SYSTEM):
        if not proved.exists():
            raise BadInput("Prove first that your party controls this account.", field="account")
    reference = packet.request.reference
    if control().check_request(chain, address, reference, packet.digest, text) is None:
        raise BadSignature("Neither this account's key nor its contract signed this.")
    return f"{chain}:{address}"


def _keep(
    packet: Packet, kind: SignatureKind, key: str, body: str, actor: Actor
) -> PacketSignature:
    known = packet.signatures.filter(kind=kind, key=key, person=actor.person).first()
    return known or PacketSignature.objects.create(
        packet=packet,
        kind=kind,
        key=key[:200],
        body=body,
        person=actor.person,
        organization=actor.organization,
    )


@scope.trusted
def of(packet: Packet) -> list[PacketSignature]:
    """All over this version, and those over the same text before one party went on alone."""
    before = manifest.decode(bytes(packet.manifest))["approved_as"] or packet.digest
    rows = PacketSignature.objects.filter(
        Q(packet=packet) | Q(packet__request=packet.request_id, packet__digest=before)
    )
    return list(rows.select_related("packet", "person", "organization").order_by("pk"))


@scope.trusted
def servers(packet: Packet) -> PacketSignature | None:
    """The server's SSH signature; None: never issued."""
    rows = packet.signatures.filter(person__isnull=True, kind=SignatureKind.SSHSIG)
    return rows.first()


def has_passkey(actor: Actor) -> bool:
    """Whether this person can sign with a passkey here. People of a drill have none."""
    return not settings.DRILL and bool(auth.get_credentials(actor.person))


def _record(made: PacketSignature, actor: Actor) -> None:
    request = made.packet.request
    event = events.PacketSigned(
        **about(request),
        edition=made.packet.version,
        how=SignatureKind(made.kind).label,
        key=made.key,
    )
    record(request, event, actor=actor)
