"""Browsers at a desk's page, and the codes that let them in.

A browser that holds the secret asks for a code and shows a word. Whoever calls the desk back makes
a code for the browser of that word and reads it out; or the code is encrypted to a key of the desk
that was verified before. Nothing else tells one: whoever got the mail alone has none. Each code is
for one browser, one purpose, once, a few minutes and five tries.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import CodePurpose
from incidents.exceptions import DeskRefused, NotYours, WrongState
from incidents.models import DeskCode, DeskDevice, DeskLink, DeskView
from incidents.services import desk_links, openpgp, rules
from incidents.services.admissions import ALPHABET
from incidents.services.joining import MISREAD
from incidents.services.parties import digest

WRONG_CODES = 5
CODE_LENGTH = 8  # of 32 characters: 40 bits
MOST_ASKING = 20  # browsers of one link that wait for a code
MOST_ENCRYPTED = 12  # an hour and browser


@dataclass(frozen=True)
class Browser:
    """What a request says of itself. ``nonce``: the value of its cookie, drawn by us."""

    nonce: str
    agent: str
    address: str

    @property
    def network(self) -> str:
        """The address cut to what names an office and not a person: /24 or /48."""
        found = ip_address(self.address)
        return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))

    @property
    def word(self) -> str:
        """What the browser shows and its person reads out: four characters, of the cookie alone."""
        raw = hashlib.sha256(f"desk-word:{self.nonce}".encode()).digest()
        return "".join(ALPHABET[byte % 32] for byte in raw[:4])


def new_nonce() -> str:
    """A cookie for a browser that has none."""
    return secrets.token_urlsafe(32)


@scope.trusted
def ask(selector: str, secret: str, browser: Browser, *, by_key: bool = False) -> str:
    """A browser with the right secret waits for a code from now on. The answer is "" for every link
    and secret, right or wrong; with ``by_key`` and a verified key, the code as ciphertext."""
    link = find(selector, secret)
    if link is None:
        return ""
    with transaction.atomic():
        row = _waiting(desk_links.lock(link), browser)
        if row is None:
            return ""
        _note(row, "asked for a code", browser)
        return _encrypted(row, CodePurpose.OPEN) if by_key else ""


def find(selector: str, secret: str) -> DeskLink | None:
    """The live link behind selector and secret."""
    rows = DeskLink.objects.select_related("request__incident", "made_for", "contact")
    link = rows.filter(selector=selector[:32]).first()
    if link is None or not desk_links.fits(link, secret) or not desk_links.is_live(link):
        return None
    return link


def _waiting(link: DeskLink, browser: Browser) -> DeskDevice | None:
    """The row of a browser; None where its cookie is another link's. Where too many wait, the one
    that waits longest waits no more: scanners that ask must not keep the desk out."""
    known = DeskDevice.objects.filter(link=link, digest=digest(browser.nonce)).first()
    if known is not None:
        return known
    if DeskDevice.objects.filter(digest=digest(browser.nonce)).exists():
        return None  # another link's
    now = timezone.now()
    others = DeskDevice.objects.filter(link=link, opened_at__isnull=True, expires_at__gt=now)
    for longest in others.order_by("-pk")[MOST_ASKING - 1 :]:
        longest.expires_at = now
        longest.save(update_fields=["expires_at"])
    return DeskDevice.objects.create(
        link=link,
        digest=digest(browser.nonce),
        word=browser.word,
        agent=browser.agent[:200],
        network=browser.network,
        expires_at=now + timedelta(minutes=settings.DESK_READING_MINUTES),
    )


@scope.trusted
@transaction.atomic
def tell(device: DeskDevice, purpose: CodePurpose, *, actor: Actor) -> str:
    """A code that a member reads out at a call-back. It is shown this once and stored nowhere.

    :raises WrongState: the link ended, or the browser may not open any more.
    :raises NotYours: a confidential party would show itself.
    """
    link = desk_links.lock(device.link)
    access.require(actor, link.request.incident, Act.SEND_FREEZE)
    rules.require_open(actor, link.request.owner)
    if not access.may_see(actor, link.request):
        raise NotYours
    row = DeskDevice.objects.select_for_update(no_key=True).get(pk=device.pk)
    if not desk_links.is_live(link):
        raise WrongState("This link has ended. Make a new one.")
    if purpose is not CodePurpose.OPEN and row.opened_at is None:
        raise WrongState("This browser has not opened the request yet.")
    code = _make(row, purpose, actor)
    told = events.DeskCodeTold(**desk_links.about(link), word=row.word, purpose=purpose.value)
    desk_links.record(link, told, actor)
    return f"{code[:4]}-{code[4:]}"


def _make(device: DeskDevice, purpose: CodePurpose, actor: Actor | None = None) -> str:
    """A new code; an older one for the same ends."""
    now = timezone.now()
    live = DeskCode.objects.filter(device=device, purpose=purpose, used_at__isnull=True)
    live.filter(expires_at__gt=now).update(expires_at=now)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    DeskCode.objects.create(
        device=device,
        purpose=purpose,
        digest=_keyed(device, purpose, code),
        expires_at=now + timedelta(minutes=settings.DESK_CODE_MINUTES),
        told_by=actor.person if actor else None,
    )
    return code


def _keyed(device: DeskDevice, purpose: str, code: str) -> str:
    """Forty bits are few: without the installation's key a stolen table tells no code."""
    said = f"{device.pk}:{purpose}:{code}"
    return salted_hmac("desk-code", said, algorithm="sha256").hexdigest()


def _encrypted(device: DeskDevice, purpose: CodePurpose) -> str:
    """A new code as an OpenPGP message to the desk's verified key; "" where there is none, or it
    was asked too often."""
    contact = device.link.contact
    if contact is None or not has_key(device.link):
        return ""
    hour = timezone.now() - timedelta(hours=1)
    made = DeskCode.objects.filter(device=device, told_by__isnull=True, created_at__gt=hour)
    if made.count() >= MOST_ENCRYPTED:
        return ""
    code = _make(device, purpose)
    text = (
        f"Holdfast, request {device.link.request.reference}\n"
        f"Browser {device.word}\nCode to {CodePurpose(purpose).label.lower()}: "
        f"{code[:4]}-{code[4:]}\n"
        f"It works once, for {settings.DESK_CODE_MINUTES} minutes, in that browser alone.\n"
    )
    return openpgp.encrypt(text, contact.openpgp_key)


def has_key(link: DeskLink) -> bool:
    """Whether codes can be encrypted to a key of the desk that somebody verified."""
    contact = link.contact
    return (
        contact is not None
        and bool(contact.openpgp_key)
        and contact.verified_at is not None
        and contact.ended_at is None
    )


@scope.trusted
@transaction.atomic
def encrypted_for_answer(device: DeskDevice) -> str:
    """A code for one answer, as ciphertext; "" where the desk has no verified key."""
    desk_links.lock(device.link)
    return _encrypted(device, CodePurpose.ANSWER)


@scope.trusted
def check(device: DeskDevice, purpose: CodePurpose, code: str) -> DeskCode:
    """The code's row, to be used up with `use`. A wrong one counts, even though the request fails:
    never call it within a transaction that is rolled back then.

    :raises DeskRefused: wrong, used, old, for another browser or purpose, or tried too often.
    """
    plain = code.upper().translate(MISREAD)
    live = _live(device=device, purpose=purpose)
    row = live.order_by("-pk").first()
    if row is None:
        raise DeskRefused
    # Counted before it is compared: tries at once must not get more than their number.
    counted = live.filter(pk=row.pk, wrong__lt=WRONG_CODES).update(wrong=F("wrong") + 1)
    if not counted or not secrets.compare_digest(_keyed(device, purpose, plain), row.digest):
        raise DeskRefused
    live.filter(pk=row.pk).update(wrong=F("wrong") - 1)
    return row


@scope.trusted
def use(code: DeskCode) -> None:
    """Use it up, with whatever it is for: in that transaction.

    :raises DeskRefused: somebody was quicker.
    """
    if not _live(pk=code.pk).update(used_at=timezone.now()):
        raise DeskRefused


def _live(**conditions: object) -> QuerySet[DeskCode]:
    rows = DeskCode.objects.filter(used_at__isnull=True, expires_at__gt=timezone.now())
    return rows.filter(**conditions)


@scope.trusted
def spend(device: DeskDevice, purpose: CodePurpose, code: str) -> None:
    """`check` and `use` in one.

    :raises DeskRefused: as they do.
    """
    use(check(device, purpose, code))


@scope.trusted
def open_page(selector: str, secret: str, code: str, browser: Browser) -> tuple[DeskDevice, str]:
    """Let a browser in: secret and code together. Returns it with the new value of its cookie.

    :raises DeskRefused: in the same words whatever is wrong.
    """
    link = find(selector, secret)
    if link is None:
        raise DeskRefused
    device = DeskDevice.objects.filter(link=link, digest=digest(browser.nonce)).first()
    if device is None:
        raise DeskRefused
    spend(device, CodePurpose.OPEN, code)
    return _let_in(link, device, browser)


@transaction.atomic
def _let_in(link: DeskLink, device: DeskDevice, browser: Browser) -> tuple[DeskDevice, str]:
    link = desk_links.lock(link)
    row = DeskDevice.objects.select_for_update(no_key=True).get(pk=device.pk)
    opened = DeskDevice.objects.filter(link=link, opened_at__isnull=False).count()
    is_new = row.opened_at is None
    if not desk_links.is_live(link) or (is_new and opened >= link.most_devices):
        raise DeskRefused
    now, nonce = timezone.now(), new_nonce()
    row.digest = digest(nonce)  # who knew the cookie before does not come in with it
    row.opened_at = row.opened_at or now
    row.expires_at = now + timedelta(minutes=settings.DESK_READING_MINUTES)
    row.save(update_fields=["digest", "opened_at", "expires_at"])
    row.link = link
    _note(row, "opened the request", browser)
    if is_new:
        told = events.DeskPageOpened(**desk_links.about(link), word=row.word, devices=opened + 1)
        desk_links.record(link, told, access.SYSTEM)
    return row, nonce


def _note(device: DeskDevice, what: str, browser: Browser) -> None:
    DeskView.objects.create(
        link=device.link, device=device, what=what[:80], network=browser.network
    )


@scope.trusted
def enter(selector: str, browser: Browser) -> DeskDevice:
    """The browser behind a cookie, while it is let in. Asked in every request: expiry, revocation
    and a request that is marked narrower cut here.

    :raises DeskRefused: it is not, or no longer.
    """
    row = (
        DeskDevice.objects.filter(
            link__selector=selector[:32],
            digest=digest(browser.nonce),
            opened_at__isnull=False,
            expires_at__gt=timezone.now(),
        )
        .select_related("link__request__incident", "link__request__owner")
        .select_related("link__made_for", "link__contact")
        .first()
    )
    if not browser.nonce or row is None or not desk_links.is_live(row.link):
        raise DeskRefused
    return row


@scope.trusted
def note(device: DeskDevice, what: str, browser: Browser) -> None:
    """Every view is kept: what was looked at, from which network."""
    _note(device, what, browser)


@scope.trusted
def leave(device: DeskDevice) -> None:
    """The browser reads no more until it gives another code."""
    device.expires_at = timezone.now()
    device.save(update_fields=["expires_at"])
