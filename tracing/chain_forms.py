"""What an administrator types of chains and endpoints. A URL is written here and never shown."""

from typing import Any

from django import forms

from incidents.exceptions import BadInput
from tracing.chains import shipped
from tracing.chains.shipped import COMMITMENTS, LONGEST_OPERATOR, MOST_QUORUM, ChainFile
from tracing.models import Endpoint
from tracing.services import shipped_chains

LONGEST_URL = 4096


class PlainForm(forms.Form):
    """Labels without a colon, as everywhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def _secret(**more: Any) -> forms.CharField:
    """A URL with its key: not shown while it is typed, not sent back with an error."""
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.PasswordInput(render_value=False, attrs=attrs)
    return forms.CharField(max_length=LONGEST_URL, widget=widget, **more)


class ChainForm(PlainForm):
    """A chain that ships, or one's own file."""

    shipped = forms.ChoiceField(required=False, label="A chain that ships with Holdfast")
    file = forms.CharField(
        required=False,
        label="Or a file of your own",
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text="TOML, see docs/how-to/add-a-chain.md. Endpoints are added afterwards.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice, file = self.fields["shipped"], self.fields["file"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 (declared above)
        names = [(name, f"{one.name} ({one.caip2})") for name, one in shipped.shipped().items()]
        choice.choices = [("", "None of these"), *names]
        file.mono = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("shipped")) == bool((data.get("file") or "").strip()):
            raise forms.ValidationError("Choose a chain, or paste a file: one of both.")
        return data

    def chosen(self) -> ChainFile:
        """The chain's file. Raises BadInput with the field at fault."""
        if self.cleaned_data["shipped"]:
            return shipped.shipped()[self.cleaned_data["shipped"]]
        try:
            found = shipped_chains.read(self.cleaned_data["file"])
        except BadInput as error:
            raise BadInput(error.detail, field="file") from error
        if found.endpoints:
            # Whoever administers the site need not be who may read files and variables of the host.
            raise BadInput("endpoints: add them on the chain's page.", field="file")
        return found


class UrlForm(PlainForm):
    """Another URL for an endpoint."""

    url = _secret(label="URL", help_text="With its key. It is stored and never shown again.")
    ws_url = _secret(
        required=False,
        label="WebSocket URL",
        help_text="ws:// or wss://: new blocks are told at once. Without it the node is asked.",
    )


class EndpointForm(UrlForm):
    """One more endpoint."""

    operator = forms.CharField(
        max_length=LONGEST_OPERATOR,
        help_text="Who runs it. Two endpoints of one operator are one voice.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(choices=Endpoint.Kind.choices, initial=Endpoint.Kind.RPC)
    field_order = ("operator", "kind", "url", "ws_url")


class QuorumForm(PlainForm):
    """How many operators must agree."""

    quorum = forms.IntegerField(
        label="Operators that must agree",
        min_value=1,
        max_value=MOST_QUORUM,
        help_text="1 means a single source: nothing is ever called verified.",
    )


class CommitmentsForm(PlainForm):
    """What is recomputed of a chain's blocks."""

    commitments = forms.MultipleChoiceField(
        required=False,
        label="Recomputed of each block",
        choices=[(name, name) for name in COMMITMENTS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Only what every honest node of this chain passes: an endpoint that fails is "
        "quarantined. docs/adr/0018-what-can-be-recomputed.md says what was shown to hold.",
    )


class LiftForm(PlainForm):
    """Why an endpoint may be asked again."""

    reason = forms.CharField(
        max_length=300, widget=forms.Textarea(attrs={"rows": 2}), label="Why it may be asked again"
    )
