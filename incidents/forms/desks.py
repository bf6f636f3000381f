"""Desks, as an organization knows them: its own version of a profile, and its contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from incidents.choices import Channel
from incidents.desks.facts import FACTS, Fact, Profile
from incidents.exceptions import BadInput
from incidents.recipients.base import recipients


class ProfileForm(forms.Form):
    """Every fact with its source and date. What is left empty is not known."""

    name = forms.CharField(max_length=120, label="Name")

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = profile.name
        for fact in FACTS.values():
            known = profile.facts.get(fact.name)
            is_long = fact.name in ("channels", "note", "required_fields", "portal_fields")
            widget = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
            self.fields[fact.name] = forms.CharField(
                required=False,
                label=fact.label,
                help_text=fact.help,
                max_length=4000,
                widget=widget,
                initial=fact.kind.write(known.value) if known else "",
            )
            self.fields[f"{fact.name}_source"] = forms.CharField(
                required=False,
                max_length=500,
                label="Source",
                initial=known.source if known else "",
            )
            self.fields[f"{fact.name}_dated"] = forms.DateField(
                required=False,
                label="As of",
                initial=known.dated if known else timezone.now().date().isoformat(),
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each fact, for the page."""
        return [
            {"value": self[name], "source": self[f"{name}_source"], "dated": self[f"{name}_dated"]}
            for name in FACTS
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["facts"] = {
            fact.name: given for fact in FACTS.values() if (given := self._given(fact, data))
        }
        return data

    def _given(self, fact: Fact, data: dict[str, Any]) -> dict[str, Any] | None:
        text = (data.get(fact.name) or "").strip()
        if not text:
            return None
        dated, source = data.get(f"{fact.name}_dated"), data.get(f"{fact.name}_source")
        if not source:
            self.add_error(f"{fact.name}_source", "Say where this comes from.")
        if not dated:
            self.add_error(f"{fact.name}_dated", "Say when it was so.")
        try:
            value = fact.kind.read(text)
        except BadInput as error:
            self.add_error(fact.name, error.detail)
            return None
        return {"value": value, "source": source, "dated": str(dated)}


class ContactForm(forms.Form):
    """Somebody at a desk."""

    name = forms.CharField(max_length=120, label="Name", help_text="A person or a desk.")
    channel = forms.ChoiceField(label="Channel")
    address = forms.CharField(max_length=500, label="Address", help_text="E-mail, URL ...")
    phone = forms.CharField(
        max_length=40,
        required=False,
        label="Second way: telephone",
        help_text="Found elsewhere than the address: on the company's own site, in a contract.",
    )
    openpgp_key = forms.CharField(
        max_length=20_000,
        required=False,
        label="Second way: OpenPGP key",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [
            (slug, Channel(slug).label) for slug in recipients() if slug != Channel.ROOM
        ]


class VerifyForm(forms.Form):
    """How a second person reached them."""

    how = forms.CharField(max_length=300, label="How you reached them")
