"""One address: what is stolen there, what moved, what was said about it."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from incidents import access
from incidents.access import Actor
from incidents.exceptions import BadInput, NotFound
from incidents.forms.room import NoteForm
from incidents.models import Incident
from incidents.services import attackers
from incidents.services.addresses import parse
from incidents.views.pages import enter, page, room_page
from incidents.views.room import timeline_page
from tracing.forms import LookbackForm
from tracing.models import Lookback
from tracing.services import backfills, holdings, labels, lead_lines, lookbacks, movements
from tracing.views.label import label_form

MOST = 100  # movements on one page
MOST_LEADS = 20


@page
def address(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """An address of any chain. One that nobody recorded looks like one that is hidden."""
    incident, actor = enter(request, slug)
    try:
        chain, account = parse(chain, address)
    except BadInput as error:
        raise NotFound from error
    return room_page(
        request,
        "room/address.html",
        incident,
        actor,
        row=access.addresses(actor, incident).filter(chain=chain, address=account).first(),
        note_form=NoteForm(incident=incident, actor=actor),
        may_call=attackers.may_call(actor),
        callable=attackers.CALLABLE,
        **_money_at(incident, actor, chain, account),
    )


def _money_at(incident: Incident, actor: Actor, chain: str, account: str) -> dict[str, Any]:
    """What the trace and the timeline know of one account, for the page."""
    watched = movements.chain_of(actor, incident, chain)
    subject = f"address:{chain}:{account}"
    entries, _ = timeline_page(incident, actor, "", subject)
    transfers = movements.transfers(actor, incident, watched, account, limit=MOST)
    leads = lead_lines.wanted(actor, incident, address=account).filter(chain=chain)
    others = {side for row in transfers for side in (row.from_address, row.to_address)}
    others.add(account)
    return {
        "chain": chain,
        "account": account,
        "caip10": f"{chain}:{account}",
        **_labels_at(incident, actor, chain, account),
        **_past_of(incident, actor, chain, account),
        "held": holdings.at_address(actor, incident, chain, account),
        "ranges": holdings.ranges_at(actor, incident, chain, account),
        "watched": watched,
        "transfers": transfers,
        "leads": lead_lines.told(actor, incident, leads[:MOST_LEADS]),
        "look_alikes": lead_lines.look_alikes(actor, incident, chain, others),
        "hops": movements.hops(actor, incident, watched, account, limit=MOST),
        "most": MOST,
        "entries": entries,
        "subject": subject,
    }


def _labels_at(incident: Incident, actor: Actor, chain: str, account: str) -> dict[str, Any]:
    """What every source and party that the viewer may read says the account is."""
    known = labels.account(actor, incident, chain, account)
    return {"labels": known, "label_form": label_form(incident, actor, known)}


def _past_of(incident: Incident, actor: Actor, chain: str, account: str) -> dict[str, Any]:
    """What was looked up of the account's past, and what of it is still being read."""
    row = lookbacks.seen_by(actor, incident, chain, account).first()
    lines = lookbacks.lines(row, MOST) if row else []
    return {
        "lookback": row,
        "lookback_form": LookbackForm(
            incident=incident, actor=actor, auto_id="id_lookback_%s", initial=_from(row)
        ),
        "past": [(line, name) for line, name in lookbacks.named(lines)],
        "watch": {"backfills": (backfills.of_lookback(row),) if row and not row.is_done else ()},
        "progress_subject": f"address:{chain}:{account}",
    }


def _from(row: Lookback | None) -> dict[str, int]:
    return {"first": row.first_number} if row else {}
