"""A farm of scanners against desks' links: nothing consumed, nothing acknowledged, nothing shown.

Every run takes all fifty behaviours to a few links, the long one to a hundred; what that one found
is in docs/measurements/.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from django.test import Client

from tests.browser import scanners
from tests.effort import LONG

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from incidents.models import DeskLink
    from tests.browser.conftest import Site
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINKS, WITH_BROWSER = (100, 100) if LONG else (2, 1)
BROWSER = "a browser that presses everything"
RESULT = Path(__file__).parents[2] / "docs" / "measurements"


def tables() -> dict[str, int]:
    """What a consumed link, a used code, an answer or a page that was read would leave."""
    from incidents.models import DeskCode, DeskDevice, DeskView, FreezeAnswer, FreezeTarget

    return {
        "devices let in": DeskDevice.objects.exclude(opened_at=None).count(),
        "codes used": DeskCode.objects.exclude(used_at=None).count(),
        "codes spoilt": DeskCode.objects.filter(wrong__gt=0).count(),
        "answers": FreezeAnswer.objects.count(),
        "pages read": DeskView.objects.exclude(what="asked for a code").count(),
        "targets acknowledged": FreezeTarget.objects.exclude(state="sent").count(),
    }


def secrets_of(cast: Cast, links: list[DeskLink]) -> set[str]:
    """What nobody may read without a code."""
    from incidents.models import FreezeTarget
    from tests.factories import SHOWN_ADDRESS

    request = links[0].request
    found = {request.reference, SHOWN_ADDRESS, SHOWN_ADDRESS.lower(), cast.incident.title, "RSX"}
    found |= {"Kelp", "Big Exchange", str(request.public_id), cast.incident.slug}
    found |= {str(pk) for pk in FreezeTarget.objects.values_list("public_id", flat=True)}
    return found | {link.recipient for link in links}


def farm(site: str, chromium: Browser, links: list[DeskLink]) -> dict[str, list[str]]:
    """Every behaviour at every link; what each of them was told."""
    from tests.desks import secret_of

    heard: dict[str, list[str]] = {name: [] for name in (*scanners.BEHAVIOURS, BROWSER)}
    for link in links:
        for name, behave in scanners.BEHAVIOURS.items():
            with requests.Session() as session:
                one = scanners.Scanner(site, link.selector, secret_of(link), session)
                behave(one)
                heard[name] += one.heard
    for link in links[:WITH_BROWSER]:
        context = chromium.new_context()
        url = f"{site}/desk/{link.selector}/#{secret_of(link)}"
        heard[BROWSER].append(scanners.press_everything(context.new_page(), url))
        context.close()
    return heard


def test_fifty_behaviours_consume_acknowledge_and_see_nothing(
    start_site: Callable[..., Site], chromium: Browser
) -> None:
    from tests.cast import make_cast
    from tests.desks import Desk, link_of, sent

    cast = make_cast()
    request = sent(cast)
    links = [link_of(cast, request, f"Recipient {number}") for number in range(LINKS)]
    # A code lies ready at each link, told to the desk's own browser and to nobody else.
    desks = [Desk(cast, link) for link in links]
    for desk in desks:
        desk.word = desk.say("ask/").json()["word"]
    codes = [desk.code() for desk in desks]
    plenty = {f"HOLDFAST_LIMIT_{kind}": "100000000" for kind in ("READS", "WRITES", "DOORS")}
    site = start_site(**plenty)
    before, began = tables(), time.monotonic()
    heard = farm(site.url, chromium, links)
    shown = [
        (name, word)
        for word in secrets_of(cast, links)
        for name, answers in heard.items()
        if any(word in answer for answer in answers)
    ]
    found = {
        "behaviours": len(heard),
        "links": len(links),
        "answers": sum(map(len, heard.values())),
        "server errors": sum(a.startswith("5") for answers in heard.values() for a in answers),
        "seconds": round(time.monotonic() - began, 1),
        "consumed": sum(tables()[name] - before[name] for name in ("devices let in", "codes used")),
        "codes spoilt": tables()["codes spoilt"],
        "acknowledged": tables()["answers"] + tables()["targets acknowledged"],
        "shown": len(shown) + tables()["pages read"],
    }
    keep(found)
    assert len(heard) == 50
    assert (tables(), shown, found["server errors"]) == (before, [], 0)
    # The codes are still good: for the browsers that they were made for. (The long form outlasts
    # their ten minutes.)
    for desk, kept_code in list(zip(desks, codes, strict=True))[:2]:
        code = desk.code() if LONG else kept_code
        assert desk.say("open/", code=code).status_code == 200
        assert request.reference in desk.read()
    assert request.reference not in Client().get(f"/desk/{links[0].selector}/request/").text


def keep(found: dict[str, Any]) -> None:
    """The long form's figures, for the documentation."""
    if LONG and os.environ.get("HOLDFAST_MEASURE"):
        today = datetime.now(UTC).date().isoformat()
        place = RESULT / f"{today}-scanner-farm.json"
        place.write_text(json.dumps(found, indent=2) + "\n")
