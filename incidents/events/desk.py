"""A desk's page: opened for somebody, a code told, a browser let in, ended."""

from dataclasses import dataclass
from typing import ClassVar

from incidents.choices import CodePurpose, Outcome
from incidents.events.base import event
from incidents.events.freeze import AboutRequest, AboutTarget


@dataclass(frozen=True, kw_only=True)
class _AboutPage(AboutRequest):
    link: str  # public id
    recipient: str
    personal: ClassVar[tuple[str, ...]] = ("recipient",)


@event
@dataclass(frozen=True, kw_only=True)
class DeskPageMade(_AboutPage):
    kind = "freeze.page_made"
    until: str  # ISO 8601

    def headline(self) -> str:
        return f"{self.reference}: a page for {self.recipient} of {self.desk} was made."


@event
@dataclass(frozen=True, kw_only=True)
class DeskPageRenewed(_AboutPage):
    kind = "freeze.page_renewed"
    until: str

    def headline(self) -> str:
        return f"{self.reference}: the page for {self.recipient} of {self.desk} stays open longer."


@event
@dataclass(frozen=True, kw_only=True)
class DeskPageRevoked(_AboutPage):
    kind = "freeze.page_revoked"

    def headline(self) -> str:
        return f"{self.reference}: the page for {self.recipient} of {self.desk} was revoked."


@event
@dataclass(frozen=True, kw_only=True)
class DeskCodeTold(_AboutPage):
    """Somebody got a code to read out, for the browser that shows ``word``."""

    kind = "freeze.code_told"
    word: str
    purpose: str

    def headline(self) -> str:
        what = CodePurpose(self.purpose).label.lower()
        return (
            f"{self.reference}: a code to {what} was made for {self.recipient} of {self.desk}, "
            f"at the browser {self.word}."
        )


@event
@dataclass(frozen=True, kw_only=True)
class DeskPageOpened(_AboutPage):
    """A browser that nobody knew gave link and code. Reading acknowledges nothing."""

    kind = "freeze.page_opened"
    is_alert = True
    word: str
    devices: int

    def headline(self) -> str:
        return (
            f"{self.reference}: {self.recipient} of {self.desk} opened it in a new browser, "
            f"{self.word} ({self.devices} so far). Nothing is acknowledged by that."
        )


@event
@dataclass(frozen=True, kw_only=True)
class DeskEnrolled(_AboutPage):
    """From now on a passkey opens the page, and gives answers, where codes did."""

    kind = "freeze.page_enrolled"
    is_alert = True
    person: str  # as they say they are called
    personal = ("recipient", "person")

    def headline(self) -> str:
        return (
            f"{self.reference}: {self.person} registers a passkey at the page for "
            f"{self.recipient} of {self.desk}. It takes the place of codes there."
        )


@event
@dataclass(frozen=True, kw_only=True)
class AnswerConfirmed(AboutTarget):
    """A claimed answer was confirmed by a call-back, by somebody who had not written it down."""

    kind = "freeze.answer_confirmed"
    personal = ("how",)
    answer: str  # public id
    outcome: str
    how: str

    def headline(self) -> str:
        said = Outcome(self.outcome).label.lower()
        return f"{self.reference}: {self.desk} was called back and confirms “{said}”."
