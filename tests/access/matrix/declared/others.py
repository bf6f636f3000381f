"""Surfaces about no room, and those that are not addresses: sockets, exports, mails."""

from tests.access.matrix.lines import Apart, Line, Shows, Through
from tests.access.matrix.things import Kind

SIGNING_IN = "signing in and one's own passkeys"
OWN = "one's own tokens and organizations"
SITE = "the installation's chains; who may is in test_chain_pages.py"
WAY_IN = "a link that nobody has: the same for all"

SEATS = "who sits in a room has no marking; who decides on it is in tests/incidents/test_seats*.py"
RELEASES = "one item's owner and whoever asked; who may is in tests/incidents/test_release*.py"
PACT = (
    "the terms are no item; who reads, signs and revises them is in tests/incidents/test_consent*"
)
PEOPLE = "an organization's own people; who may is in tests/doors"
MEMBER = "<uuid:public_id>/members/<uuid:member>/"
RECOVERY = "<uuid:public_id>/recoveries/<uuid:recovery>/"
ROOM = "incidents/<slug:slug>/"

OTHERS: dict[str, Line] = {
    "GET status/<slug:slug>/": Shows((Kind.PUBLICATION,), surface="public"),
    # --- about no room -----------------------------------------------------------------------
    "GET ": Apart("titles of one's rooms, which are no shared item"),
    "GET incidents/new/": Apart("a form"),
    "POST incidents/new/": Apart("opens a room of one's own"),
    "GET api/v1/incidents/": Apart("titles of one's rooms, which are no shared item"),
    "POST api/v1/incidents/": Apart("opens a room of one's own"),
    "GET api/docs/": Apart("the API's description"),
    "GET api/schema/": Apart("the API's description"),
    "GET api/v1/chains/": Apart("how far chains are followed"),
    "GET account/tokens/": Apart(OWN),
    "POST account/tokens/": Apart(OWN, {"name": "x", "days": 1}),
    "POST account/tokens/<uuid:public_id>/revoke/": Apart(OWN),
    "GET api/v1/tokens/": Apart(OWN),
    "POST api/v1/tokens/": Apart(OWN, {"name": "x"}),
    "DELETE api/v1/tokens/<uuid:public_id>/": Apart(OWN),
    "GET account/sessions/": Apart(OWN),
    "POST account/sessions/<slug:handle>/end/": Apart(OWN),
    "POST account/sessions/end/": Apart(OWN),
    "POST invitations/<uuid:public_id>/take/": Apart(WAY_IN),
    **{
        f"GET api/v1/{ROOM}{path}/": Shows()
        for path in ("control", "invitations", "removals", "roles")
    },
    **{
        f"{verb} {ROOM}terms/{path}": Apart(PACT)
        for verb, path in (
            ("GET", "versions/"),
            ("GET", "revisions/new/"),
            ("POST", "revisions/new/"),
            ("GET", "revisions/<uuid:public_id>/"),
            ("POST", "revisions/<uuid:public_id>/answer/"),
        )
    },
    **{
        f"{verb} api/v1/{ROOM}terms/{path}": Apart(PACT)
        for verb, path in (
            ("GET", "versions/"),
            ("GET", "revisions/"),
            ("POST", "revisions/"),
            ("POST", "revisions/<uuid:public_id>/accept/"),
            ("POST", "revisions/<uuid:public_id>/reject/"),
            ("POST", "revisions/<uuid:public_id>/withdraw/"),
            ("POST", "read/"),
            ("POST", "sign/"),
            ("POST", "decline/"),
        )
    },
    f"POST api/v1/{ROOM}preview/": Apart("names of parties that its asker knows of"),
    **{
        f"POST api/v1/{ROOM}{path}": Apart(SEATS)
        for path in (
            "control/",
            "control/<uuid:public_id>/",
            "invitations/",
            "invitations/<uuid:public_id>/approve/",
            "invitations/<uuid:public_id>/refuse/",
            "invitations/<uuid:public_id>/revoke/",
            "parties/<uuid:public_id>/leave/",
            "parties/<uuid:public_id>/removal/",
            "parties/<uuid:public_id>/vouch/",
            "removals/<uuid:public_id>/approve/",
            "removals/<uuid:public_id>/refuse/",
            "roles/",
            "roles/<uuid:public_id>/end/",
            "roles/<uuid:public_id>/hand-over/",
            "roles/<uuid:public_id>/take-over/",
        )
    },
    **{
        f"{verb} {ROOM}{path}": Apart(SEATS)
        for verb, path in (
            ("POST", "invitations/<uuid:public_id>/approve/"),
            ("POST", "invitations/<uuid:public_id>/refuse/"),
            ("POST", "invitations/<uuid:public_id>/revoke/"),
            ("GET", "parties/<uuid:public_id>/removal/"),
            ("POST", "parties/<uuid:public_id>/removal/"),
            ("POST", "parties/<uuid:public_id>/vouch/"),
            ("POST", "removals/<uuid:public_id>/approve/"),
            ("POST", "removals/<uuid:public_id>/refuse/"),
            ("POST", "seat/"),
            ("GET", "roles/new/"),
            ("POST", "roles/new/"),
            ("GET", "roles/<uuid:public_id>/hand-over/"),
            ("POST", "roles/<uuid:public_id>/hand-over/"),
            ("POST", "roles/<uuid:public_id>/take-over/"),
            ("POST", "roles/<uuid:public_id>/end/"),
            ("GET", "control/new/"),
            ("POST", "control/new/"),
            ("GET", "control/<uuid:public_id>/"),
            ("POST", "control/<uuid:public_id>/"),
        )
    },
    "GET api/v1/seats/": Apart(WAY_IN),
    "POST api/v1/seats/<uuid:public_id>/take/": Apart(WAY_IN),
    "POST api/v1/seats/<uuid:public_id>/turn-down/": Apart(WAY_IN),
    "GET api/v1/sessions/": Apart(OWN),
    "DELETE api/v1/sessions/": Apart(OWN),
    "DELETE api/v1/sessions/<slug:handle>/": Apart(OWN),
    **{
        f"{verb} api/v1/organizations/{path}": Apart(PEOPLE)
        for verb, path in (
            ("GET", ""),
            ("GET", "<uuid:organization_id>/members/"),
            ("POST", "<uuid:organization_id>/members/"),
            ("PUT", "<uuid:organization_id>/members/<uuid:member_id>/"),
            ("DELETE", "<uuid:organization_id>/members/<uuid:member_id>/"),
            ("GET", "<uuid:organization_id>/recoveries/"),
            ("POST", "<uuid:organization_id>/recoveries/"),
            ("POST", "<uuid:organization_id>/recoveries/<uuid:public_id>/approve/"),
            ("POST", "<uuid:organization_id>/recoveries/<uuid:public_id>/issue/"),
            ("POST", "<uuid:organization_id>/recoveries/<uuid:public_id>/stop/"),
        )
    },
    **{
        f"{verb} organizations/{path}": Apart(PEOPLE)
        for verb, path in (
            ("GET", ""),
            ("GET", "<uuid:public_id>/"),
            ("POST", "<uuid:public_id>/members/"),
            ("POST", f"{MEMBER}administrator/"),
            ("GET", f"{MEMBER}end/"),
            ("POST", f"{MEMBER}end/"),
            ("GET", f"{MEMBER}recovery/"),
            ("POST", f"{MEMBER}recovery/"),
            ("POST", f"{MEMBER}withdraw/"),
            ("POST", f"{RECOVERY}approve/"),
            ("POST", f"{RECOVERY}issue/"),
            ("POST", f"{RECOVERY}stop/"),
        )
    },
    f"GET {ROOM}releases/": Shows(),
    f"GET api/v1/{ROOM}releases/": Shows(),
    f"GET {ROOM}items/<slug:noun>/<uuid:public_id>/marking/": Shows(
        (Kind.STATEMENT,), of="statement"
    ),
    f"POST api/v1/{ROOM}items/<slug:noun>/<uuid:public_id>/marking/": Apart(RELEASES),
    f"POST api/v1/{ROOM}items/<slug:noun>/<uuid:public_id>/releases/": Apart(RELEASES),
    **{
        f"POST {api}{ROOM}releases/<uuid:public_id>/{word}/": Apart(RELEASES)
        for api in ("", "api/v1/")
        for word in ("release", "refuse", "withdraw")
    },
    "GET enrol/<str:token>/": Apart(WAY_IN),
    "POST enrol/<str:token>/": Apart(WAY_IN),
    "GET enrol/passkey/": Apart(WAY_IN),
    "POST enrol/passkey/": Apart(WAY_IN),
    "GET join/<str:token>/": Apart(WAY_IN),
    "POST join/<str:token>/": Apart(WAY_IN),
    "GET metrics": Apart("counts of the installation, for a token of its own"),
    **{
        f"{method} accounts/{path}": Apart(SIGNING_IN)
        for path, methods in {
            "inactive/": ("GET",),
            "login/": ("GET",),
            "login/passkey/": ("GET", "POST"),
            "logout/": ("GET", "POST"),
            "passkeys/": ("GET",),
            "passkeys/add/": ("GET", "POST", "PUT"),
            "passkeys/again/": ("GET", "POST", "PUT"),
            "passkeys/<slug:handle>/remove/": ("GET", "POST", "DELETE"),
            "passkeys/<slug:handle>/rename/": ("GET", "POST", "PUT"),
        }.items()
        for method in methods
    },
    **{
        f"{method} watch/{path}": Apart(SITE)
        for path, methods in {
            "": ("GET",),
            "new/": ("GET", "POST"),
            "<str:caip2>/": ("GET",),
            "<str:caip2>/commitments/": ("POST",),
            "<str:caip2>/endpoints/<int:pk>/": ("GET", "POST"),
            "<str:caip2>/endpoints/<int:pk>/lift/": ("POST",),
            "<str:caip2>/endpoints/<int:pk>/switch/": ("POST",),
            "<str:caip2>/endpoints/new/": ("GET", "POST"),
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
        f"EXPORT provenance.{slug}": Through(
            (
                "GET incidents/<slug:slug>/traces/<uuid:trace_id>/provenance/"
                "<str:chain>/<str:address>/<slug:export>/",
            )
        )
        for slug in ("csv", "json")
    },
    "MAIL mail.send_invitation": Apart("that somebody is invited, never to what"),
}
