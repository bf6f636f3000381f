"""What people type to have stolen funds followed."""

from typing import Any

from django import forms

from incidents.forms.base import MarkedForm, RoomForm
from incidents.forms.freezes import UTCDateTimeField
from tracing.core.policies import CONSERVING, TITLES, PolicyName
from tracing.models import Lead
from tracing.services import chains


class TransactionForm(RoomForm):
    """The attack's transaction. The service checks it against the chain."""

    chain = forms.ChoiceField(
        error_messages={"invalid_choice": "%(value)s is not watched here."},
    )
    tx = forms.CharField(
        label="Transaction of the theft",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="The hash of the transaction that moved the funds away from their owner.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chain = self.fields["chain"]
        assert isinstance(chain, forms.ChoiceField)  # noqa: S101 (declared above)
        chain.choices = [(c.caip2, f"{c.name} ({c.caip2})") for c in chains.watched()]
        self.fields["tx"].mono = True  # type: ignore[attr-defined]


class SeedsForm(MarkedForm):
    """Which of the proposed gains were stolen."""

    seeds = forms.MultipleChoiceField(
        label="Stolen",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one: nothing is followed without it."},
    )
    policy = forms.ChoiceField(
        choices=[(name.value, TITLES[name]) for name in CONSERVING],
        initial=PolicyName.FIFO.value,
        required=False,
        help_text="Pinned for this trace. What the other policies say is shown beside it.",
    )

    def clean_policy(self) -> PolicyName:
        """The default where nothing was said."""
        return PolicyName(self.cleaned_data["policy"] or PolicyName.FIFO)

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seeds = self.fields["seeds"]
        assert isinstance(seeds, forms.MultipleChoiceField)  # noqa: S101 (declared above)
        seeds.choices = [(key, key) for key in keys]


class LabelForm(MarkedForm):
    """A party's word on what an address is."""

    verdict = forms.ChoiceField(
        label="Your word",
        choices=[("confirmed", "It is this"), ("rejected", "It is not this")],
    )
    meaning = forms.ChoiceField(
        label="What",
        error_messages={"invalid_choice": "No service or label here has that name."},
        help_text="Only what a label of this address says can be rejected.",
    )
    name = forms.CharField(max_length=200, required=False, help_text="Hot wallet 2, deposit ...")

    def __init__(
        self, *args: Any, said: dict[str, str], services: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        meaning = self.fields["meaning"]
        assert isinstance(meaning, forms.ChoiceField)  # noqa: S101 (declared above)
        meaning.choices = [
            ("Said of this address", list(said.items())),
            ("Services known here", list(services.items())),
        ]


class LookbackForm(MarkedForm):
    """From which block on an address is looked back at. The service checks it."""

    first = forms.IntegerField(
        label="From block",
        min_value=0,
        help_text="Every block from there to the newest one that was applied is read.",
    )


class LeadFilterForm(RoomForm):
    """Which leads are shown."""

    kind = forms.ChoiceField(required=False, choices=[("", "Every kind"), *Lead.Kind.choices])
    state = forms.ChoiceField(required=False, choices=[("", "Every state"), *Lead.State.choices])


class PriceForm(forms.Form):
    """What one whole unit of an asset was worth in US dollars at a moment."""

    asset = forms.CharField(max_length=200, help_text="CAIP-19, like eip155:1/slip44:60.")
    usd = forms.CharField(max_length=40, label="US dollars of one whole unit")
    at = UTCDateTimeField(label="When (UTC)")
    source = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
