"""TLP 2.0 labels as FIRST writes them (first.org/tlp, version 2.0), for chips and documents."""

LABELS = {
    "red": "TLP:RED",
    "amber+strict": "TLP:AMBER+STRICT",
    "amber": "TLP:AMBER",
    "green": "TLP:GREEN",
    "clear": "TLP:CLEAR",
}


def label(marking: str | None) -> str:
    """The label of a stored marking. Nothing stored reads as RED (DESIGN.md section 4)."""
    return LABELS.get(_key(marking), LABELS["red"])


def css_class(marking: str | None) -> str:
    """The class of its chip."""
    key = _key(marking)
    return "tlp-" + (key if key in LABELS else "red").replace("+", "-")


def _key(marking: str | None) -> str:
    return (
        (marking or "red")
        .lower()
        .removeprefix("tlp:")
        .replace("_", "+")
        .replace("amber-", "amber+")
    )
