"""What members type about desks' pages: a recipient, and what a desk answered elsewhere."""

from typing import Any

from django import forms

from incidents.choices import Channel
from incidents.forms.base import MarkedForm
from incidents.forms.desk import SaidForm
from incidents.models import DeskContact

ELSEWHERE = (Channel.MAIL, Channel.PHONE, Channel.PORTAL, Channel.OTHER)


class LinkForm(forms.Form):
    """A page of a request for one recipient."""

    recipient = forms.CharField(
        max_length=200, required=False, help_text="Who gets it, as every page and file will say."
    )
    contact = forms.ChoiceField(
        required=False, help_text="With a verified key, codes can be encrypted to it."
    )

    def __init__(self, *args: Any, contacts: list[DeskContact], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.contacts = {str(row.public_id): row for row in contacts}
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        named = [(pk, f"{row.name}, {row.address}") for pk, row in self.contacts.items()]
        field.choices = [("", "None of the contacts"), *named]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        contact = self.chosen_contact()
        if not (data.get("recipient") or "").strip() and contact is None:
            self.add_error("recipient", "Name the recipient, or choose a contact.")
        elif contact is not None and not data.get("recipient"):
            data["recipient"] = contact.name
        return data

    def chosen_contact(self) -> DeskContact | None:
        """The one that was chosen."""
        return self.contacts.get(self.cleaned_data.get("contact") or "")


class ClaimForm(SaidForm, MarkedForm):
    """What a desk said by mail or on the telephone, written down by a member."""

    channel = forms.ChoiceField(
        label="How it was said",
        choices=[("", "Choose one"), *((c.value, c.label) for c in ELSEWHERE)],
    )


class ConfirmForm(forms.Form):
    """A call-back."""

    how = forms.CharField(
        max_length=200,
        label="Which number was called, where it was found, who spoke",
        help_text="A number from the mail itself confirms nothing.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
