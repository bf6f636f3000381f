"""Packets in a real browser: a passkey signs the digest, and anybody checks a file."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.browser.test_first_hour import Player

if TYPE_CHECKING:
    from incidents.models import Person
    from tests.browser.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give_passkey(who: "Visitor", person: "Person", site: str) -> None:
    """The same passkey for the site and for the browser's device."""
    from allauth.mfa.models import Authenticator
    from cryptography.hazmat.primitives import serialization

    from tests.doors.authenticator import SoftPasskey

    made = SoftPasskey(site)
    user = {"id": "AQ"}
    options = {"publicKey": {"user": user, "rp": {"id": "localhost"}, "challenge": ""}}
    Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={"credential": json.loads(made.create(options)), "passwordless": True},
    )
    secret = made.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    who.holds(
        {
            "credentialId": base64.b64encode(made.credential_id).decode(),
            "isResidentCredential": True,
            "rpId": "localhost",
            "privateKey": base64.b64encode(secret).decode(),
            "userHandle": "AQ==",
            "signCount": 0,
        }
    )


def test_a_passkey_signs_the_digest_and_anybody_checks_the_file(
    site: "Site", visitor: Callable[..., "Visitor"], tmp_path: Path
) -> None:
    from incidents.models import Packet, PacketSignature
    from incidents.services import check_page, freezes, packets
    from incidents.signing import webauthn
    from tests import factories
    from tests.cast import make_cast, organization

    cast = make_cast()
    request = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
    assert cast.lead.person
    member = Player(visitor(), cast.lead.person, site)
    member.sign_in()
    give_passkey(member.who, cast.lead.person, site.url)
    page = member.who.page
    page.goto(site.url + reverse("freeze", args=[cast.incident.slug, request.public_id]))
    page.get_by_role("button", name="Sign first").click()
    page.get_by_text("Signed.", exact=True).wait_for()
    signed = PacketSignature.objects.select_related("packet").get()
    assert webauthn.verify(signed.body, signed.packet.digest)[0] == site.url
    assert json.loads(signed.body)["public_key"].startswith("-----BEGIN PUBLIC KEY-----")

    freezes.approve(request, actor=cast.rival, digest=signed.packet.digest)
    row = packets.issue(Packet.objects.select_related("request").get(), actor=cast.rival)
    kept = packets.base_file(row, "pdf")
    assert kept
    check_page.publish()
    (tmp_path / "real.pdf").write_bytes(bytes(kept.body))
    (tmp_path / "forged.pdf").write_bytes(bytes(kept.body) + b"\n")
    page = visitor().page
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(f"{site.url}/check/")
    for name, answer in (("real.pdf", "Issued"), ("forged.pdf", "Unknown")):
        page.get_by_label("Reference").fill(request.reference)
        page.get_by_label("File", exact=True).set_input_files(tmp_path / name)
        page.get_by_role("button", name="Check", exact=True).click()
        page.get_by_role("heading", name=answer, exact=True).wait_for()
    found = page.locator("[data-check-said]").inner_text()
    assert "Kelp" not in found
    assert all(url.startswith(site.url) for url in asked)
    assert not any(request.reference in url for url in asked)
