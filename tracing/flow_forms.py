"""What people fill in to hand over a flow table, and how the file goes along to the preview."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from incidents.choices import Marking
from incidents.forms.base import MarkedForm
from tracing.core.amounts import MAX_DECIMALS
from tracing.core.flows import LAYOUTS
from tracing.core.policies.names import CONSERVING
from tracing.models import Trace
from tracing.services import overview
from tracing.services.flow_tables import LONGEST_NAME, MOST_BYTES, MOST_ROWS, OWN, USD, Asked

# What a page can carry to its preview and back (Django takes 2.5 MB of fields).
MOST_PACKED = 2_200_000
LONGEST_LIST = 1_000_000
BY_HEADER = "header"
LAYOUT_CHOICES = [
    (BY_HEADER, "By the header of the file"),
    *((slug, {"laundernet": "LaunderNet", "reactor": "Reactor-style", "plain": "Plain"}.get(
        slug, slug)) for slug in LAYOUTS),
    (OWN, "My own columns, named below"),
]  # fmt: skip
COLUMNS = {
    "frm": "Sender",
    "to": "Recipient",
    "amount": "Amount",
    "block": "Block",
    "time": "Time",
    "tx": "Transaction",
    "frm_label": "Name of the sender",
    "to_label": "Name of the recipient",
}
_TEXTAREA = {"rows": 3, "spellcheck": "false", "autocomplete": "off"}


class FlowTableForm(MarkedForm):
    """A CSV of transfers. The service reads it and names every bad row."""

    can_preview = False  # it has a step of its own before it is imported

    file = forms.FileField(
        label="CSV file",
        help_text=f"UTF-8, at most {MOST_ROWS:,} rows and {MOST_BYTES // 1024**2} MiB.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    packed = forms.CharField(required=False, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    name = forms.CharField(
        required=False, max_length=LONGEST_NAME, help_text="Left empty: the name of the file."
    )
    layout = forms.ChoiceField(choices=LAYOUT_CHOICES, label="Columns")
    sources = forms.CharField(
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs=_TEXTAREA),
        help_text="Where the stolen value begins, one address a line. Left empty: the receivers "
        "of this trace's seeds.",
    )
    sources_file = forms.FileField(required=False, label="Sources from a file")
    terminals = forms.CharField(
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs=_TEXTAREA),
        help_text="Where it ends (exchanges, bridges), one address a line.",
    )
    terminals_file = forms.FileField(required=False, label="Terminals from a file")
    unit = forms.ChoiceField(label="Amounts are in")
    decimals = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_DECIMALS,
        help_text="Decimals that are kept. Left empty: as many as the amounts have, two at least.",
    )
    policy = forms.ChoiceField(choices=[(p.value, p.value) for p in CONSERVING])

    def __init__(self, *args: Any, trace: Trace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, title in COLUMNS.items():
            self.fields[f"column_{name}"] = forms.CharField(
                required=False, max_length=200, label=title
            )
        self.order_fields([n for n in self.fields if n not in {"marking", "audience"}])
        self.fields["policy"].initial = trace.policy
        self.fields["file"].required = not self.data.get("packed")  # the page still carries one
        # An import states its marking: nothing is preselected (DESIGN.md section 4).
        self._choices("marking", [("", "State one"), *Marking.choices])
        self.fields["marking"].initial = ""
        units = {seed.asset: name.symbol for seed, name in overview.seeds(trace)}
        self._choices("unit", [(USD, "US dollars"), *units.items()])
        for name in ("sources", "terminals"):
            self.fields[name].mono = True  # type: ignore[attr-defined]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = choices

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The own mapping's fields."""
        return [self[f"column_{name}"] for name in COLUMNS]

    def clean(self) -> dict[str, Any]:
        """The file, or what the preview carried of it; lists pasted and from files together."""
        data = super().clean() or {}
        given = data.get("file")
        if given is not None:
            data["content"], data["file_name"] = self._read(given, "file"), given.name or ""
        else:
            data["content"] = self._unpacked(data.get("packed", ""))
        content = data["content"]
        packed = base64.b64encode(zlib.compress(content, 9)).decode() if content else ""
        if len(packed) > MOST_PACKED:
            self.add_error("file", "The file is too large for this page: divide it.")
        data["packed"] = packed
        for name in ("sources", "terminals"):
            more = data.get(f"{name}_file")
            if more is not None:
                text = self._read(more, f"{name}_file").decode("utf-8", "replace")
                data[name] = "\n".join(part for part in (data.get(name, ""), text) if part)
        return data

    def _read(self, given: UploadedFile[Any], field: str) -> bytes:
        most = MOST_BYTES if field == "file" else LONGEST_LIST
        if (given.size or 0) > most:
            self.add_error(field, f"At most {most:,} bytes.")
            return b""
        return bytes(given.read())

    def _unpacked(self, packed: str) -> bytes:
        if not packed:
            return b""
        try:
            stream = zlib.decompressobj()
            return stream.decompress(base64.b64decode(packed, validate=True), MOST_BYTES + 1)
        except (binascii.Error, zlib.error, ValueError):
            self.add_error("file", "Choose the file again.")
            return b""

    @property
    def carried(self) -> tuple[str, str]:
        """The file as the page carries it on, and its name; a refused form keeps it too."""
        data = getattr(self, "cleaned_data", {})
        return data.get("packed", ""), data.get("file_name", "")

    def asked(self) -> Asked:
        """What the service takes."""
        data = self.cleaned_data
        columns = {name: data[f"column_{name}"].strip() for name in COLUMNS}
        return Asked(
            name=data["name"].strip() or data["file_name"],
            content=data["content"],
            layout="" if data["layout"] == BY_HEADER else data["layout"],
            columns={name: column for name, column in columns.items() if column},
            sources=data["sources"],
            terminals=data["terminals"],
            unit=data["unit"],
            decimals=data["decimals"],
            policy=data["policy"],
        )

    def kept(self) -> list[tuple[str, str]]:
        """Everything as hidden fields, for the preview to send again."""
        found: list[tuple[str, str]] = []
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if name in ("file", "sources_file", "terminals_file") or value in (None, ""):
                continue
            values = value if isinstance(value, list) else [value]
            found += [(name, str(one)) for one in values]
        return found
