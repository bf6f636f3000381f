"""Inviting and joining."""

from typing import Any

from django import forms

from incidents import access
from incidents.choices import Capacity
from incidents.forms.base import RoomForm
from incidents.models import Organization, Person


class InviteForm(RoomForm):
    """An organization to be invited, through one of its people."""

    organization_name = forms.CharField(max_length=120, label="Organization")
    capacity = forms.ChoiceField(label="It comes as", choices=Capacity.choices)
    email = forms.EmailField(
        label="E-mail of its first person", help_text="The link is for this person alone."
    )
    is_confidential = forms.BooleanField(
        required=False,
        label="Confidential: other parties do not learn that it is here",
        help_text="For law enforcement, and for any party that asks.",
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
