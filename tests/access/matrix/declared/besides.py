"""What lies in a room beside items, and an organization's people: whom each surface lets."""

from tests.access.matrix.lines import Lets, Line
from tests.factories import ADDRESS, CHAIN, SSH_KEY, TOKEN

ROOM = "incidents/<slug:slug>/"
API = f"api/v1/{ROOM}"
ONE = "<uuid:public_id>/"
INVITATION, REMOVAL, ROLE, PROOF = (
    f"{noun}/{ONE}" for noun in ("invitations", "removals", "roles", "control")
)
MEMBER = f"organizations/{ONE}members/<uuid:member>/"
RECOVERY = f"organizations/{ONE}recoveries/<uuid:recovery>/"
RECOVERIES = "api/v1/organizations/<uuid:organization_id>/recoveries/"
OF_API = "api/v1/organizations/<uuid:organization_id>/members/"

KELP = frozenset({"lead", "colleague"})  # the lead's party
RIVALS = frozenset({"rival", "coordinator"})  # a second, independent word
LEADING = KELP | RIVALS
SIGNED = LEADING | {"analyst", "exchange", "issuer", "law", "white_hat"}
# Who looks only, and who used the passkey long ago.
INSIDE = SIGNED | {"observer", "tired"}
READING = INSIDE | {"read token", "write token"}
TOLD = frozenset({"invited", "lapsed"})
PEOPLE = KELP | {"observer", "tired"}  # members of the lead's organization
OUTSIDE = frozenset({"declined", "removed", "former", "neighbour", "stranger", "administrator"})
KNOWN = READING | TOLD | OUTSIDE
TOKENS = frozenset({"read token", "write token"})
NEWCOMER = {"organization_name": "X", "email": "x@x.example", "capacity": "exchange"}
WHY = {"reason": "It leaks."}
ACCOUNT = {"chain": CHAIN, "address": ADDRESS}
PRICE = {"asset": TOKEN, "usd": "1.5", "at": "2026-04-18T10:00", "source": "Somebody"}
TERMS = {"text": "Other terms.", "covers": [], "respond_minutes": 5}
NO_COVERS = {name: value for name, value in TERMS.items() if name != "covers"}


def _of_the_terms() -> dict[str, Line]:
    digest = lambda ids: {"digest": ids["digest"]}  # noqa: E731
    one = f"revisions/{ONE}"
    return {
        # Whoever of a party reads them; signing takes the passkey of no moment, but no token.
        f"POST {API}terms/read/": Lets(INSIDE | TOLD | {"write token"}, body=digest),
        f"POST {API}terms/sign/": Lets(SIGNED | {"tired"}, body=digest),
        f"POST {API}terms/decline/": Lets(SIGNED | TOLD | {"tired"}),
        f"GET {API}terms/versions/": Lets(READING),
        f"GET {API}terms/revisions/": Lets(READING),
        f"POST {API}terms/revisions/": Lets(LEADING, body=TERMS),
        f"POST {API}terms/{one}accept/": Lets(RIVALS, of="revision", body=digest),
        f"POST {API}terms/{one}reject/": Lets(RIVALS, of="revision"),
        f"POST {API}terms/{one}withdraw/": Lets(KELP, of="revision"),
        f"GET {ROOM}terms/versions/": Lets(INSIDE),
        f"GET {ROOM}terms/revisions/new/": Lets(LEADING),
        f"POST {ROOM}terms/revisions/new/": Lets(
            LEADING, body={k: v for k, v in TERMS.items() if v}
        ),
        f"GET {ROOM}terms/{one}": Lets(INSIDE, of="revision"),
        f"POST {ROOM}terms/{one}answer/": Lets(
            RIVALS, of="revision", body=lambda ids: {"answer": "accept"} | digest(ids)
        ),
    }


def _of_seats() -> dict[str, Line]:
    def both(path: str, may: frozenset[str], of: str) -> dict[str, Line]:
        return {f"POST {place}{path}": Lets(may, of=of) for place in (ROOM, API)}

    return {
        f"GET {API}invitations/": Lets(READING),
        f"POST {API}invitations/": Lets(LEADING, body=NEWCOMER),
        **both(f"{INVITATION}approve/", RIVALS, "invitation"),
        **both(f"{INVITATION}refuse/", LEADING, "invitation"),
        **both(f"{INVITATION}revoke/", LEADING, "approved invitation"),
        **both(f"parties/{ONE}vouch/", RIVALS, "guest"),
        f"POST {API}parties/{ONE}leave/": Lets(frozenset({"exchange"}), of="seat"),
        f"GET {ROOM}parties/{ONE}removal/": Lets(LEADING | {"exchange"}, of="seat"),
        f"POST {ROOM}parties/{ONE}removal/": Lets(LEADING | {"exchange"}, of="seat", body=WHY),
        f"POST {API}parties/{ONE}removal/": Lets(LEADING, of="seat", body=WHY),
        f"GET {API}removals/": Lets(READING, of="removal"),
        **both(f"{REMOVAL}approve/", RIVALS, "removal"),
        **both(f"{REMOVAL}refuse/", LEADING, "removal"),
    }


def _of_roles() -> dict[str, Line]:
    own = KELP | {"coordinator"}
    at = lambda ids: {"person": ids["colleague_at"]}  # noqa: E731
    them = lambda ids: {"person": ids["colleague"]}  # noqa: E731
    given = lambda ids: {"role": "commander", "party": ids["seat"]} | them(ids)  # noqa: E731
    return {
        f"GET {API}roles/": Lets(READING),
        f"POST {API}roles/": Lets(LEADING, body=given),
        f"GET {ROOM}roles/new/": Lets(LEADING),
        f"POST {ROOM}roles/new/": Lets(LEADING, body=lambda ids: {"role": "commander"} | at(ids)),
        f"POST {API}{ROLE}hand-over/": Lets(own, of="role", body=them),
        f"GET {ROOM}{ROLE}hand-over/": Lets(INSIDE, of="role"),
        f"POST {ROOM}{ROLE}hand-over/": Lets(own, of="role", body=at),
        **{
            f"POST {place}{ROLE}{act}/": Lets(may, of="role")
            for place in (ROOM, API)
            for act, may in (("take-over", frozenset({"colleague"})), ("end", own))
        },
        f"GET {API}control/": Lets(READING, of="proof"),
        f"POST {API}control/": Lets(KELP | {"rival", "tired", "write token"}, body=ACCOUNT),
        f"GET {ROOM}control/new/": Lets(SIGNED | {"tired"}),
        f"POST {ROOM}control/new/": Lets(KELP | {"rival", "tired"}, body=ACCOUNT),
        f"GET {ROOM}{PROOF}": Lets(PEOPLE, of="proof"),
    }


def _of_releases() -> dict[str, Line]:
    wider = {"marking": "TLP:GREEN", "reason": "Others have to know."}
    item = "items/<slug:noun>/<uuid:public_id>/"
    asking = SIGNED - KELP - {"law"}  # asking would show the confidential one
    return {
        f"GET {ROOM}releases/": Lets(INSIDE, of="release"),
        f"GET {API}releases/": Lets(READING, of="release"),
        f"POST {API}{item}marking/": Lets(KELP, of="statement", body=wider),
        # The same form files a request of those whose it is not.
        f"POST {ROOM}{item}marking/": Lets(KELP | asking, of="statement", body=wider),
        f"POST {API}{item}releases/": Lets(asking, of="statement", body=wider),
        **{
            f"POST {place}{ROOM}releases/{ONE}{word}/": Lets(
                may, of="release", body={"words": "So be it.", "reason": "So be it."}
            )
            for place, old in (("", {"tired"}), ("api/v1/", {"tired", "write token"}))
            for word, may in (
                ("release", KELP),
                ("refuse", KELP | old),  # it widens nothing
                ("withdraw", frozenset({"rival"})),
            )
        },
        f"POST {API}preview/": Lets(READING - {"read token"}, body={"marking": "TLP:AMBER"}),
    }


def _of_desks() -> dict[str, Line]:
    request, answer = f"{ROOM}freezes/{ONE}", f"{ROOM}answers/{ONE}"
    link = f"{request}links/<uuid:link_id>/"
    of = "desk link"
    drafting = LEADING | {"tired"}
    said = {"outcome": "acknowledged", "channel": "mail", "marking": "TLP:AMBER"}
    how = {"how": "Their switchboard, from their own site."}
    return {
        f"GET {request}links/new/": Lets(LEADING, of=of),
        f"POST {request}links/new/": Lets(LEADING, of=of, body={"recipient": "Night desk"}),
        # A desk that was not asked knows of none of it.
        f"GET {link}": Lets(INSIDE - {"issuer"}, of=of),
        **{f"POST {link}{act}/": Lets(LEADING, of=of) for act in ("revoke", "renew")},
        f"POST {link}browsers/<uuid:device_id>/code/": Lets(LEADING, of=of),
        f"GET {ROOM}targets/{ONE}claim/": Lets(drafting, of="asked of a desk"),
        f"POST {ROOM}targets/{ONE}claim/": Lets(drafting, of="asked of a desk", body=said),
        # A calendar's address takes out what its person sees: as a file does, the passkey.
        f"GET {ROOM}calendar/": Lets(INSIDE),
        f"POST {ROOM}calendar/": Lets(SIGNED | {"observer"}),
        f"GET {answer}confirm/": Lets(LEADING, of="claim"),
        f"POST {answer}confirm/": Lets(LEADING - {"lead"}, of="claim", body=how),
        f"GET {answer}proof/": Lets((SIGNED | {"observer"}) - {"issuer"}, of="claim"),
    }


def _of_orders() -> dict[str, Line]:
    orders, holds = f"{ROOM}targets/{ONE}orders/", f"{ROOM}hold-offs/"
    one, others = f"{orders}<uuid:order_id>/", LEADING - {"lead"}
    wanted = {"kind": "release", "reason": "Theirs after all."}
    law = frozenset({"law"})
    account = {"chain": CHAIN, "address": ADDRESS}
    return {
        f"GET {orders}": Lets(INSIDE - {"issuer"}, of="asked of a desk"),
        f"POST {orders}": Lets(LEADING, of="asked of a desk", body=wanted),
        f"POST {one}agree/": Lets(RIVALS, of="order"),
        f"POST {one}check/": Lets(others, of="agreed order", body={"how": "Called them."}),
        f"POST {one}stop/": Lets(LEADING, of="order"),
        f"POST {one}carry-out/": Lets(LEADING, of="ready order"),
        # Whoever sent it looks after it already.
        f"POST {ROOM}freezes/{ONE}watch/": Lets(
            (LEADING | {"tired"}) - {"rival"}, of="sent freeze"
        ),
        f"GET {ROOM}prices/": Lets(INSIDE),
        f"POST {ROOM}prices/": Lets(LEADING | {"analyst", "tired"}, body=PRICE),
        f"GET {holds}": Lets(law),
        f"POST {holds}": Lets(law, body=account),
        f"POST {holds}{ONE}lift/": Lets(law, of="hold off"),
    }


def _of_people() -> dict[str, Line]:
    nia = {"name": "Nia", "email": "nia@kelp.example"}
    lead = frozenset({"lead"})
    asking = lead | {"observer"}  # of a room; of the organization an ordinary member
    return {
        "GET api/v1/organizations/": Lets(KNOWN, of="member"),
        f"GET {OF_API}": Lets(PEOPLE | TOKENS, of="member"),
        f"POST {OF_API}": Lets(lead, of="member", body=nia),
        f"PUT {OF_API}<uuid:member_id>/": Lets(lead, of="member", body={"is_administrator": True}),
        f"DELETE {OF_API}<uuid:member_id>/": Lets(lead, of="member"),
        f"GET organizations/{ONE}": Lets(PEOPLE, of="member"),
        f"POST organizations/{ONE}members/": Lets(lead, of="member", body=nia),
        f"POST {MEMBER}administrator/": Lets(lead, of="member", body={"administrator": "yes"}),
        f"GET {MEMBER}end/": Lets(lead, of="member"),
        f"POST {MEMBER}end/": Lets(lead, of="member"),
        f"GET {MEMBER}recovery/": Lets(PEOPLE, of="member"),
        # Nobody asks or agrees for themselves, or alone; who stops it needs no passkey.
        f"POST {MEMBER}recovery/": Lets(asking, of="member", body={"reason": "Lost."}),
        f"POST {MEMBER}withdraw/": Lets(lead, of="invited member"),
        f"POST {RECOVERY}approve/": Lets(frozenset({"observer"}), of="recovery"),
        f"POST {RECOVERY}issue/": Lets(asking, of="recovery, a day later"),
        f"POST {RECOVERY}stop/": Lets(PEOPLE, of="recovery"),
        f"GET {RECOVERIES}": Lets(PEOPLE | TOKENS, of="member"),
        f"POST {RECOVERIES}": Lets(
            asking, of="member", body=lambda ids: {"person": ids["member"], "reason": "Lost."}
        ),
        f"POST {RECOVERIES}{ONE}approve/": Lets(frozenset({"observer"}), of="recovery in the API"),
        f"POST {RECOVERIES}{ONE}issue/": Lets(asking, of="recovery in the API, a day later"),
        f"POST {RECOVERIES}{ONE}stop/": Lets(PEOPLE - {"tired"}, of="recovery in the API"),
    }


def _of_keys() -> dict[str, Line]:
    fresh, key = KELP | {"observer"}, {"kind": "sshsig", "public": SSH_KEY}
    pages, of_api = f"organizations/{ONE}keys/", "api/v1/organizations/<uuid:organization_id>/keys/"
    other = fresh - {"lead"}  # whose key it is
    return {
        f"GET {pages}": Lets(PEOPLE, of="member"),
        f"POST {pages}": Lets(fresh, of="member", body=key),
        f"POST {pages}<uuid:key>/confirm/": Lets(other, of="signing key"),
        f"POST {pages}<uuid:key>/end/": Lets(fresh, of="signing key"),
        f"GET {of_api}": Lets(PEOPLE | TOKENS, of="member"),
        f"POST {of_api}": Lets(fresh, of="member", body=key),
        f"POST {of_api}{ONE}confirm/": Lets(other, of="signing key in the API"),
        f"POST {of_api}{ONE}end/": Lets(fresh, of="signing key in the API"),
    }


def _of_ones_own() -> dict[str, Line]:
    with_session = (
        *("GET ", "GET incidents/new/", "GET account/tokens/", "GET account/sessions/"),
        *("GET accounts/logout/", "GET accounts/passkeys/", "GET accounts/passkeys/add/"),
        *("GET api/v1/tokens/", "GET api/v1/sessions/", "DELETE api/v1/sessions/", "GET watch/"),
        "DELETE api/v1/tokens/<uuid:public_id>/",
    )
    return {
        **dict.fromkeys(with_session, Lets(KNOWN - TOKENS)),
        "POST api/v1/tokens/": Lets(KNOWN - TOKENS, body={"name": "x"}),
        "GET api/v1/incidents/": Lets(KNOWN),
        "GET api/v1/chains/": Lets(KNOWN),
        "POST api/v1/incidents/": Lets(
            PEOPLE | {"write token"}, body={"title": "Another", "organization": "kelp"}
        ),
        **dict.fromkeys(
            (
                f"GET watch/{path}"
                for path in ("new/", "<str:caip2>/", "<str:caip2>/endpoints/new/")
            ),
            Lets(frozenset({"administrator"})),
        ),
    }


BESIDES: dict[str, Line] = (
    _of_the_terms()
    | _of_seats()
    | _of_roles()
    | _of_releases()
    | _of_desks()
    | _of_orders()
    | _of_people()
    | _of_keys()
    | _of_ones_own()
)
