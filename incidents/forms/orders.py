"""What people type about holding off, and about releasing."""

from typing import Any

from django import forms

from incidents.forms.freezes import UTCDateTimeField
from incidents.services.release_orders import KINDS, LONGEST


class HoldOffForm(forms.Form):
    """An address that no freeze is to be asked for."""

    chain = forms.CharField(max_length=60, help_text="CAIP-2, like eip155:1.")
    address = forms.CharField(max_length=130)
    until = UTCDateTimeField(
        required=False, label="Until (UTC)", help_text="Empty: until you lift it."
    )
    reason = forms.CharField(
        max_length=500, required=False, help_text="Read by your own party and nobody else."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class OrderForm(forms.Form):
    """What a desk is to be asked for, against what was asked before."""

    kind = forms.ChoiceField(label="The desk is to", choices=list(KINDS.items()))
    address = forms.CharField(
        max_length=130, required=False, help_text="Where to return it to, for another address."
    )
    reason = forms.CharField(max_length=LONGEST["reason"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
