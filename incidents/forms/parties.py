"""Proposing, removing and joining."""

from typing import Any

from django import forms

from incidents import access
from incidents.choices import Capacity, RoomRole
from incidents.forms.base import RoomForm
from incidents.models import Organization, Participation, Person
from incidents.services.admissions import LONGEST_DEADLINE, Proposed
from incidents.services.control import LONGEST_SIGNATURE
from incidents.services.seats import LONGEST_REASON

USUAL, YES, NO = "usual", "yes", "no"


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared as one)
    field.choices = choices


# Of an organization that is not known here.
NEEDED = {
    "organization_name": "Name the organization.",
    "email": "Give the address of its first person.",
}


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
            for name, words in NEEDED.items():
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = words
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
            for name, words in NEEDED.items():
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


class RoleForm(RoomForm):
    """Somebody of a party that the actor sees, and who stands in. ``of``: of one party alone."""

    role = forms.ChoiceField(label="Role", choices=RoomRole.choices)
    person = forms.ChoiceField(label="Who")
    backup = forms.ChoiceField(
        label="Who stands in", required=False, help_text="May take over at any moment."
    )

    def __init__(self, *args: Any, of: Participation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = access.parties(self.actor, self.incident)
        self.people: dict[str, tuple[Participation, Person]] = {}
        for seat in seats if of is None else seats.filter(pk=of.pk):
            for one in access.people_for(seat):
                self.people[f"{seat.public_id}:{one.public_id}"] = (seat, one)
        named = [
            (key, f"{one}, {seat.organization.name}") for key, (seat, one) in self.people.items()
        ]
        _choices(self, "person", named)
        _choices(self, "backup", [("", "Nobody"), *named])
        if of is not None:
            del self.fields["role"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        person, backup = data.get("person", ""), data.get("backup", "")
        if person and backup and person.partition(":")[0] != backup.partition(":")[0]:
            self.add_error("backup", "Who stands in is of the same party.")
        return data

    def chosen(self) -> tuple[Participation, Person, Person | None]:
        """The party, its person, and who stands in."""
        seat, person = self.people[self.cleaned_data["person"]]
        backup = self.people.get(self.cleaned_data["backup"])
        return seat, person, backup[1] if backup else None


class ControlForm(RoomForm):
    """The account that a party says it controls."""

    chain = forms.CharField(
        max_length=60,
        help_text="CAIP-2, like eip155:1.",
        widget=forms.TextInput(attrs={"list": "chains", "autocomplete": "off"}),
    )
    address = forms.CharField(
        max_length=130, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )


class SignatureForm(RoomForm):
    """What the wallet or the multisig gave back."""

    signature = forms.CharField(
        max_length=LONGEST_SIGNATURE,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Hexadecimal, beginning with 0x. Of a multisig that signed on chain: 0x alone.",
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
        self.organizations = {str(o.public_id): o for o in access.organizations_of(person)}
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [
            *((pk, o.name) for pk, o in self.organizations.items()),
            ("", "A new organization, named as in the invitation"),
        ]

    def chosen_organization(self) -> Organization | None:
        """One of their own; None for a new one."""
        return self.organizations.get(self.cleaned_data["organization"])
