"""Opening an incident, notes, addresses."""

from typing import Any

from django import forms

from incidents.choices import AddressRole, Capacity
from incidents.forms.base import MarkedForm
from incidents.models import Organization
from incidents.ports import money
from incidents.services.notes import LONGEST_NOTE

OPENERS = (Capacity.AFFECTED, Capacity.COORDINATOR, Capacity.WHITE_HAT, Capacity.ANALYTICS)


class IncidentForm(forms.Form):
    """A new room."""

    title = forms.CharField(max_length=200, help_text="What happened, where: KelpDAO rsETH bridge.")
    organization = forms.ChoiceField(label="You open it for")
    capacity = forms.ChoiceField(
        label="As", choices=[(c.value, c.label) for c in OPENERS], initial=Capacity.AFFECTED
    )

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.organizations = {str(o.public_id): o for o in organizations}
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [(pk, o.name) for pk, o in self.organizations.items()]

    def chosen_organization(self) -> Organization:
        """One of those offered."""
        return self.organizations[self.cleaned_data["organization"]]


class NoteForm(MarkedForm):
    """A note for the timeline."""

    text = forms.CharField(
        label="Note",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Facts as facts, claims as claims, with whose they are.",
    )


class AddressForm(MarkedForm):
    """An address of any chain. The service checks it and names field and reason."""

    chain = forms.CharField(
        max_length=60,
        widget=forms.TextInput(
            attrs={"list": "chains", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text="CAIP-2: eip155:1 is Ethereum, bip122:000000000019d6689c085ae165831e93 Bitcoin.",
    )
    address = forms.CharField(
        max_length=130,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Whole, as copied from an explorer. A wrong checksum is refused.",
    )
    role = forms.ChoiceField(
        choices=[c for c in AddressRole.choices if c[0] != AddressRole.ATTACKER],
        initial=AddressRole.CANDIDATE,
        help_text="A return address counts only after a second person has confirmed it.",
    )
    label = forms.CharField(max_length=120, required=False, help_text="A short name.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watched = sorted(money().watched_chains())
        if len(self.watched) == 1:
            self.fields["chain"].initial = self.watched[0]
        for name in ("chain", "address"):
            self.fields[name].mono = True  # type: ignore[attr-defined]
