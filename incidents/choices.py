"""The closed lists of the room, in the field's own words."""

from django.db.models import TextChoices


class Marking(TextChoices):
    """TLP 2.0 (FIRST, 2022)."""

    RED = "TLP:RED", "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT", "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER", "TLP:AMBER"
    GREEN = "TLP:GREEN", "TLP:GREEN"
    CLEAR = "TLP:CLEAR", "TLP:CLEAR"


class Capacity(TextChoices):
    """What an organization is in an incident."""

    AFFECTED = "affected", "Affected protocol"
    WHITE_HAT = "white_hat", "White-hat"
    ANALYTICS = "analytics", "Analytics firm"
    EXCHANGE = "exchange", "Exchange desk"
    ISSUER = "issuer", "Issuer desk"
    BRIDGE = "bridge", "Bridge or custodian desk"
    LAW_ENFORCEMENT = "law_enforcement", "Law enforcement"
    COORDINATOR = "coordinator", "Coordinator"


DESKS = frozenset({Capacity.EXCHANGE, Capacity.ISSUER, Capacity.BRIDGE})


class Consent(TextChoices):
    """After CERT/CC Vultron: a participation is gated on consent to the current terms."""

    INVITED = "invited", "Invited"
    SIGNED = "signed", "Signed"
    LAPSED = "lapsed", "Lapsed"
    DECLINED = "declined", "Declined"


class AdmissionRule(TextChoices):
    """By whose word an organization came into a room (DESIGN.md section 4)."""

    OPENED = "opened", "Opened the room"
    TWO_PARTIES = "two_parties", "Two parties"
    # Two people of the only affected party that had signed, or one of them and the coordinator.
    ONE_PARTY = "one_party", "One party, being alone"
    SYSTEM = "system", "Set up by the installation"


class RevisionState(TextChoices):
    """A proposed text of terms. Rejecting it leaves the old one in force."""

    OPEN = "open", "Proposed"
    ACCEPTED = "accepted", "In force"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class RoomRole(TextChoices):
    """What a person does in a room, for an organization."""

    COMMANDER = "commander", "Commander"
    SCRIBE = "scribe", "Scribe"
    OPERATIONS = "operations", "Operations"
    COMMUNICATOR = "communicator", "External communicator"
    OBSERVER = "observer", "Observer"  # reads and does nothing


class ReleaseState(TextChoices):
    """A request to an item's owner to share it more widely."""

    OPEN = "open", "Open"
    RELEASED = "released", "Released"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TokenScope(TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Write"  # never an act that needs the passkey again


class Stage(TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class AddressRole(TextChoices):
    """What an address is for the room. Calling a candidate the attacker's takes two people."""

    CANDIDATE = "candidate", "Candidate"
    ATTACKER = "attacker", "Attacker"
    VICTIM = "victim", "Victim"
    SERVICE = "service", "Service"
    RETURN = "return", "Return address"
    OTHER = "other", "Other"


class RequestState(TextChoices):
    DRAFT = "draft", "Draft"
    CHECKED = "checked", "Checked by one"
    APPROVED = "approved", "Approved by two"
    SENT = "sent", "Sent"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TargetState(TextChoices):
    """A target's own state; amounts are kept apart and never added together."""

    DRAFT = "draft", "Draft"
    CHECKED = "checked", "Checked by one"
    APPROVED = "approved", "Approved by two"
    SENT = "sent", "Sent"
    BOUNCED = "bounced", "Bounced"
    NO_REPLY = "no_reply", "No reply"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    NEEDS_INFORMATION = "needs_information", "Needs information"
    NEEDS_LEGAL_PROCESS = "needs_legal_process", "Needs legal process"
    WRONG_DESK = "wrong_desk", "Wrong desk"
    DECLINED = "declined", "Declined"
    MOVED_ON = "moved_on", "Moved on"
    LOCATED = "located", "Located"
    HELD = "held", "Held"
    RENEWED = "renewed", "Hold renewed"
    LAPSED = "lapsed", "Hold lapsed"
    FROZEN = "frozen", "Frozen"
    RELEASED = "released", "Released"
    SEIZED = "seized", "Seized"
    BURNED_REISSUED = "burned_reissued", "Burned and reissued"
    IN_CUSTODY = "in_custody", "In custody"
    ENCUMBERED = "encumbered", "Encumbered"
    RETURNED = "returned", "Returned"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Confirmation(TextChoices):
    """By whose word an amount is what it is called."""

    NONE = "none", "Not confirmed"
    DESK = "desk", "Desk's statement"
    COURT = "court", "Court document"
    CHAIN = "chain", "On chain"


class Channel(TextChoices):
    """How a request goes to a desk, or its answer came."""

    ROOM = "room", "In this room"
    PAGE = "page", "The desk's page"
    MAIL = "mail", "Mail"
    PORTAL = "portal", "The desk's portal"
    WEBHOOK = "webhook", "Webhook"
    PHONE = "phone", "Telephone"
    OTHER = "other", "Another way"


class CodePurpose(TextChoices):
    """What a code for a desk's page is for. One for each answer."""

    OPEN = "open", "Open the request"
    ANSWER = "answer", "Give one answer"
    ENROL = "enrol", "Register a passkey"


class PacketState(TextChoices):
    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    SUPERSEDED = "superseded", "Superseded"
    REVOKED = "revoked", "Revoked"


class SignatureKind(TextChoices):
    SSHSIG = "sshsig", "SSH signature"
    WEBAUTHN = "webauthn", "Passkey"
    DSSE = "dsse", "Server's envelope (DSSE)"
    EIP712 = "eip712", "Multisig or wallet (EIP-712)"
    OPENPGP = "openpgp", "OpenPGP"


class DeliveryState(TextChoices):
    """Of one thing that leaves. *Uncertain*: it was in flight when we lost sight of it, and is
    never sent again without a person."""

    PENDING = "pending", "Waiting"
    IN_FLIGHT = "in_flight", "In flight"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    BOUNCED = "bounced", "Bounced"
    UNCERTAIN = "uncertain", "Uncertain"
    CANCELLED = "cancelled", "Cancelled"


class Evidence(TextChoices):
    STANDING = "standing", "Standing"
    CHANGED = "changed", "Evidence changed"


class Outcome(TextChoices):
    """What a desk may answer."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    LOCATED = "located", "Located, not held"
    HELD = "held", "Held"
    RENEWED = "renewed", "Hold renewed"
    FROZEN = "frozen", "Frozen"
    NEEDS_INFORMATION = "needs_information", "Needs information"
    NEEDS_LEGAL_PROCESS = "needs_legal_process", "Needs legal process"
    WRONG_DESK = "wrong_desk", "Wrong desk"
    DECLINED = "declined", "Declined"
    MOVED_ON = "moved_on", "No longer here"
    RELEASED = "released", "Released"
    SEIZED = "seized", "Seized"
    BURNED_REISSUED = "burned_reissued", "Burned and reissued"
    IN_CUSTODY = "in_custody", "In custody"
    ENCUMBERED = "encumbered", "Encumbered"
    RETURNED = "returned", "Returned"


class StatementState(TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class Position(TextChoices):
    SIGNED = "signed", "Signed"
    DISSENTS = "dissents", "Dissents"
    NO_COMMENT = "no_comment", "No comment"


class Severity(TextChoices):
    """The public page's line, as status pages everywhere word it."""

    INVESTIGATING = "investigating", "Investigating"
    IDENTIFIED = "identified", "Identified"
    MONITORING = "monitoring", "Monitoring"
    RESOLVED = "resolved", "Resolved"
