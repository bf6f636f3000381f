"""Notes of people on the timeline or on an address."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class NotePosted(Event):
    kind = "note.posted"
    personal = ("text",)
    text: str
    about: str = ""

    def headline(self) -> str:
        return self.text

    def subject(self) -> str:
        return self.about
