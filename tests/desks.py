"""A desk's page from outside: links, codes, and a browser that holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client

from incidents.choices import CodePurpose
from incidents.models import DeskDevice, DeskLink, FreezeRequest
from incidents.services import desk_codes, desk_links, packets
from tests import factories
from tests.cast import Cast, organization


def sent(cast: Cast, amount: int = 1000) -> FreezeRequest:
    """A request to the exchange that was sent, with its packet."""
    row = factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=amount
    )
    request = FreezeRequest.objects.get(pk=row.request_id)
    if not request.packets.filter(issued_at__isnull=False).exists():
        packets.issue(packets.draft(request), actor=cast.lead)
    return request


def link_of(cast: Cast, request: FreezeRequest, recipient: str = "Ana, Big Exchange") -> DeskLink:
    return desk_links.make(request, None, recipient, actor=cast.lead)


def secret_of(link: DeskLink) -> str:
    return desk_links.address(link).partition("#")[2]


@dataclass
class Desk:
    """Somebody at a desk, with the link and a browser."""

    cast: Cast
    link: DeskLink
    client: Client = field(default_factory=Client)

    def at(self, path: str = "") -> str:
        return f"/desk/{self.link.selector}/{path}"

    def say(self, path: str, **said: Any) -> Any:
        """What the page's script posts."""
        return self.client.post(
            self.at(path),
            json.dumps({"secret": secret_of(self.link)} | said),
            content_type="application/json",
            headers={"Origin": settings.SITE_URL},
        )

    def code(self, purpose: CodePurpose = CodePurpose.OPEN) -> str:
        """What somebody of the room reads out."""
        device = DeskDevice.objects.get(link=self.link, word=self.word)
        return desk_codes.tell(device, purpose, actor=self.cast.lead)

    word: str = ""

    def come_in(self) -> Desk:
        """Ask, be called back, type the code."""
        self.word = self.say("ask/").json()["word"]
        assert self.say("open/", code=self.code()).status_code == 200
        return self

    def read(self) -> str:
        return str(self.client.get(self.at("request/")).content.decode())

    def answer(self, target: Any, **said: Any) -> Any:
        code = self.code(CodePurpose.ANSWER)
        return self.client.post(
            self.at(f"targets/{target.public_id}/answer/"), {"code": code} | said
        )
