"""Consent: read, signed, declined, silent; and revisions of the terms."""

from dataclasses import dataclass

from incidents.events.base import Event, event


def _minutes(number: int) -> str:
    return f"{number} minute" if number == 1 else f"{number} minutes"


@event
@dataclass(frozen=True, kw_only=True)
class TermsRead(Event):
    """Somebody of the party says that they have read the text. It binds nobody."""

    kind = "party.terms_read"
    organization: str
    version_of_terms: int
    digest: str

    def headline(self) -> str:
        return f"{self.organization} has read version {self.version_of_terms} of the terms."


@event
@dataclass(frozen=True, kw_only=True)
class TermsAccepted(Event):
    kind = "party.terms_accepted"
    organization: str
    version_of_terms: int
    digest: str
    minutes_late: int = 0

    def headline(self) -> str:
        late = f", {_minutes(self.minutes_late)} late" if self.minutes_late else ""
        return f"{self.organization} signed version {self.version_of_terms} of the terms{late}."


@event
@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(Event):
    kind = "party.declined"
    organization: str

    def headline(self) -> str:
        return f"{self.organization} declined the terms."


@event
@dataclass(frozen=True, kw_only=True)
class PartySilent(Event):
    """The deadline passed and the party has neither signed nor declined. It may still do either."""

    kind = "party.silent"
    organization: str
    version_of_terms: int
    respond_by: str  # ISO 8601, UTC

    def headline(self) -> str:
        at = self.respond_by[11:16]
        return (
            f"{self.organization} is silent: version {self.version_of_terms} of the terms was to "
            f"be answered by {at} UTC. It may still sign."
        )


@dataclass(frozen=True, kw_only=True)
class _AboutRevision(Event):
    revision: str  # public id
    organization: str  # whose person did it
    digest: str  # of the proposed text

    def subject(self) -> str:
        return f"terms:{self.revision}"


@event
@dataclass(frozen=True, kw_only=True)
class RevisionProposed(_AboutRevision):
    kind = "terms.revision_proposed"
    personal = ("reason",)
    reason: str = ""

    def headline(self) -> str:
        why = f" Reason: {self.reason}" if self.reason else ""
        return f"{self.organization} proposed a new text of the terms.{why}"


@event
@dataclass(frozen=True, kw_only=True)
class RevisionAccepted(_AboutRevision):
    """The new text is in force. Everybody but the two whose people put it there has lapsed."""

    kind = "terms.revised"
    is_alert = True
    version_of_terms: int
    proposed_by: str  # organization
    respond_minutes: int

    def headline(self) -> str:
        who = self.proposed_by
        if self.organization != self.proposed_by:
            who = f"{self.proposed_by} and {self.organization}"
        return (
            f"Version {self.version_of_terms} of the terms is in force, by the word of {who}, who "
            f"signed it so. Everybody else has {_minutes(self.respond_minutes)} to sign it again."
        )


@event
@dataclass(frozen=True, kw_only=True)
class RevisionRejected(_AboutRevision):
    kind = "terms.revision_rejected"

    def headline(self) -> str:
        return f"{self.organization} rejected the new text of the terms: the old one stays."


@event
@dataclass(frozen=True, kw_only=True)
class RevisionWithdrawn(_AboutRevision):
    kind = "terms.revision_withdrawn"

    def headline(self) -> str:
        return f"{self.organization} took back its new text of the terms: the old one stays."
