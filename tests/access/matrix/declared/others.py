"""Surfaces about no room, and those that are not addresses: sockets, exports, mails."""

from tests.access.matrix.lines import Apart, Line, Shows, Through
from tests.access.matrix.things import Kind

SIGNING_IN = "a ceremony with a passkey; who may is in tests/doors/test_sign_in.py"
OWN = "shows a secret or ends a session of one's own: tests/doors/test_tokens.py, test_sessions.py"
SITE = "a chain and its endpoints; who may is in test_chain_pages.py"
WAY_IN = "a link that nobody has: the same for all; who has it, tests/doors/test_joining.py"

A_DESK = "the same for all without link and code; who has both, tests/doors/test_desk_page.py"
SEAT = "for which of their seats somebody acts: tests/incidents/test_seats_left.py"
PROOF = "takes a signature, which a chain is asked about: tests/incidents/test_control.py"
ROOM = "incidents/<slug:slug>/"

OTHERS: dict[str, Line] = {
    "GET status/<slug:slug>/": Shows((Kind.PUBLICATION,), surface="public"),
    # --- about no room -----------------------------------------------------------------------
    "POST incidents/new/": Apart("opens a room, as POST api/v1/incidents/ does"),
    "GET api/docs/": Apart("the API's description"),
    # Some seconds each, and the same for all.
    "GET api/schema/": Apart("the API's description", asked=("lead", "stranger", "anonymous")),
    "POST account/tokens/": Apart(OWN, {"name": "x", "days": 1}),
    "POST account/tokens/<uuid:public_id>/revoke/": Apart(OWN),
    "POST account/sessions/<slug:handle>/end/": Apart(OWN),
    "POST account/sessions/end/": Apart(OWN),
    "POST invitations/<uuid:public_id>/take/": Apart(WAY_IN),
    "GET api/v1/seats/": Apart(WAY_IN),
    "POST api/v1/seats/<uuid:public_id>/take/": Apart(WAY_IN),
    "POST api/v1/seats/<uuid:public_id>/turn-down/": Apart(WAY_IN),
    "DELETE api/v1/sessions/<slug:handle>/": Apart(OWN),
    "GET organizations/": Apart("leads to one's own"),
    f"POST {ROOM}seat/": Apart(SEAT),
    f"POST {ROOM}control/<uuid:public_id>/": Apart(PROOF),
    f"POST api/v1/{ROOM}control/<uuid:public_id>/": Apart(PROOF),
    f"GET {ROOM}items/<slug:noun>/<uuid:public_id>/marking/": Shows(
        (Kind.STATEMENT,), of="statement"
    ),
    "GET enrol/<str:token>/": Apart(WAY_IN),
    "POST enrol/<str:token>/": Apart(WAY_IN),
    "GET enrol/passkey/": Apart(WAY_IN),
    "POST enrol/passkey/": Apart(WAY_IN),
    "GET join/<str:token>/": Apart(WAY_IN),
    "POST join/<str:token>/": Apart(WAY_IN),
    **{
        f"{method} desk/<str:selector>/{path}": Apart(A_DESK)
        for method, path in (
            *(("GET", ""), ("POST", "ask/"), ("POST", "open/"), ("GET", "request/")),
            *(("GET", "files/<str:digest>/"), ("POST", "targets/<uuid:public_id>/there/")),
            *((m, "targets/<uuid:public_id>/answer/") for m in ("GET", "POST")),
            *(("GET", "enrol/"), ("POST", "enrol/")),
            *(("POST", "seal/"), ("POST", "leave/")),
        )
    },
    **{
        f"GET .well-known/holdfast/{name}": Apart("public keys of organizations, the same for all")
        for name in ("", "keys.json", "allowed_signers", "openpgp.asc")
    },
    "GET check/": Apart("the same for all; what it finds: tests/incidents/test_check_page.py"),
    "GET check/entries/<slug:shard>.json": Apart("a flat file of sealed entries"),
    "GET calendar/<str:token>.ics": Apart(WAY_IN),
    f"POST {ROOM}calendar/revoke/": Apart(
        "ends one's own address: tests/incidents/test_calendars.py"
    ),
    "GET metrics": Apart("counts of the installation, for a token of its own"),
    **{
        f"{method} accounts/{path}": Apart(SIGNING_IN)
        for path, methods in {
            "inactive/": ("GET",),
            "login/": ("GET",),
            "login/passkey/": ("GET", "POST"),
            "logout/": ("POST",),
            "passkeys/add/": ("POST", "PUT"),
            "passkeys/again/": ("GET", "POST", "PUT"),
            "passkeys/<slug:handle>/remove/": ("GET", "POST", "DELETE"),
            "passkeys/<slug:handle>/rename/": ("GET", "POST", "PUT"),
        }.items()
        for method in methods
    },
    **{
        f"{method} watch/{path}": Apart(SITE)
        for path, methods in {
            "new/": ("POST",),
            "<str:caip2>/commitments/": ("POST",),
            "<str:caip2>/endpoints/<int:pk>/": ("GET", "POST"),
            "<str:caip2>/endpoints/<int:pk>/lift/": ("POST",),
            "<str:caip2>/endpoints/<int:pk>/switch/": ("POST",),
            "<str:caip2>/endpoints/new/": ("POST",),
            "<str:caip2>/follow/": ("POST",),
            "<str:caip2>/quorum/": ("POST",),
        }.items()
        for method in methods
    },
    # --- no addresses ------------------------------------------------------------------------
    "SOCKET ws/incidents/<slug:slug>/": Through(("FRAME entry", "FRAME state")),
    "FRAME entry": Shows((Kind.NOTE,)),
    "FRAME state": Shows(),
    "FRAME hello": Through(("FRAME entry",)),
    "FRAME pong": Through(("FRAME entry",)),
    "EXPORT freeze.json": Through(
        (
            "GET incidents/<slug:slug>/freezes/<uuid:public_id>.json",
            "GET api/v1/incidents/<slug:slug>/freezes/<uuid:public_id>/export/<slug:export>/",
        )
    ),
    **{
        f"EXPORT packet.{slug}": Through(
            (
                f"GET {ROOM}freezes/<uuid:public_id>/packet/<uuid:packet_id>/file/<slug:export>/",
                f"GET api/v1/{ROOM}freezes/<uuid:public_id>/packets/<uuid:packet_id>/files/"
                "<slug:export>/",
            )
        )
        for slug in ("csv", "json", "pdf", "xlsx")
    },
    **{
        f"EXPORT provenance.{slug}": Through(
            (
                "GET incidents/<slug:slug>/traces/<uuid:trace_id>/provenance/"
                "<str:chain>/<str:address>/<slug:export>/",
            )
        )
        for slug in ("csv", "json")
    },
    "MAIL mail.send_invitation": Apart("that somebody is invited, never to what"),
    **{
        f"NOTIFIER {slug}": Apart("carries what a letter made: tests/incidents/test_letters.py")
        for slug in ("mail", "webhook")
    },
    **{
        f"RECIPIENT {slug}": Apart("a kind of address: tests/incidents/test_desk_contacts.py")
        for slug in ("mail", "phone", "portal", "room", "webhook")
    },
}
