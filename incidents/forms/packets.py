"""What a packet says besides its targets, and signatures that were made elsewhere."""

from typing import Any

from django import forms

from incidents.choices import SignatureKind
from incidents.forms.base import RoomForm
from incidents.packets import fields
from incidents.packets.kinds import Field, Kind

_MONO = {Kind.ITEMS, Kind.MOMENT, Kind.DATE, Kind.PHONE, Kind.USD}
_ROWS = {Kind.TEXT: 3, Kind.LINKS: 2, Kind.ITEMS: 3}
_LIKE = {
    Kind.MOMENT: "Like 2026-04-18T17:35:00Z.",
    Kind.DATE: "Like 2026-04-18.",
}


class FieldsForm(RoomForm):
    """All fields that somebody types, in the order of the draft standard. The service checks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in fields.FIELDS.values():
            if not field.is_derived:
                made = _input(field)
                made.mono = field.kind in _MONO  # type: ignore[attr-defined]
                self.fields[field.name] = made

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """With their titles, for the page."""
        return [
            (title, [self[field.name] for field in fields.of_group(group)])
            for group, title in fields.TITLES.items()
            if fields.of_group(group)
        ]


def _input(field: Field) -> forms.Field:
    help_text = field.help or _LIKE.get(field.kind, "")
    if field.kind is Kind.YES:
        return forms.ChoiceField(
            required=False, label=field.label, choices=[("", "No"), ("yes", "Yes")]
        )
    if field.choices:
        choices = [("", "Not stated"), *field.choices]
        return forms.ChoiceField(
            required=False, label=field.label, help_text=help_text, choices=choices
        )
    widget: forms.Widget = forms.TextInput()
    if field.kind in _ROWS:
        widget = forms.Textarea(attrs={"rows": _ROWS[field.kind]})
    return forms.CharField(
        required=False,
        label=field.label,
        help_text=help_text,
        max_length=field.longest,
        widget=widget,
    )


class SignatureForm(RoomForm):
    """A signature over the manifest, made with a key or a wallet of one's own."""

    kind = forms.ChoiceField(
        label="Made with",
        choices=[
            (SignatureKind.SSHSIG, "ssh-keygen -Y sign"),
            (SignatureKind.OPENPGP, "OpenPGP, detached and armoured"),
            (SignatureKind.EIP712, "Wallet or multisig (EIP-712)"),
        ],
    )
    signature = forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
    )
    account = forms.CharField(
        required=False,
        max_length=130,
        help_text="Only for a wallet: chain and address (CAIP-10), control of which was proved.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("signature", "account"):
            self.fields[name].mono = True  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """One's own public key."""

    kind = forms.ChoiceField(
        choices=[(SignatureKind.SSHSIG, "SSH"), (SignatureKind.OPENPGP, "OpenPGP")]
    )
    public = forms.CharField(
        label="Public key",
        max_length=60_000,
        help_text="The line of a .pub file, or a public key block. Never the secret one.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["public"].mono = True  # type: ignore[attr-defined]
