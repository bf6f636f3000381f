"""Everybody who might look or act: who they are, how they come in, and what the text calls them."""

from __future__ import annotations

import secrets
import time
from copy import copy, deepcopy
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from incidents.choices import Capacity, Consent, RoomRole
from incidents.models import (
    ApiToken,
    Incident,
    Membership,
    Organization,
    Participation,
    Person,
    Role,
)
from incidents.services.parties import digest
from tests import factories, fresh
from tests.access.matrix.reference import Viewer
from tests.access.matrix.things import Party
from tests.cast import Cast, make_cast, organization, person


@dataclass
class Somebody:
    """One kind of actor.

    ``door``: how far they get in the main room: "in", "unsigned" (they see that they are invited),
    "none". ``home``: whose things are their own party's; of those without a party, the first one's.
    """

    name: str
    person: Person | None
    home: Organization
    door: str = "none"
    elsewhere: str = "none"  # the same in the other incident
    capacity: str | None = None
    is_observer: bool = False
    proof: str = "fresh"
    token: str = ""  # the secret that every request carries
    is_confidential: bool = False
    is_known: bool = True  # to the site: signed in, or with a token that works
    number: int = 0
    client: Client = field(default_factory=Client)
    requests: RequestFactory = field(default_factory=RequestFactory)  # with who asks in each
    _session: dict[str, object] = field(default_factory=dict)
    _user: Person | AnonymousUser | None = None

    def door_of(self, is_elsewhere: bool) -> str:
        """How far they get in one of the two rooms."""
        return self.elsewhere if is_elsewhere else self.door

    def viewer(self, is_elsewhere: bool = False) -> Viewer | None:
        """As the reference knows them in one of the two rooms."""
        door = self.door_of(is_elsewhere)
        if self.person is None or door == "none":
            return None
        return Viewer(
            self.person.pk,
            self.home.pk,
            self.capacity,
            door == "in",
            self.proof,
            self.is_observer,
        )

    def open_client(self) -> None:
        """Sign in, once; every request starts from here."""
        if self.person is not None and not self.token:
            self.client.force_login(self.person)
            # Fresh ones stay so for as long as the matrix takes, and nothing is noted of use.
            fresh.grow_old(self.client, 301 if self.proof == "session" else -3600)
            session = self.client.session
            session[fresh.SEEN] = time.time() + 3600
            session.save()
            self._session = dict(session.items())
        elif self.token:
            self.requests.defaults["HTTP_AUTHORIZATION"] = f"Token {self.token}"
        self.requests.cookies = self.client.cookies

    @property
    def session_key(self) -> str | None:
        """Of whoever signed in."""
        cookie = self.client.cookies.get(settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie is not None else None

    def identify(self, request: HttpRequest) -> None:
        """What the middleware finds out about who asks, found out once for all requests."""
        request.session = session = SessionStore(self.session_key)
        session._session_cache = deepcopy(self._session)
        if self._user is None:
            self._user = get_user(request)
        request.user = copy(self._user)


@dataclass(frozen=True)
class Company:
    """Both rooms, everybody, and the parties that have things in the main room."""

    cast: Cast
    elsewhere: Incident
    everybody: list[Somebody]
    parties: dict[int, Party]  # by organization, of the main room
    stranger: Party  # of the other one

    @property
    def tracing(self) -> set[int]:
        """The organizations that have traces of their own: those that may start one."""
        cast = self.cast
        acting = (cast.lead, cast.rival, cast.analyst, cast.coordinator)
        return {*(organization(actor).pk for actor in acting), self.stranger.organization.pk}


def token(of: Person, *, scopes: list[str], days: int = 1) -> str:
    """The secret of a token of its own."""
    secret = f"hft_{secrets.token_urlsafe(24)}"
    ApiToken.objects.create(
        person=of,
        name="script",
        digest=digest(secret),
        scopes=scopes,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return secret


def seat(
    incident: Incident,
    name: str,
    consent: Consent,
    *,
    capacity: Capacity = Capacity.ANALYTICS,
    version: int | None = None,
    is_removed: bool = False,
) -> tuple[Organization, Person]:
    """An organization with one person and a seat in some state."""
    made = factories.organization(name)
    somebody = factories.person(made, name.split()[0])
    Participation.objects.create(
        incident=incident,
        organization=made,
        capacity=capacity,
        consent=consent,
        terms_version=version,
        removed_at=timezone.now() if is_removed else None,
    )
    return made, somebody


def assemble() -> Company:
    """The cast, and everybody who is or was almost one of them."""
    cast = make_cast()
    kelp = organization(cast.lead)
    other_title = make_other_room()
    everybody = [*signed(cast), *of_kelp(cast), *with_tokens(cast)]
    parties = {
        organization(actor).pk: Party(organization(actor), person(actor), name == "law")
        for name, actor in cast.actors.items()
        if name != "colleague"
    }
    for name, consent, version, is_removed in (
        ("Lapsed Labs", Consent.SIGNED, 0, False),
        ("Removed Research", Consent.SIGNED, cast.incident.terms_version, True),
        ("Declined Data", Consent.DECLINED, None, False),
    ):
        made, who = seat(cast.incident, name, consent, version=version, is_removed=is_removed)
        door = "unsigned" if name.startswith("Lapsed") else "none"
        home = kelp if consent == Consent.DECLINED else made
        everybody.append(
            Somebody(name.split()[0].lower(), who, home, door, capacity=Capacity.ANALYTICS)
        )
        if home == made:
            parties[made.pk] = Party(made, who)
    # Who never came in has nothing of its own here: the first party's things stand for it.
    everybody.append(Somebody("invited", cast.invited, kelp, "unsigned", capacity=Capacity.BRIDGE))
    neighbour, elsewhere, host = other_title
    everybody += [
        neighbour,
        Somebody("anonymous", None, kelp, is_known=False),
        Somebody("stranger", Person.objects.create_user("stranger@nowhere.example", "S"), kelp),
    ]
    boss = Person.objects.create_user("root@site.example", "Root", is_administrator=True)
    everybody.append(Somebody("administrator", boss, kelp))
    for number, one in enumerate(everybody):
        one.number = number
        one.open_client()
    # Signed in before, and no longer one of us.
    Person.objects.filter(email__startswith="gone").update(is_active=False)
    return Company(cast, elsewhere, everybody, parties, host)


def make_other_room() -> tuple[Somebody, Incident, Party]:
    """Another incident, of an organization that nobody here knows."""
    from incidents.services import incidents

    made = factories.organization("Neighbour")
    opener = factories.person(made, "neighbour", is_administrator=True)
    room = incidents.open_incident("Another theft", person=opener, organization=made)
    who = Somebody("neighbour", opener, made, elsewhere="in", capacity=Capacity.AFFECTED)
    return who, room, Party(made, opener)


def signed(cast: Cast) -> list[Somebody]:
    """Everybody whose organization signed, with the passkey just used."""
    return [
        Somebody(
            name,
            person(actor),
            organization(actor),
            "in",
            capacity=actor.capacity,
            is_confidential=name == "law",
        )
        for name, actor in cast.actors.items()
    ]


def of_kelp(cast: Cast) -> list[Somebody]:
    """Others of the first party: one who only watches, two who were, one whose passkey is old."""
    kelp, affected = organization(cast.lead), Capacity.AFFECTED
    watcher, former, gone, tired = (
        factories.person(kelp, name) for name in ("watcher", "former", "gone", "tired")
    )
    Role.objects.create(
        incident=cast.incident,
        organization=kelp,
        role=RoomRole.OBSERVER,
        person=watcher,
        given_by=person(cast.lead),
    )
    Membership.objects.filter(person=former).update(ended_at=timezone.now())
    return [
        Somebody("observer", watcher, kelp, "in", capacity=affected, is_observer=True),
        Somebody("former", former, kelp),
        Somebody("gone", gone, kelp, is_known=False),
        Somebody("tired", tired, kelp, "in", capacity=affected, proof="session"),
    ]


def with_tokens(cast: Cast) -> list[Somebody]:
    """The lead's scripts. Pages know no tokens: there they are nobody."""
    lead, kelp = person(cast.lead), organization(cast.lead)
    kinds = (
        ("read token", ["read"], 1, "read_token"),
        ("write token", ["read", "write"], 1, "token"),
        ("expired token", ["read", "write"], -1, "token"),
    )
    made = []
    for name, scopes, days, proof in kinds:
        works = days > 0
        made.append(
            Somebody(
                name,
                lead,
                kelp,
                "in" if works else "none",
                capacity=Capacity.AFFECTED,
                proof=proof,
                token=token(lead, scopes=scopes, days=days),
                is_known=works,
            )
        )
    return made
