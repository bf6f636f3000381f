"""What the matrix says of desks, and of requests on their way to them."""

from collections.abc import Callable
from typing import Any

from tests import api

DESKS = "organizations/<uuid:organization_id>/desks/"
DESK = f"{DESKS}<slug:desk>/"
CONTACT = f"{DESK}contacts/<uuid:contact_id>/"
FREEZE = "incidents/<slug:slug>/freezes/<uuid:public_id>/"
PARTS = {"<slug:desk>": "mexc", "<uuid:contact_id>": "{id}"}  # nobody's
OURS = {"lead", "colleague"}
LEADING = {*OURS, "rival", "coordinator"}
# The two desks were not asked yet.
SEEING = LEADING | {"analyst", "law", "white_hat"}
HIDDEN = {"exchange": 404, "issuer": 404}
CONTACTED = {"name": "D", "channel": "mail", "address": "d@x.example"}


def lines(line: Callable[..., Any]) -> dict[tuple[str, str], Any]:
    """Who gets which status."""
    return {
        ("GET", DESKS): line(200, OURS, others=404),
        ("GET", DESK): line(200, OURS, others=404),
        ("PUT", DESK): line(
            200, {"lead"}, {"name": "MEXC"}, others=404, exceptions={"colleague": 403}
        ),
        # There is no own version.
        ("DELETE", DESK): line(404, {"lead"}, others=404, exceptions={"colleague": 403}),
        ("GET", f"{DESK}contacts/"): line(200, OURS, others=404),
        ("POST", f"{DESK}contacts/"): line(201, OURS, CONTACTED, others=404),
        ("POST", f"{CONTACT}verify/"): line(404, OURS, {"how": "Called"}, others=404),
        ("DELETE", CONTACT): line(404, OURS, others=404),
        ("GET", f"{FREEZE}findings/"): line(200, SEEING, others=404),
        ("GET", f"{FREEZE}dispatches/"): line(200, SEEING, others=404),
        # Nobody approved it yet; a confidential party would show itself.
        ("POST", f"{FREEZE}dispatches/"): line(
            409, LEADING, {"channel": "portal", "anyway": api.ANYWAY}, exceptions=HIDDEN
        ),
        ("POST", "incidents/<slug:slug>/dispatches/<uuid:public_id>/"): line(
            404, {"exchange", "issuer", *SEEING}, {"decision": "arrived"}
        ),
    }
