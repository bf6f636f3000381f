"""A person's own things."""

from typing import Any

from django import forms

from incidents.choices import TokenScope
from incidents.services.tokens import LONGEST_DAYS


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(max_length=80, help_text="What uses it: “export to our case tool”.")
    scope = forms.ChoiceField(
        label="It may",
        choices=[("read", "read"), ("write", "read and write")],
        initial="read",
        help_text="Never what asks for your passkey again: sending, signing, exporting, inviting.",
    )
    room = forms.ChoiceField(required=False, label="In")
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=90, label="Days until it ends"
    )

    def __init__(self, *args: Any, rooms: list[tuple[str, str]], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["room"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [("", "all rooms of yours"), *dict(rooms).items()]

    def chosen_scopes(self) -> list[TokenScope]:
        """Who may write may read."""
        if self.cleaned_data["scope"] == "write":
            return [TokenScope.READ, TokenScope.WRITE]
        return [TokenScope.READ]
