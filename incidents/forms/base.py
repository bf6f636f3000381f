"""What forms share: the marking, its audience, and errors that services give."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms

from incidents import access
from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import ConsentRequired, HoldfastError, NotFound, StepUpRequired
from incidents.models import Incident
from incidents.services import previews
from incidents.services.parties import people_of
from incidents.services.previews import Preview
from incidents.services.timeline import EVERYONE, Audience

Result = TypeVar("Result")

MARKING_HELP = (
    "Who may see it. AMBER: the parties of this room, and recipients it is attached for. "
    "GREEN: other organizations here too. CLEAR: anybody. RED: only the people you name."
)


class RoomForm(forms.Form):
    """A form of a room; knows the incident and who fills it in."""

    def __init__(self, *args: Any, incident: Incident, actor: Actor, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.incident, self.actor = incident, actor


class MarkedForm(RoomForm):
    """A form of a shared item. Preselects the incident's marking; an audience narrows it."""

    marking = forms.ChoiceField(choices=Marking.choices, help_text=MARKING_HELP)
    audience = forms.MultipleChoiceField(
        required=False,
        label="Only these",
        help_text="Nobody chosen: everybody whom the marking allows. RED needs people.",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["marking"].initial = self.incident.default_marking
        field = self.fields["audience"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (declared above)
        field.choices, self.offered = audience_choices(self.incident, self.actor)
        # The marking belongs at the end, after what is marked.
        self.order_fields([n for n in self.fields if n not in {"marking", "audience"}])

    # Whom the policy would show it to, once somebody asked by the button for that.
    can_preview = True
    preview: Preview | None = None

    def is_valid(self) -> bool:
        """Also False where only a preview was asked for: then it is in ``preview``, and the page
        is shown again with everything that was typed."""
        if not super().is_valid():
            return False
        if not self.can_preview or "show_who" not in self.data:
            return True
        self.preview = carried_out(self, self._previewed)
        return False

    def _previewed(self) -> Preview:
        return previews.of(
            self.incident,
            self.cleaned_data["marking"],
            actor=self.actor,
            audience=self.chosen_audience(),
            **self.previewing(),
        )

    def previewing(self) -> dict[str, Any]:
        """What else the preview has to know of the thing."""
        return {}

    @property
    def as_shown(self) -> list[tuple[str, str]]:
        """The thing as it would read, line by line."""
        shown = [f for f in self.visible_fields() if f.name not in {"marking", "audience"}]
        values = [(str(f.label), self._said(f.name)) for f in shown]
        return [(label, value) for label, value in values if value]

    def _said(self, name: str) -> str:
        value = self.cleaned_data.get(name)
        if value in (None, "", []):
            return ""
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value)) if isinstance(value, str) else str(value)

    def chosen_audience(self) -> Audience:
        """The narrowing that was chosen."""
        chosen = [value.partition(":") for value in self.cleaned_data["audience"]]
        if not chosen:
            return EVERYONE
        organizations = [self.offered[f"{n}:{of}"] for n, _, of in chosen if n == "organization"]
        people = [self.offered[f"{n}:{of}"] for n, _, of in chosen if n == "person"]
        return Audience(organizations or None, people or None)


Choices = list[tuple[str, list[tuple[str, str]]]]


def audience_choices(incident: Incident, actor: Actor) -> tuple[Choices, dict[str, int]]:
    """The parties and people that the actor can see, to narrow an item to, and the row behind each.

    On the page they carry their public ids: row numbers would tell how many others there are.
    """
    parties = [seat.organization for seat in access.parties(actor, incident)]
    people = people_of(actor, incident)
    offered = {f"organization:{o.public_id}": o.pk for o in parties}
    offered |= {f"person:{p.public_id}": p.pk for p in people}
    choices = [
        ("Parties", [(f"organization:{o.public_id}", o.name) for o in parties]),
        ("People", [(f"person:{p.public_id}", str(p)) for p in people]),
    ]
    return choices, offered


def carried_out(form: forms.Form, act: Callable[[], Result]) -> Result | None:
    """Run ``act``; what the service refuses becomes an error of the form, at its field.

    :raises NotFound, ConsentRequired, StepUpRequired: those are answers of their own.
    """
    try:
        return act()
    except (NotFound, ConsentRequired, StepUpRequired):
        raise
    except HoldfastError as error:
        form.add_error(error.field if error.field in form.fields else None, error.detail)
        return None
