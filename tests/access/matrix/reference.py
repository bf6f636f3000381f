"""The policy once more, written from its text (DESIGN.md section 4) and from nothing else: plain
words and numbers in, an answer out. The application is held against it, for every combination."""

from __future__ import annotations

from dataclasses import dataclass

# The table of section 4, a row for each marking: on which surfaces it is shown, and to whom there.
COLUMNS = {
    "TLP:RED": (),
    "TLP:AMBER+STRICT": ("room",),
    "TLP:AMBER": ("room", "recipient"),
    "TLP:GREEN": ("room", "recipient", "community"),
    "TLP:CLEAR": ("room", "recipient", "community", "public"),
}
DESKS = {"exchange", "issuer", "bridge"}
LEADING = {"affected", "coordinator"}
TRACING = LEADING | {"analytics"}
CALLING = TRACING | {"white_hat", "law_enforcement"}
EVERYBODY = CALLING | DESKS
# Capacity gives capability. Of what is done: by whom, and what needs the passkey of this moment.
ABLE = {
    **dict.fromkeys(("write", "ask_release", "widen", "export"), EVERYBODY),
    **dict.fromkeys(("invite", "remove_party", "give_role", "revise_terms"), LEADING),
    **dict.fromkeys(("request_freeze", "approve_freeze", "send_freeze"), LEADING),
    "confirm_answer": LEADING,
    **dict.fromkeys(("sign", "publish", "accept_return"), LEADING),
    "trace": TRACING,
    "call_attacker": CALLING,
    "answer_freeze": DESKS,
    # Many desks take a request from law enforcement alone.
    "dispatch": LEADING | {"law_enforcement"},
}
WITHOUT_PASSKEY = {"write", "ask_release", "trace", "request_freeze", "answer_freeze"}


@dataclass(frozen=True)
class Viewer:
    """Somebody with a seat in the room, or without one (``party`` None); numbers are names."""

    person: int | None = None
    party: int | None = None
    capacity: str | None = None
    has_signed: bool = False  # the terms in force
    proof: str = "session"
    is_observer: bool = False
    is_speaking: bool = True  # False: another person is the party's external communicator
    is_system: bool = False
    is_every_party: bool = False


@dataclass(frozen=True)
class Item:
    marking: str | None
    owner: int | None
    author: int | None
    parties: frozenset[int] | None = None  # the audience
    people: frozenset[int] | None = None


def sees(viewer: Viewer | None, item: Item, surface: str = "room") -> bool:
    """Whether the text lets ``viewer`` see ``item`` on ``surface``."""
    if viewer is not None and viewer.is_system:
        return True
    column = surface in COLUMNS.get(item.marking or "", ())
    is_narrowed = item.parties is not None or item.people is not None
    if surface != "room" or (viewer is not None and viewer.is_every_party):
        return column and not is_narrowed
    if viewer is None or viewer.person is None or viewer.party is None or not viewer.has_signed:
        return False
    if viewer.person == item.author:
        return True
    is_named = viewer.person in (item.people or ())
    if item.marking not in COLUMNS:
        return False  # a stored null reads as RED to its author only
    if item.marking == "TLP:RED" or is_named or not is_narrowed:
        return is_named or column
    return item.parties is not None and viewer.party in (*item.parties, item.owner)


def refusal(viewer: Viewer, act: str, *, is_closed: bool = False) -> str:
    """Why the text refuses an act, as the API says it; "" where it does not."""
    needs_passkey = act not in WITHOUT_PASSKEY
    if is_closed and act != "export":
        return "incident_closed"
    if viewer.is_system:
        return ""
    if viewer.party is None:
        return "not_found"
    if not viewer.has_signed:
        return "consent_required"
    barred = viewer.is_observer and act != "export"
    if viewer.capacity not in ABLE[act] or barred or (act == "publish" and not viewer.is_speaking):
        return "not_allowed"
    if viewer.proof == "read_token" or (viewer.proof == "token" and needs_passkey):
        return "token_not_enough"
    return "step_up_required" if needs_passkey and viewer.proof == "session" else ""
