"""Notes on the timeline, on an address, on a request."""

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.exceptions import BadInput
from incidents.models import Incident, TimelineEntry
from incidents.services import timeline
from incidents.services.timeline import EVERYONE, Audience

LONGEST_NOTE = 10_000
LONGEST_SUBJECT = 255


@scope.trusted
def post(
    incident: Incident,
    text: str,
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
    about: str = "",
    key: str | None = None,
) -> TimelineEntry:
    """Put a note on the timeline. ``about``: the subject it belongs to, e.g. "address:...".
    With ``key`` a repeat returns the note that is there.

    :raises BadInput: empty or too long, or no such subject can be.
    """
    access.require(actor, incident, Act.WRITE)
    text = text.strip()
    if not text:
        raise BadInput("Write something first.", field="text")
    if len(text) > LONGEST_NOTE:
        raise BadInput(f"At most {LONGEST_NOTE} characters.", field="text")
    if len(about) > LONGEST_SUBJECT:
        raise BadInput("There is no such thing to note.", field="about")
    return timeline.record(
        incident,
        events.NotePosted(text=text, about=about),
        actor=actor,
        marking=marking,
        audience=audience,
        key=key,
    )
