"""Freeze requests: drafting, handing over, answering."""

from datetime import UTC, datetime
from typing import Any

from django import forms

from incidents.choices import DESKS, Outcome
from incidents.forms.base import MarkedForm, RoomForm
from incidents.models import FreezeTarget, Organization, Participation
from incidents.ports import AddressExposure
from tracing.core.amounts import parse_amount
from tracing.core.errors import InvalidIdentifier

OTHER = "other"


def base_units(typed: str, decimals: int) -> int:
    """What was typed, exactly. Raises ValidationError with the reason."""
    try:
        return parse_amount(typed, decimals)
    except InvalidIdentifier as error:
        raise forms.ValidationError(str(error)) from error


class UTCDateTimeField(forms.DateTimeField):
    """A moment that is typed and read as UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60})

    def to_python(self, value: Any) -> datetime | None:
        at = super().to_python(value)
        try:
            return at.astimezone(UTC) if at is not None else None
        except OverflowError as error:  # year 1 or 9999, with an offset that leads out of it
            raise forms.ValidationError(self.error_messages["invalid"]) from error


class FreezeForm(MarkedForm):
    """One account to be frozen by one desk."""

    chain = forms.CharField(max_length=60, help_text="CAIP-2, such as eip155:1.")
    address = forms.CharField(max_length=130, help_text="Whole; a wrong checksum is refused.")
    desk = forms.ChoiceField(
        help_text="Who can freeze it. A desk without a seat is sent it by you."
    )
    desk_name = forms.CharField(
        max_length=120, required=False, label="Other desk", help_text="Only for “another desk”."
    )
    asset = forms.ChoiceField(required=False)
    other_asset = forms.CharField(
        max_length=200,
        required=False,
        label="Other asset (CAIP-19)",
        help_text="eip155:1/erc20:0x… or eip155:1/slip44:60, when it is not in the list.",
    )
    other_symbol = forms.CharField(max_length=40, required=False, label="Its symbol")
    other_decimals = forms.IntegerField(
        min_value=0, max_value=77, required=False, label="Its decimals"
    )
    amount = forms.CharField(max_length=100, help_text="In units of the asset, to the last digit.")

    def __init__(
        self,
        *args: Any,
        seats: list[Participation],
        exposures: list[AddressExposure],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.desks = {str(s.organization_id): s.organization for s in seats if s.capacity in DESKS}
        self.exposures = {e.asset: e for e in exposures}
        for name in ("chain", "address", "other_asset"):
            self.fields[name].mono = True  # type: ignore[attr-defined]
        desk, asset = self.fields["desk"], self.fields["asset"]
        assert isinstance(desk, forms.ChoiceField)  # noqa: S101 (declared above)
        assert isinstance(asset, forms.ChoiceField)  # noqa: S101 (declared above)
        desk.choices = [
            *((pk, o.name) for pk, o in self.desks.items()),
            (OTHER, "Another desk, named below"),
        ]
        asset.choices = [
            *((e.asset, e.symbol[:40]) for e in exposures),
            (OTHER, "Another asset, named below"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("desk") == OTHER and not (data.get("desk_name") or "").strip():
            self.add_error("desk_name", "Name the desk.")
        exposure = self.exposures.get(data.get("asset") or "")
        decimals: int | None
        if exposure is not None:
            caip19, symbol, decimals = exposure.asset, exposure.symbol, exposure.decimals
        else:
            caip19 = (data.get("other_asset") or "").strip()
            symbol = (data.get("other_symbol") or "").strip()
            decimals = data.get("other_decimals")
            if "/" not in caip19:
                self.add_error("other_asset", "Name the asset as CAIP-19.")
            if not symbol:
                self.add_error("other_symbol", "Give the asset's symbol.")
            if decimals is None and "other_decimals" not in self.errors:
                self.add_error("other_decimals", "Give the asset's decimals.")
        data["of_asset"] = (caip19, symbol, decimals)
        if decimals is not None and "amount" in data:
            try:
                data["units"] = base_units(data["amount"], decimals)
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return data

    def previewing(self) -> dict[str, Any]:
        desk = self.chosen_desk()
        return {"is_request": True, "desk": desk.pk if desk else None}

    def chosen_desk(self) -> Organization | None:
        """The desk's seat in the room, if it has one."""
        return self.desks.get(self.cleaned_data["desk"])


class SendForm(RoomForm):
    """How the request was handed over to a desk without a seat."""

    channel = forms.CharField(
        max_length=60, help_text="The desk's portal, mail, telephone: how it was handed over."
    )
    proof = forms.CharField(
        max_length=200,
        required=False,
        label="Their reference",
        help_text="The ticket or case number that the desk gave.",
    )


class AnswerForm(MarkedForm):
    """A desk's word on one target."""

    outcome = forms.ChoiceField(label="Answer", choices=Outcome.choices)
    amount = forms.CharField(
        max_length=100, required=False, help_text="Empty: all that was requested."
    )
    held_until = UTCDateTimeField(
        required=False,
        label="Held until (UTC)",
        help_text="A hold without an end stays until you release it.",
    )
    text = forms.CharField(
        required=False,
        max_length=4000,
        label="In your words",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, target: FreezeTarget, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target

    def clean_amount(self) -> int | None:
        typed: str = self.cleaned_data["amount"]
        return base_units(typed, self.target.decimals) if typed.strip() else None
