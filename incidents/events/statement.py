"""Statements and the status page."""

from dataclasses import dataclass

from incidents.choices import Position
from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutStatement(Event):
    statement: str
    title: str
    digest: str

    def subject(self) -> str:
        return f"statement:{self.statement}"


@event
@dataclass(frozen=True, kw_only=True)
class StatementDrafted(_AboutStatement):
    kind = "statement.drafted"
    text: str

    def headline(self) -> str:
        return f"Statement “{self.title}” was drafted."


@event
@dataclass(frozen=True, kw_only=True)
class StatementEdited(_AboutStatement):
    kind = "statement.edited"
    text: str
    revision: int

    def headline(self) -> str:
        return (
            f"Statement “{self.title}” was edited (revision {self.revision}); sign-offs are void."
        )


@event
@dataclass(frozen=True, kw_only=True)
class StatementSigned(_AboutStatement):
    kind = "statement.signed"
    organization: str
    position: str

    def headline(self) -> str:
        word = Position(self.position).label.lower()
        return f"{self.organization} on “{self.title}”: {word}."


@event
@dataclass(frozen=True, kw_only=True)
class StatementPublished(_AboutStatement):
    kind = "statement.published"
    text: str
    signed: list[str]
    missing: list[str]

    def headline(self) -> str:
        return f"Statement “{self.title}” was published."


@event
@dataclass(frozen=True, kw_only=True)
class StatusPublished(Event):
    kind = "status.published"
    line: str
    figures: dict[str, dict[str, str]]

    def headline(self) -> str:
        return f"The status page says: {self.line}."
