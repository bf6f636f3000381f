"""A new text for the terms of a room."""

from django import forms

from incidents.forms.base import RoomForm
from incidents.services import revisions


class RevisionForm(RoomForm):
    """What is proposed: the whole text, what signing it releases, and how long parties have."""

    text = forms.CharField(
        max_length=revisions.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="The whole text. Parties see what changed, line by line.",
    )
    covers = forms.MultipleChoiceField(
        required=False,
        label="Signing it releases for publication",
        choices=list(revisions.COVERS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Once and for all, for whoever signs. Everything else takes its owner's release.",
    )
    respond_minutes = forms.IntegerField(
        min_value=1,
        max_value=revisions.LONGEST_MINUTES,
        label="Minutes to sign it",
        help_text="From when it is in force. Who is late may still sign, and is shown as late.",
    )
    reason = forms.CharField(
        required=False, max_length=revisions.LONGEST_REASON, help_text="Why. The room reads it."
    )
