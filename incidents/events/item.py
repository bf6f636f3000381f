"""A shared item got another marking or audience; somebody asked for a wider one."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutItem(Event):
    noun: str  # note, address, freeze, trace ...
    item: str  # its public id
    name: str  # as its readers know it
    about: str  # what its own lines are about

    def subject(self) -> str:
        return self.about


@event
@dataclass(frozen=True, kw_only=True)
class ItemRemarked(_AboutItem):
    """Told to those who see the item from now on. Whom the audience names is not told."""

    kind = "item.remarked"
    personal = ("reason",)
    before: str  # marking; "" where none was stated
    after: str
    widened: bool
    lines: str  # digest of the lines that it took along
    reason: str

    def headline(self) -> str:
        why = f": {self.reason}" if self.reason else "."
        if self.before == self.after:
            return f"Who may see {self.name} ({self.after}) was changed{why}"
        return f"{self.name[:1].upper()}{self.name[1:]} is {self.after} now{why}"


@dataclass(frozen=True, kw_only=True)
class _AboutRelease(_AboutItem):
    """Between the asker's and the owner's people who see the item. Who it was is not told: an
    owner may sit here confidentially, and must look like any other."""

    is_unsigned = True
    request: str  # public id


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseAsked(_AboutRelease):
    kind = "release.asked"
    personal = ("reason",)
    organization: str  # who asks
    marking: str
    reason: str

    def headline(self) -> str:
        return f"{self.organization} asks to release {self.name} as {self.marking}: {self.reason}"


@event
@dataclass(frozen=True, kw_only=True)
class ReleaseAnswered(_AboutRelease):
    """``state``: released, refused or withdrawn."""

    kind = "release.answered"
    personal = ("words",)
    state: str
    words: str = ""

    def headline(self) -> str:
        why = f": {self.words}" if self.words else "."
        return f"The request to release {self.name} was {self.state}{why}"
