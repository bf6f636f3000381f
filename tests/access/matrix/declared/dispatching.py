"""Requests on their way to desks, and what an organization knows of desks."""

from tests.access.matrix.lines import Lets, Line

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

DISPATCHING: dict[str, Line] = {
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
