"""Words and tones of states. A state is always written; its colour only helps the eye."""

TONES = {
    "draft": "open",
    "ready": "wait",
    "checked": "wait",
    "approved": "wait",
    "sent": "go",
    "acknowledged": "go",
    "needs_information": "wait",
    "needs_legal_process": "wait",
    "located": "wait",
    "held": "wait",
    "frozen": "frozen",
    "seized": "frozen",
    "returned": "good",
    "recovered": "good",
    "declined": "bad",
    "no_funds": "bad",
    "wrong_desk": "bad",
    "lapsed": "bad",
    "released": "bad",
    "withdrawn": "bad",
    "evidence_changed": "bad",
    "uncertain": "bad",
    "bounced": "bad",
    "renewed": "wait",
    "no_reply": "bad",
    "moved_on": "bad",
    "burned_reissued": "frozen",
    "in_custody": "frozen",
    "encumbered": "wait",
    "superseded": "bad",
    "revoked": "bad",
    "issued": "good",
    "pending": "wait",
    "in_flight": "wait",
    "failed": "bad",
    "open": "go",
    "invited": "open",
    "accepted": "good",
    "signed": "good",
    "published": "good",
    "dissents": "bad",
    "seen": "open",
    "safe": "wait",
    "final": "good",
    "orphaned": "bad",
    "confirmed": "good",
    "dismissed": "",
}


def tone(state: str) -> str:
    """The tone of a state; no tone is a grey dot."""
    return TONES.get(state, "")


def words(state: str) -> str:
    """``needs_legal_process`` as a person reads it."""
    return state.replace("_", " ").replace("-", " ")
