"""The API of a room."""

from tests import api as bodies
from tests.access.matrix.lines import Does, Line, Shows
from tests.access.matrix.things import Kind
from tests.factories import CHAIN, address

ROOM = "api/v1/incidents/<slug:slug>/"
FREEZE = f"{ROOM}freezes/<uuid:public_id>/"
STATEMENT = f"{ROOM}statements/<uuid:public_id>/"
TRACE = f"{ROOM}traces/<uuid:trace_id>/"
FLOW = f"{TRACE}flows/<uuid:table_id>/"
ADDRESS = f"{ROOM}addresses/<str:account>/"
CROSSING = f"{ROOM}crossings/<uuid:public_id>/"
WHY = {"reason": "Ours went there."}
THEFT = {"chain": CHAIN, "tx": "0x" + "ab" * 32}

API: dict[str, Line] = {
    f"GET {ROOM}": Shows(),
    f"GET {ROOM}terms/": Shows(door="unsigned"),
    f"GET {ROOM}parties/": Shows(),
    f"GET {ROOM}timeline/": Shows((Kind.NOTE,), more=("?limit=200",)),
    f"GET {ROOM}state/": Shows(),
    f"GET {ROOM}status/": Shows(),
    f"POST {ROOM}status/": Does("publish", {"line": "identified"}),
    f"POST {ROOM}notes/": Does("write", lambda place: place.marked(text="Seen.")),
    f"GET {ROOM}addresses/": Shows((Kind.ADDRESS,)),
    f"POST {ROOM}addresses/": Does("write", lambda place: place.marked(**bodies.RECORD)),
    f"POST {ROOM}addresses/propose-return/": Does(
        "accept_return",
        lambda place: {"chain": CHAIN, "address": address(77), "marking": place.not_red},
    ),
    f"GET {ADDRESS}": Shows((Kind.ADDRESS,), of="address"),
    f"POST {ADDRESS}accept-return/": Does("accept_return", of="return address", owners="other"),
    f"POST {ADDRESS}attacker/": Does("call_attacker", WHY, of="address", openly=True),
    f"POST {ADDRESS}attacker/take-back/": Does(
        "call_attacker", WHY, of="called address", owners="own", openly=True
    ),
    f"GET {ADDRESS}exposures/": Shows(),
    f"GET {ADDRESS}transfers/": Shows(),
    f"GET {ADDRESS}hops/": Shows((Kind.HOP,)),
    f"GET {ADDRESS}labels/": Shows((Kind.LABEL,)),
    f"POST {ADDRESS}labels/": Does(
        "trace", lambda place: place.marked(verdict="confirmed", meaning="category:scam")
    ),
    f"GET {ADDRESS}lookbacks/": Shows((Kind.LOOKBACK,)),
    f"POST {ADDRESS}lookbacks/": Does(
        "trace", lambda place: place.marked(first_block=1), ends="told"
    ),
    f"GET {ROOM}freezes/": Shows((Kind.FREEZE,), partly=(Kind.ANSWER,)),
    f"POST {ROOM}freezes/": Does("request_freeze", lambda place: place.marked(**bodies.DRAFT)),
    f"GET {FREEZE}": Shows((Kind.FREEZE,), of="freeze"),
    f"POST {FREEZE}approve/": Does("approve_freeze", of="draft"),
    f"POST {FREEZE}send/": Does(
        "send_freeze",
        {"channel": "portal", "anyway": bodies.ANYWAY},
        of="approved",
        outward="always",
    ),
    f"POST {FREEZE}targets/<uuid:target_id>/answers/": Does(
        "answer_freeze", lambda place: place.marked(outcome="held"), of="freeze"
    ),
    f"GET {FREEZE}export/<slug:export>/": Shows((Kind.FREEZE,), of="freeze", act="export"),
    f"GET {FREEZE}fields/": Shows(partly=(Kind.FREEZE,), of="freeze"),
    f"PATCH {FREEZE}fields/": Does(
        "request_freeze", {"values": {"victim": "Others"}}, of="drawn packet"
    ),
    f"GET {FREEZE}packets/": Shows(partly=(Kind.FREEZE,), of="packet"),
    f"GET {FREEZE}packets/<uuid:packet_id>/files/<slug:export>/": Shows(
        (Kind.FREEZE,), of="packet", act="export"
    ),
    f"POST {FREEZE}packets/<uuid:packet_id>/signatures/": Does(
        "approve_freeze", {"kind": "sshsig", "signature": "x"}, of="drawn packet", ends="told"
    ),
    f"GET {ROOM}statements/": Shows((Kind.STATEMENT, Kind.PUBLICATION)),
    f"POST {ROOM}statements/": Does("sign", lambda place: place.marked(**bodies.STATEMENT)),
    f"GET {STATEMENT}": Shows((Kind.STATEMENT,), of="statement"),
    f"PUT {STATEMENT}": Does(
        "sign",
        lambda place: {"title": "New", "text": "New", "digest": place.row.digest},
        of="statement",
    ),
    f"POST {STATEMENT}sign-offs/": Does(
        "sign",
        lambda place: {"position": "signed", "digest": place.row.digest},
        of="statement",
    ),
    f"POST {STATEMENT}publish/": Does(
        "publish",
        lambda place: {"digest": place.row.digest},
        of="signed statement",
        elsewhere="told",
    ),
    f"GET {ROOM}traces/": Shows((Kind.TRACE,)),
    f"POST {ROOM}traces/propose/": Does("trace", THEFT, ends="told"),
    f"POST {ROOM}traces/": Does(
        "trace", lambda place: place.marked(**THEFT, seeds=["x"]), ends="told"
    ),
    f"GET {TRACE}": Shows((Kind.TRACE,), of="trace"),
    f"GET {TRACE}flows/": Shows(of="trace"),
    f"POST {TRACE}flows/": Does("trace", lambda place: place.marked(**bodies.FLOWS), of="trace"),
    f"GET {FLOW}": Shows((Kind.FLOW,), of="flow"),
    f"DELETE {FLOW}": Does("trace", of="flow", owners="own"),
    f"GET {TRACE}provenance/<str:account>/": Shows(of="trace"),
    f"GET {ROOM}crossings/": Shows((Kind.CROSSING,)),
    f"POST {CROSSING}confirm/": Does("trace", of="crossing"),
    f"POST {CROSSING}reject/": Does("trace", of="crossing"),
    f"GET {ROOM}leads/": Shows((Kind.LEAD,)),
    f"POST {ROOM}leads/<uuid:public_id>/": Does(
        "trace", {"decision": "dismissed", "reason": "Not theirs."}, of="lead"
    ),
}
