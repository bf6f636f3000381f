"""Who may see something that is there: changing it, asking its owner, answering who asked."""

from typing import Any

from django import forms

from incidents.forms.base import MarkedForm, RoomForm
from incidents.models import FreezeRequest
from incidents.models.marked import Marked
from incidents.services.markings import LONGEST_REASON


class RemarkForm(MarkedForm):
    """Another marking or audience. It starts from what the item has."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=(
            "Needed where somebody sees it then who does not now. Those who see it from now on "
            "read the reason."
        ),
    )

    def __init__(self, *args: Any, item: Marked, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["marking"].initial = item.marking
        named = {
            "organization": item.audience_organizations or (),
            "person": item.audience_people or (),
        }
        self.fields["audience"].initial = [
            name for name, pk in self.offered.items() if pk in named[name.partition(":")[0]]
        ]

    def previewing(self) -> dict[str, Any]:
        if not isinstance(self.item, FreezeRequest):
            return {"item": self.item}
        desk = self.item.desk_id if self.item.sent_at else None
        return {"item": self.item, "is_request": True, "desk": desk}


class AskReleaseForm(MarkedForm):
    """A wider marking or audience, asked of the owner."""

    can_preview = False  # whom it names already is the owner's to know

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The owner's people read it, and nobody else but your own.",
    )


class RefuseForm(RoomForm):
    """Why it is not released."""

    words = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}))
