"""How a request goes to a desk, and what somebody says who handed it over."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from incidents.forms.base import RoomForm
from incidents.forms.freezes import UTCDateTimeField
from incidents.models import DeskContact
from incidents.services.dispatches import LARGEST_PROOF, PROOFS
from incidents.services.presend import To


class ShownForm(RoomForm):
    """The findings that were on the page when the button was pressed."""

    anyway = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput())

    def codes(self) -> list[str]:
        return [one for one in str(self.cleaned_data["anyway"]).split(",") if one]

    def to(self, channel: str, contact: DeskContact | None) -> To:
        return To(channel, contact)


class HandedOverForm(ShownForm):
    """By the desk's own form, or by telephone."""

    reference = forms.CharField(
        max_length=120,
        required=False,
        label="Their reference",
        help_text="The ticket or case number that the desk gave.",
    )
    at = UTCDateTimeField(
        required=False, label="Handed over at (UTC)", help_text="Empty: a moment ago."
    )
    proof = forms.FileField(
        required=False,
        label="Proof",
        help_text=f"What the desk showed or sent: {', '.join(PROOFS)}, 5 MiB at most.",
    )

    def clean_proof(self) -> tuple[str, bytes]:
        given = self.cleaned_data["proof"]
        if not isinstance(given, UploadedFile):
            return "", b""
        if (given.size or 0) > LARGEST_PROOF:
            raise forms.ValidationError("A proof has at most 5 MiB.")
        return str(given.name or "")[-200:], given.read()

    def to(self, channel: str, contact: DeskContact | None) -> To:
        data: dict[str, Any] = self.cleaned_data
        name, proof = data["proof"]
        return To(channel, contact, "", data["reference"], data["at"], name, proof)
