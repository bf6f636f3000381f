"""A person's own things."""

from typing import Any

from django import forms

from incidents.services.tokens import LONGEST_DAYS


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(max_length=80, help_text="What uses it: “export to our case tool”.")
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=90, label="Days until it ends"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
