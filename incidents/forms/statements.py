"""Statements, sign-offs and the public page."""

from django import forms

from incidents.choices import Position, Severity
from incidents.forms.base import MarkedForm, RoomForm
from incidents.forms.freezes import UTCDateTimeField


class StatementForm(MarkedForm):
    """A text that parties can stand behind."""

    title = forms.CharField(max_length=200)
    text = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="What is known, what is being done, when the next word comes. No blame.",
    )


class EditForm(RoomForm):
    """A new wording. ``digest`` is the text that was on the screen."""

    title = forms.CharField(max_length=200)
    text = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))
    digest = forms.CharField(widget=forms.HiddenInput)


class SignForm(RoomForm):
    """One party's word on the text it read."""

    position = forms.ChoiceField(choices=Position.choices, widget=forms.RadioSelect)
    digest = forms.CharField(widget=forms.HiddenInput)


class PublishForm(RoomForm):
    """Putting the text that was read on the public page."""

    digest = forms.CharField(widget=forms.HiddenInput)


class StatusForm(RoomForm):
    """The public page's line."""

    line = forms.ChoiceField(choices=Severity.choices, label="The incident is")
    next_update_at = UTCDateTimeField(
        required=False, label="Next update (UTC)", help_text="Say it only if you will keep it."
    )
