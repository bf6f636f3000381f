"""A desk's answer, typed by somebody without an account."""

from __future__ import annotations

from typing import Any

from django import forms

from incidents.choices import Outcome
from incidents.forms.freezes import UTCDateTimeField, base_units
from incidents.models import FreezeTarget
from incidents.services.answers import Proof
from incidents.services.desk_page import LARGEST_ATTACHMENT, Given

# What a desk says for itself. What only a court or a chain makes true is said with its document.
WORDS = {
    Outcome.ACKNOWLEDGED: "We have it and look at it",
    Outcome.LOCATED: "The account is ours; nothing is held yet",
    Outcome.HELD: "We hold it, voluntarily, until …",
    Outcome.RENEWED: "We hold it longer, until …",
    Outcome.FROZEN: "Frozen",
    Outcome.NEEDS_INFORMATION: "We need more information",
    Outcome.NEEDS_LEGAL_PROCESS: "We need legal process",
    Outcome.WRONG_DESK: "Not our address",
    Outcome.DECLINED: "Declined",
    Outcome.MOVED_ON: "It is no longer here",
    Outcome.RELEASED: "Released",
    Outcome.SEIZED: "Seized",
    Outcome.IN_CUSTODY: "In custody",
    Outcome.RETURNED: "Returned",
}


class SaidForm(forms.Form):
    """What a desk says of one target, whoever types it."""

    outcome = forms.ChoiceField(
        label="Answer", choices=[("", "Choose one"), *((o.value, w) for o, w in WORDS.items())]
    )
    amount = forms.CharField(max_length=100, required=False, help_text="Empty: all of it.")
    held_until = UTCDateTimeField(
        required=False,
        label="Held until (UTC)",
        help_text="Empty: the hold has no end.",
    )
    reference = forms.CharField(max_length=120, required=False, label="Your reference")
    contact = forms.CharField(
        max_length=200,
        required=False,
        label="Whom to ask",
        help_text="A person or a team, and how to reach them.",
    )
    legal_kind = forms.CharField(
        max_length=120,
        required=False,
        label="Which legal process",
        help_text="Court order, MLAT, preservation letter …",
    )
    jurisdiction = forms.CharField(max_length=80, required=False, label="Of which country")
    onward = forms.CharField(
        max_length=200, required=False, label="Transaction by which it moved on"
    )
    text = forms.CharField(
        max_length=4000,
        required=False,
        label="In your words",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attachment = forms.FileField(
        required=False, help_text="One file, at most 5 MiB. It is kept as it is, with its SHA-256."
    )

    def __init__(self, *args: Any, target: FreezeTarget, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.target = target
        for name in ("amount", "onward"):
            self.fields[name].mono = True  # type: ignore[attr-defined]

    def clean_amount(self) -> int | None:
        typed: str = self.cleaned_data["amount"]
        return base_units(typed, self.target.decimals) if typed.strip() else None

    def clean_attachment(self) -> Any:
        given = self.cleaned_data["attachment"]
        if given and given.size > LARGEST_ATTACHMENT:
            raise forms.ValidationError("At most 5 MiB.")
        return given

    def given(self) -> Given:
        """As the service takes it."""
        data = self.cleaned_data
        file = data["attachment"]
        legal = {"kind": data["legal_kind"], "jurisdiction": data["jurisdiction"]}
        return Given(
            outcome=data["outcome"],
            amount=data["amount"],
            held_until=data["held_until"],
            reference=data["reference"],
            contact=data["contact"],
            text=data["text"],
            onward=data["onward"],
            legal={name: value for name, value in legal.items() if value},
            proof=Proof(file.name, file.read()) if file else None,
        )


class DeskAnswerForm(SaidForm):
    """On the desk's page, where each answer takes a code of its own."""

    code = forms.CharField(
        max_length=20,
        label="Code for this answer",
        help_text="Read out to you by whoever called you back, or encrypted to your key.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, by_passkey: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].mono = True  # type: ignore[attr-defined]
        if by_passkey:
            del self.fields["code"]


class DeskEnrolForm(forms.Form):
    """Who registers a passkey at a desk's page."""

    name = forms.CharField(max_length=120, label="Your name")
    email = forms.EmailField(label="Your e-mail address at work")
    code = forms.CharField(
        max_length=20, label="Code", help_text="To register a passkey, read out at a call-back."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["code"].mono = True  # type: ignore[attr-defined]
