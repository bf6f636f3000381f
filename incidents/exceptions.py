"""One exception class per reason, with a code and an HTTP status. Rendered once (api, views)."""

from typing import ClassVar


class HoldfastError(Exception):
    """Base of everything that a person may be told. ``field`` names the input that is at fault."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "The request could not be carried out."

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.detail = message or self.message
        self.field = field
        super().__init__(self.detail)


class NotFound(HoldfastError):
    """Absent and forbidden look the same."""

    code, status, message = "not_found", 404, "Not found."


class ConsentRequired(HoldfastError):
    code, status = "consent_required", 403
    message = "Accept the terms of this incident first."


class NotYours(HoldfastError):
    """The thing is visible, the act is not this party's to do."""

    code, status, message = "not_allowed", 403, "Your part in this incident does not allow this."


class StepUpRequired(HoldfastError):
    """The act needs a passkey of the last five minutes."""

    code, status = "step_up_required", 403
    message = "Use your passkey again: this act needs one of the last five minutes."


class TokenNotEnough(HoldfastError):
    """The act is never done with a token, or the token's scope does not carry it."""

    code, status = "token_not_enough", 403
    message = "A token cannot do this. Sign in with your passkey."


class SecondPasskeyRequired(HoldfastError):
    """Nobody reaches anything with one passkey alone."""

    code, status = "second_passkey_required", 403
    message = "Add a second passkey first: on another device, or a security key."


class BadInput(HoldfastError):
    code, status = "bad_input", 400


class TooMany(HoldfastError):
    """Too many requests in too short a time."""

    code, status, message = "too_many_requests", 429, "Too many requests. Wait a minute."

    def __init__(self, *, wait: int = 60) -> None:
        super().__init__()
        self.wait = wait  # seconds


class MarkingRequired(HoldfastError):
    code, status, message = "marking_required", 400, "State a marking (TLP 2.0)."


class AudienceRequired(HoldfastError):
    code, status = "audience_required", 400
    message = "TLP:RED needs the people it is meant for."


class WrongState(HoldfastError):
    """The thing has moved on since the page was shown."""

    code, status, message = "wrong_state", 409, "This has changed meanwhile. Reload and look again."


class ApprovalChanged(WrongState):
    """What was approved is not what would be sent. The signatures do not count any more."""

    message = "What it says changed since it was approved: it has to be signed again."


class SecondPersonRequired(HoldfastError):
    code, status = "second_person_required", 409
    message = "A second person has to do this: you did the first half."


class TextChanged(HoldfastError):
    code, status = "text_changed", 409
    message = "The text changed after you read it. Read it again before you sign."


class ReadFirst(HoldfastError):
    """Reading and signing are two acts; the first one is missing."""

    code, status = "read_first", 409
    message = "Somebody of your organization has to read these terms, and say so, first."


class IncidentClosed(HoldfastError):
    code, status, message = "incident_closed", 409, "This incident is closed."


class InvitationInvalid(HoldfastError):
    code, status = "invitation_invalid", 400
    message = "This invitation is unknown, used, expired, or the code does not fit."


class EnrolmentInvalid(HoldfastError):
    code, status = "enrolment_invalid", 400
    message = "This link is unknown, used or expired. Ask for a new one."


class DeskRefused(HoldfastError):
    """Link, code or browser do not open a desk's page: in the same words for all of them."""

    code, status = "desk_refused", 403
    message = (
        "This did not open. The link may be unknown, ended or used in too many browsers, or the "
        "code may be wrong, old or for another browser. Call whoever wrote to you."
    )


class SignInFirst(HoldfastError):
    """The invitation is for somebody who has an account: nobody else may take it up."""

    code, status = "sign_in_first", 403
    message = "This is for somebody with an account here. Sign in as that person first."


class UnscopedQuery(RuntimeError):
    """Our own mistake, never an answer: somebody's request read rows past access.py."""

    def __init__(self, model: str) -> None:
        super().__init__(f"{model}.objects is for the installation: read through access.py")


class ChainSilent(HoldfastError):
    """A chain has to be asked, and nobody answers, or too few say the same."""

    code, status = "chain_silent", 503
    message = "Nobody answers for this chain at the moment. Try again in a minute."


class ChainNotWatched(ChainSilent):
    """Nobody can be asked: the installation follows no such chain."""

    code, status = "chain_not_watched", 409
    message = "This chain is not watched here, so nobody can be asked. Look it up yourself."
