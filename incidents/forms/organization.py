"""An organization's own people."""

from typing import Any

from django import forms


class MemberForm(forms.Form):
    """Somebody to be let in as a member."""

    name = forms.CharField(max_length=120, label="Name")
    email = forms.EmailField(label="E-mail", help_text="What the person is known by here.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class RecoveryForm(forms.Form):
    """Why somebody gets new passkeys."""

    reason = forms.CharField(
        max_length=300,
        required=False,
        label="What happened",
        help_text="For your colleagues: “telephone and key stolen in the train”.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
