"""Requests on their way to desks, and what an organization knows of desks."""

from tests.access.matrix.lines import Lets, Line
from tests.api import ANYWAY

ROOM = "incidents/<slug:slug>/"
FREEZE = f"{ROOM}freezes/<uuid:public_id>/"
DISPATCH = f"{ROOM}dispatches/<uuid:public_id>/"
DESKS = "organizations/<uuid:public_id>/desks/"
DESK = f"{DESKS}<slug:desk>/"
CONTACT = f"{DESK}contacts/<uuid:contact>/"

KELP = frozenset({"lead", "colleague"})
# The confidential law enforcement would show itself.
LEADING = KELP | {"rival", "coordinator"}
TAKING_OUT = LEADING | {"analyst", "white_hat", "law", "observer"}  # no desk
MEMBERS = KELP | {"observer"}  # of the lead's organization; the tired one used no passkey lately
SHOWN = {"anyway": "missing_field,no_transaction,no_end,vague,wrong_channel,too_long"}
CONTACTED = {"name": "D", "channel": "mail", "address": "d@x.example", "phone": "+41446681800"}

API = f"api/v1/{ROOM}"
API_DESKS = "api/v1/organizations/<uuid:organization_id>/desks/"
API_DESK = f"{API_DESKS}<slug:desk>/"
API_CONTACT = f"{API_DESK}contacts/<uuid:contact_id>/"
TOKENS = frozenset({"read token", "write token"})
READING = TAKING_OUT | {"tired"} | TOKENS
READERS = MEMBERS | {"tired"} | TOKENS
BY_HAND = {"channel": "portal", "anyway": ANYWAY}

OF_API: dict[str, Line] = {
    f"GET {API}freezes/<uuid:public_id>/findings/": Lets(READING, of="request to send"),
    f"GET {API}freezes/<uuid:public_id>/dispatches/": Lets(READING, of="request to send"),
    f"POST {API}freezes/<uuid:public_id>/dispatches/": Lets(
        LEADING, of="request to send", body=BY_HAND
    ),
    f"POST {API}dispatches/<uuid:public_id>/": Lets(
        LEADING, of="uncertain dispatch", body={"decision": "arrived"}
    ),
    f"GET {API_DESKS}": Lets(READERS, of="desk"),
    f"GET {API_DESK}": Lets(READERS, of="desk"),
    f"PUT {API_DESK}": Lets(frozenset({"lead"}), of="desk", body={"name": "Harbour"}),
    f"DELETE {API_DESK}": Lets(frozenset({"lead"}), of="desk"),
    f"GET {API_DESK}contacts/": Lets(READERS, of="desk"),
    f"POST {API_DESK}contacts/": Lets(MEMBERS, of="desk", body=CONTACTED),
    f"POST {API_CONTACT}verify/": Lets(MEMBERS - {"lead"}, of="desk", body={"how": "Called"}),
    f"DELETE {API_CONTACT}": Lets(MEMBERS, of="desk"),
}
DISPATCHING: dict[str, Line] = OF_API | {
    f"GET {FREEZE}dispatch/": Lets(LEADING, of="request to send"),
    f"POST {FREEZE}dispatch/": Lets(LEADING, of="request to send", body=SHOWN),
    f"POST {FREEZE}dispatch/files/<slug:export>/": Lets(LEADING, of="request to send"),
    f"POST {FREEZE}correct/": Lets(LEADING, of="correction"),
    f"POST {DISPATCH}again/": Lets(LEADING, of="uncertain dispatch"),
    f"POST {DISPATCH}arrived/": Lets(LEADING, of="uncertain dispatch"),
    f"POST {DISPATCH}bounced/": Lets(LEADING, of="taken dispatch"),
    f"GET {DISPATCH}handed-over/": Lets(LEADING, of="dispatch that waits"),
    f"POST {DISPATCH}handed-over/": Lets(LEADING, of="dispatch that waits"),
    f"GET {DISPATCH}proof/": Lets(TAKING_OUT, of="dispatch with proof"),
    f"GET {DESKS}": Lets(MEMBERS | {"tired"}, of="desk"),
    f"GET {DESK}": Lets(MEMBERS | {"tired"}, of="desk"),
    f"GET {DESK}profile/": Lets(frozenset({"lead"}), of="desk"),
    f"POST {DESK}profile/": Lets(frozenset({"lead"}), of="desk", body={"name": "Harbour"}),
    f"POST {DESK}profile/undo/": Lets(frozenset({"lead"}), of="desk"),
    f"POST {DESK}contacts/": Lets(MEMBERS, of="desk", body=CONTACTED),
    # Not by whoever added it.
    f"POST {CONTACT}verify/": Lets(MEMBERS - {"lead"}, of="desk", body={"how": "Called"}),
    f"POST {CONTACT}end/": Lets(MEMBERS, of="desk"),
}
