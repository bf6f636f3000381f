"""Pages of a room."""

from incidents.services import packets
from tests.access.matrix.lines import Does, Line, Shows
from tests.access.matrix.makers import PLACE
from tests.access.matrix.things import Kind
from tests.api import ANYWAY
from tests.factories import CHAIN, TOKEN, address

ROOM = "incidents/<slug:slug>/"
FREEZE = f"{ROOM}freezes/<uuid:public_id>/"
PACKET = f"{FREEZE}packet/"
STATEMENT = f"{ROOM}statements/<uuid:public_id>/"
TRACE = f"{ROOM}traces/<uuid:trace_id>/"
FLOW = f"{TRACE}flows/<uuid:table_id>/"
ADDRESS = f"{ROOM}addresses/<str:chain>/<str:address>/"
TARGET = f"{ROOM}targets/<uuid:public_id>/"
CROSSING = f"{ROOM}crossings/<uuid:public_id>/"
AT = (Kind.NOTE, Kind.LABEL)  # of a place, whoever put it on the list
WHY = {"reason": "Ours went there."}
SPARE = {"chain": CHAIN, "address": address(77)}

PAGES: dict[str, Line] = {
    f"GET {ROOM}": Shows(
        (Kind.NOTE, Kind.FREEZE, Kind.STATEMENT, Kind.PUBLICATION), partly=(Kind.ADDRESS,)
    ),
    f"GET {ROOM}terms/": Shows(door="unsigned"),
    f"POST {ROOM}terms/answer/": Does("", {"answer": ""}, ends="told", door="unsigned"),
    f"POST {ROOM}notes/": Does("write", lambda place: place.marked(text="Seen.")),
    f"GET {ROOM}addresses/": Shows((Kind.ADDRESS,)),
    f"GET {ROOM}addresses/new/": Shows(),
    f"POST {ROOM}addresses/new/": Does(
        "write", lambda place: place.marked(**SPARE, role="other", label="")
    ),
    f"GET {ADDRESS}": Shows(AT, partly=(Kind.LOOKBACK, Kind.LEAD, Kind.HOP)),
    f"POST {ADDRESS}accept/": Does("accept_return", of="return address", owners="other"),
    f"POST {ADDRESS}attacker/": Does("call_attacker", WHY, of="address", openly=True),
    f"POST {ADDRESS}attacker/take-back/": Does(
        "call_attacker", WHY, of="called address", owners="own", openly=True
    ),
    f"POST {ADDRESS}label/": Does(
        "trace",
        lambda place: place.marked(verdict="confirmed", meaning="category:scam", name=""),
    ),
    f"POST {ADDRESS}lookback/": Does("trace", {"first": 1}, ends="told"),
    f"GET {ROOM}freezes/new/": Shows(),
    f"POST {ROOM}freezes/new/": Does(
        "request_freeze",
        lambda place: place.marked(
            chain=CHAIN,
            address=PLACE,
            desk="other",
            desk_name="Far Exchange",
            asset="other",
            other_asset=TOKEN,
            other_symbol="RSX",
            other_decimals=18,
            amount="1",
        ),
    ),
    f"GET {FREEZE}": Shows((Kind.FREEZE,), of="freeze"),
    f"GET {ROOM}freezes/<uuid:public_id>.json": Shows((Kind.FREEZE,), of="freeze", act="export"),
    f"POST {FREEZE}approve/": Does("approve_freeze", of="draft"),
    f"POST {FREEZE}send/": Does(
        "send_freeze",
        {"channel": "portal", "anyway": ",".join(ANYWAY)},
        of="approved",
        outward="elsewhere",
    ),
    f"GET {PACKET}": Shows((Kind.FREEZE,), of="packet"),
    f"GET {PACKET}edit/": Shows(partly=(Kind.FREEZE,), of="packet"),
    f"POST {PACKET}edit/": Does("request_freeze", {"victim": "Others"}, of="drawn packet"),
    f"POST {PACKET}draw/": Does("request_freeze", of="draft", ends="kept"),
    f"POST {PACKET}challenge/": Does(
        "request_freeze",
        lambda place: {"seen": packets.essence_of(place.row.request)},
        of="draft",
        ends="kept",
    ),
    f"POST {PACKET}<uuid:packet_id>/sign/": Does(
        "approve_freeze", {"kind": "sshsig", "signature": "x"}, of="drawn packet", ends="told"
    ),
    f"GET {PACKET}<uuid:packet_id>/file/<slug:export>/": Shows(
        (Kind.FREEZE,), of="packet", act="export"
    ),
    f"GET {ROOM}invite/": Shows(act="invite"),
    f"GET {ROOM}leads/": Shows((Kind.LEAD,), more=("?page=1", "?page=2", "?page=3", "?page=4")),
    f"POST {ROOM}leads/<uuid:public_id>/decide/": Does(
        "trace", {"decision": "dismissed", "reason": "Not theirs."}, of="lead"
    ),
    f"GET {ROOM}statements/new/": Shows(),
    f"POST {ROOM}statements/new/": Does(
        "sign", lambda place: place.marked(title="T", text="What happened.")
    ),
    f"GET {STATEMENT}": Shows((Kind.STATEMENT,), of="statement"),
    f"GET {STATEMENT}edit/": Shows((Kind.STATEMENT,), of="statement"),
    f"POST {STATEMENT}edit/": Does(
        "sign",
        lambda place: {"title": "New", "text": "New", "digest": place.row.digest},
        of="statement",
    ),
    f"POST {STATEMENT}sign/": Does(
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
    f"GET {ROOM}status/": Shows(),
    f"POST {ROOM}status/": Does("publish", {"line": "identified"}),
    f"GET {TARGET}answer/": Shows(partly=(Kind.FREEZE,), of="target"),
    f"POST {TARGET}answer/": Does(
        "answer_freeze", lambda place: place.marked(outcome="acknowledged"), of="target"
    ),
    f"POST {TARGET}review/": Does("request_freeze", of="changed target"),
    f"POST {CROSSING}confirm/": Does("trace", of="crossing"),
    f"POST {CROSSING}reject/": Does("trace", of="crossing"),
    f"GET {ROOM}trace/": Shows(act="trace"),
    f"POST {ROOM}trace/": Does("trace", {"chain": CHAIN, "tx": "0x"}, ends="told"),
    f"GET {ROOM}traces/": Shows((Kind.TRACE,)),
    f"GET {TRACE}": Shows((Kind.TRACE,), of="trace"),
    f"GET {FLOW}": Shows((Kind.FLOW,), of="flow"),
    f"POST {FLOW}withdraw/": Does("trace", of="flow", owners="own"),
    f"GET {TRACE}flows/new/": Shows(of="trace", act="trace"),
    f"POST {TRACE}flows/new/": Does("trace", {}, of="trace", ends="told"),
    f"GET {TRACE}provenance/<str:chain>/<str:address>/": Shows(of="trace"),
    f"GET {TRACE}provenance/<str:chain>/<str:address>/<slug:export>/": Shows(
        of="trace", act="export"
    ),
    f"POST {ROOM}invite/": Does("invite", {}, ends="told"),
    f"GET {ROOM}parties/": Shows(),
}
