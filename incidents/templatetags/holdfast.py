"""Template tags: thin names for incidents/display/, where the rules are."""

from datetime import UTC, datetime, timedelta

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from incidents.display import (
    addresses,
    amounts,
    backfills,
    blocks,
    chains,
    durations,
    entries,
    markings,
    states,
    strip,
    text,
)
from incidents.ports import Backfill, Strip
from incidents.serialized import EntryJSON

register = template.Library()


def _inert(value: str, *, lines: bool = False) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="esc">{}</span>', piece) if escaped else piece,)
            for piece, escaped in text.pieces(value, lines=lines)
        ),
    )


@register.filter
def outside(value: object, length: int = 80) -> SafeString:
    """Text from outside on one line: isolated, cut, unseen characters written out."""
    whole = str(value if value is not None else "")
    shown = _inert(text.cut(whole, length))
    doubt = (
        mark_safe(' <span class="tag tag-warn">mixed scripts</span>')
        if text.mixes_scripts(whole)
        else ""
    )
    return format_html('<bdi class="outside">{}</bdi>{}', shown, doubt)


@register.filter
def outside_lines(value: object) -> SafeString:
    """Text from outside that may have lines: notes, statements, answers."""
    return format_html(
        '<span class="outside lines" dir="auto">{}</span>', _inert(str(value or ""), lines=True)
    )


@register.simple_tag
def amount(base_units: int, decimals: int, symbol: str = "") -> SafeString:
    """An exact amount with its unit; the fraction is dimmed, never dropped."""
    shown = amounts.show(int(base_units), decimals)
    unit = format_html('<span class="unit">{}</span>', outside(symbol, 16)) if symbol else ""
    return format_html('<span class="amount">{}{}</span>', shown_amount(shown), unit)


@register.filter
def shown_amount(shown: amounts.Shown) -> SafeString:
    """Both parts of an amount."""
    fraction = format_html('<span class="frac">{}</span>', shown.fraction) if shown.fraction else ""
    return format_html("{}{}", shown.whole, fraction)


@register.inclusion_tag("parts/address.html")
def address(caip10: str, href: str = "", name: str = "", full: bool = False) -> dict[str, object]:
    """An address with its copy button; ``name`` is a label from outside."""
    return {"shown": addresses.show(caip10), "href": href, "name": name, "full": full}


@register.inclusion_tag("parts/hash.html")
def hash_of(value: str, what: str = "transaction", full: bool = False) -> dict[str, object]:
    """A transaction's, block's or document's hash with its copy button."""
    return {"value": value, "short": addresses.short(value), "what": what, "full": full}


@register.inclusion_tag("parts/time.html")
def when(at: datetime | None, date: bool = True) -> dict[str, object]:
    """A moment in UTC; the script adds the reader's own time."""
    return {"at": at.astimezone(UTC) if at else None, "date": date}


@register.simple_tag
def ago(at: datetime | None, late_after: int = 0) -> SafeString:
    """How long ago, kept true by the script; the server's answer stands until it runs."""
    if at is None:
        return mark_safe('<span class="muted">never</span>')
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    late = mark_safe(" data-late") if late_after and seconds > late_after else ""
    return format_html(
        '<time datetime="{0}" data-age-of="{0}" data-late-after="{1}"{2}>{3} s ago</time>',
        at.astimezone(UTC).isoformat(),
        late_after,
        late,
        seconds,
    )


@register.filter
def duration(took: timedelta) -> str:
    """How long something took."""
    return durations.words(took)


@register.simple_tag
def left(until: datetime | None) -> SafeString:
    """How long a deadline is off, counted down by the script; the server's answer stands until it
    runs."""
    if until is None:
        return mark_safe('<span class="muted">no deadline</span>')
    seconds = int((until - datetime.now(UTC)).total_seconds())
    words = f"{-(-seconds // 60)} min left" if seconds > 0 else "passed"
    return format_html(
        '<time datetime="{0}" data-until="{0}">{1}</time>', until.astimezone(UTC).isoformat(), words
    )


@register.simple_tag
def marking(value: str | None) -> SafeString:
    """A TLP 2.0 chip."""
    return format_html(
        '<span class="tlp {}">{}</span>', markings.css_class(value), markings.label(value)
    )


@register.simple_tag
def state(value: str, words: str = "") -> SafeString:
    """A state as a word with its dot; ``words`` where the model has its own."""
    tone = states.tone(value)
    css = f"state state-{tone}" if tone else "state"
    return format_html('<span class="{}">{}</span>', css, words or states.words(value))


@register.simple_tag
def block_mark(age: str, standing: str) -> SafeString:
    """ "seen, not verified", with what that means for whoever points at it. static/js/blocks.js
    makes the same."""
    return format_html(
        '<span class="state state-{}" data-block-mark="{}" title="{}">{}</span>',
        blocks.tone(age, standing),
        standing,
        blocks.title(age, standing),
        blocks.words(age, standing),
    )


@register.simple_tag
def standing(value: str, since: datetime | None = None) -> SafeString:
    """How far a chain is vouched for: a word with its dot. The script of the room changes it."""
    return format_html(
        '<span class="state state-{}" data-standing>{}</span>',
        chains.TONES[value],
        chains.words(value, since),
    )


@register.simple_tag
def backfill(value: Backfill) -> SafeString:
    """How far a past was read."""
    return conditional_escape(backfills.words(value))


@register.inclusion_tag("parts/strip.html")
def money_strip(value: Strip) -> dict[str, object]:
    """The bar and the table of one stolen asset. Raises DoesNotAddUpError: no lies."""
    return {
        "strip": value,
        "rows": strip.rows(value),
        "segments": strip.segments(value),
        "total": strip.total(value),
        "scale": strip.SCALE,
    }


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, mono: bool = False) -> dict[str, object]:
    """A form's field with label, help and errors, tied together for screen readers."""
    describing = []
    if bound.help_text:
        describing.append(f"{bound.auto_id}_help")
    if bound.errors:
        describing.append(f"{bound.auto_id}_errors")
    attrs: dict[str, str | bool] = {"class": "mono"} if mono else {}
    if describing:
        attrs["aria-describedby"] = " ".join(describing)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        # Several checkboxes are a group, and no choice of their own.
        "choice": not bound.use_fieldset
        and getattr(bound.field.widget, "input_type", "") == "checkbox",
        "group": bound.use_fieldset,
    }


@register.filter
def inert(value: object) -> str:
    """For attributes and titles: unseen characters written out, escaped like any text."""
    return conditional_escape(text.visible(str(value)))


@register.inclusion_tag("parts/entry.html")
def entry_line(entry: EntryJSON, slug: str) -> dict[str, object]:
    """One line of a timeline. static/js/entry.js builds the same from a pushed entry."""
    return {
        "entry": entry,
        "slug": slug,
        "is_note": entry["kind"] == "note.posted",
        "tokens": entries.tokens(entry["headline"]),
        "chain": str(entry["content"].get("chain", "")),
        "tone": entries.tone(entry),
        "is_loud": entries.is_loud(entry),
        "href": entries.link(entry, slug),
        "tx": entries.transaction(entry),
        "at": datetime.fromisoformat(entry["happened_at"]),
        "recorded_at": datetime.fromisoformat(entry["at"]),
    }


@register.simple_tag
def caip10(chain: str, account: str) -> str:
    """The identifier that `address` shows."""
    return f"{chain}:{account}"
