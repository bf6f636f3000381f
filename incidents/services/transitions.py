"""Which state of a target's part may follow which. Reasoning alone: no database.

After the response types and the state machine of docs/adr (freeze targets). What a desk says is
checked against it (`refusal`); what is in the log already is only folded (services/parts.py), since
a viewer may know less of the log than its writer did.
"""

from __future__ import annotations

from incidents.choices import TargetState as S

# What happens to what a target rests on; no state.
ADDED = "added"  # amount: so much more is asked for
EVIDENCE_CHANGED = "evidence_changed"  # amount: so much less
EVIDENCE_REVIEWED = "evidence_reviewed"
RETURN_ADDRESS = "return_address"  # two parties ordered another one
TAKEN_BACK = "taken_back"  # `part` is the seq of the row that counts no more

UNSENT = frozenset({S.DRAFT, S.CHECKED, S.APPROVED})
OPEN = frozenset(
    {S.SENT, S.BOUNCED, S.NO_REPLY, S.ACKNOWLEDGED, S.NEEDS_INFORMATION, S.NEEDS_LEGAL_PROCESS}
)
REFUSED = frozenset({S.WRONG_DESK, S.DECLINED, S.MOVED_ON})
# Nothing is held here (any more): whatever a desk says may still follow.
LOOSE = OPEN | REFUSED | {S.LOCATED, S.LAPSED, S.RELEASED}
HOLDING = frozenset({S.HELD, S.RENEWED})
WAITING = frozenset({S.NEEDS_INFORMATION, S.NEEDS_LEGAL_PROCESS})  # may stand over a hold
SECURED = frozenset({S.SEIZED, S.BURNED_REISSUED, S.IN_CUSTODY, S.ENCUMBERED})
ENDED = frozenset({S.RETURNED, S.WITHDRAWN})
EVERY = frozenset(S)

# State -> the states it may follow.
AFTER: dict[S, frozenset[S]] = {
    S.DRAFT: UNSENT,
    S.CHECKED: UNSENT,
    S.APPROVED: UNSENT,
    S.SENT: UNSENT | {S.BOUNCED},
    S.BOUNCED: frozenset({S.SENT, S.NO_REPLY}),
    S.NO_REPLY: frozenset({S.SENT, S.BOUNCED, S.ACKNOWLEDGED}),
    S.ACKNOWLEDGED: OPEN | {S.WRONG_DESK, S.DECLINED},
    S.NEEDS_INFORMATION: LOOSE | HOLDING | {S.FROZEN},
    S.NEEDS_LEGAL_PROCESS: LOOSE | HOLDING | {S.FROZEN},
    S.WRONG_DESK: LOOSE,
    S.DECLINED: LOOSE,
    S.MOVED_ON: LOOSE | HOLDING,
    S.LOCATED: LOOSE,
    S.HELD: LOOSE | HOLDING,
    S.RENEWED: HOLDING | WAITING | {S.LAPSED},
    S.LAPSED: EVERY,  # wherever a hold stands whose time is over
    S.FROZEN: LOOSE | HOLDING | {S.FROZEN},
    S.RELEASED: HOLDING | WAITING | {S.FROZEN, S.LAPSED, S.IN_CUSTODY, S.ENCUMBERED, S.SEIZED},
    S.SEIZED: LOOSE | HOLDING | {S.FROZEN, S.IN_CUSTODY, S.ENCUMBERED},
    S.BURNED_REISSUED: HOLDING | {S.FROZEN, S.SEIZED, S.IN_CUSTODY, S.ENCUMBERED},
    S.IN_CUSTODY: HOLDING | {S.FROZEN, S.SEIZED, S.BURNED_REISSUED, S.ENCUMBERED},
    S.ENCUMBERED: HOLDING | {S.FROZEN, S.SEIZED, S.BURNED_REISSUED, S.IN_CUSTODY},
    S.RETURNED: EVERY - UNSENT - ENDED,
    S.WITHDRAWN: EVERY - ENDED,
}
# The chain is not asked whether it may: what it shows is so, sent or not.
AFTER_ON_CHAIN: dict[S, frozenset[S]] = {
    S.FROZEN: EVERY - ENDED - {S.BURNED_REISSUED},
    S.RELEASED: frozenset({S.FROZEN}),
    S.SEIZED: EVERY - ENDED - {S.BURNED_REISSUED},
    S.BURNED_REISSUED: EVERY - ENDED,
    S.MOVED_ON: UNSENT | LOOSE | HOLDING,
}


def follows(before: S, state: S, *, on_chain: bool = False) -> bool:
    """Whether ``state`` may come after ``before``."""
    return before in (AFTER_ON_CHAIN.get(state, AFTER[state]) if on_chain else AFTER[state])


def refusal(before: S, state: S) -> str:
    """Why not, for a person."""
    if before in UNSENT:
        return "This request was not sent."
    if before in ENDED:
        return f"This is over: it is “{before.label.lower()}”."
    if state is S.RENEWED:
        return "There is no hold to renew."
    if state is S.RELEASED:
        return "Nothing is held or frozen that could be released."
    return f"“{state.label}” cannot follow “{before.label.lower()}”."
