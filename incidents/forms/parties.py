"""Proposing, removing and joining."""

from typing import Any

from django import forms

from incidents import access
from incidents.choices import Capacity
from incidents.forms.base import RoomForm
from incidents.models import Organization, Person
from incidents.services.admissions import LONGEST_DEADLINE, Proposed
from incidents.services.seats import LONGEST_REASON

USUAL, YES, NO = "usual", "yes", "no"


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared as one)
    field.choices = choices


class InviteForm(RoomForm):
    """An organization to be let in: one known here, or one with a first person's address."""

    known = forms.ChoiceField(
        required=False,
        label="Known to you from another room",
        help_text="It takes its seat here without link and code.",
    )
    organization_name = forms.CharField(max_length=120, label="Organization", required=False)
    email = forms.EmailField(
        required=False,
        label="E-mail of its first person",
        help_text="The link is for this person alone. It leaves once a second person approved.",
    )
    capacity = forms.ChoiceField(label="It comes as", choices=Capacity.choices)
    respond_minutes = forms.IntegerField(
        label="Minutes to sign the terms",
        min_value=1,
        max_value=LONGEST_DEADLINE,
        initial=60,
        required=False,
        help_text="From when it takes its seat.",
    )
    confidential = forms.ChoiceField(
        label="Do other parties learn that it is here?",
        choices=[
            (USUAL, "As usual: of law enforcement they do not, of all others they do"),
            (YES, "No: it sits here confidentially"),
            (NO, "Yes"),
        ],
        initial=USUAL,
        required=False,
    )
    asked = forms.ChoiceField(
        required=False,
        label="Who is asked to approve a confidential one",
        help_text="Besides your own party and the coordinators, only this party learns of it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        met = access.acquaintances(self.actor, self.incident)
        self.organizations = {str(one.public_id): one for one in met}
        _choices(self, "known", [("", "None: a name and an address"), *_named(self.organizations)])
        if not self.organizations:
            del self.fields["known"]
        self.deciding = {
            str(seat.organization.public_id): seat.organization
            for seat in access.parties(self.actor, self.incident)
            if seat.capacity in (Capacity.AFFECTED, Capacity.COORDINATOR)
            and seat.organization != self.actor.organization
        }
        _choices(self, "asked", [("", "Your own party, or a coordinator"), *_named(self.deciding)])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("known"):
            for name, words in (
                ("organization_name", "Name the organization."),
                ("email", "Give the address of its first person."),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data

    def wanted(self) -> Proposed:
        """What was filled in."""
        data = self.cleaned_data
        capacity = Capacity(data["capacity"])
        hidden = data["confidential"] == YES or (
            data["confidential"] != NO and capacity is Capacity.LAW_ENFORCEMENT
        )
        return Proposed(
            capacity,
            self.organizations.get(data.get("known") or ""),
            data["organization_name"],
            data["email"],
            hidden,
            data["respond_minutes"] or 60,
            self.deciding.get(data["asked"]),
        )


def _named(organizations: dict[str, Organization]) -> list[tuple[str, str]]:
    return [(key, one.name) for key, one in organizations.items()]


class RemovalForm(RoomForm):
    """Why a party is to be taken out."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label="Why",
        help_text="Read by those who decide, and by the room once it is done.",
    )


class NewcomerForm(forms.Form):
    """Somebody with a link and a code, not known here."""

    code = forms.CharField(
        max_length=20,
        help_text="Eight characters, told to you by telephone or Signal.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        max_length=120,
        label="Your name",
        help_text="As the other parties will read it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["code"].mono = True  # type: ignore[attr-defined]


class ReturningForm(NewcomerForm):
    """Somebody who is signed in and takes a seat for one of their organizations."""

    name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    organization = forms.ChoiceField(required=False, label="You join for")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizations = {str(o.pk): o for o in access.organizations_of(person)}
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [
            *((pk, o.name) for pk, o in self.organizations.items()),
            ("", "A new organization, named as in the invitation"),
        ]

    def chosen_organization(self) -> Organization | None:
        """One of their own; None for a new one."""
        return self.organizations.get(self.cleaned_data["organization"])
