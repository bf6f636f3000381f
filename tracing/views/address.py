"""One address: what is stolen there, what moved, what was said about it."""

from django.http import HttpRequest, HttpResponseBase

from incidents import access
from incidents.exceptions import BadInput, NotFound
from incidents.forms.room import NoteForm
from incidents.ports import money
from incidents.services.addresses import parse
from incidents.views.pages import enter, page, room_page
from incidents.views.room import timeline_page
from tracing.services import movements, names

MOST = 100  # movements on one page


@page
def address(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """An address of any chain. One that nobody recorded looks like one that is hidden."""
    incident, actor = enter(request, slug)
    try:
        chain, account = parse(chain, address)
    except BadInput as error:
        raise NotFound from error
    row = access.addresses(actor, incident).filter(chain=chain, address=account).first()
    watched = movements.chain_of(actor, incident, chain)
    subject = f"address:{chain}:{account}"
    entries, _ = timeline_page(incident, actor, money().watch_state(incident, actor), "", subject)
    exposures = money().exposures(incident, actor, [(chain, account)])
    return room_page(
        request,
        "room/address.html",
        incident,
        actor,
        chain=chain,
        account=account,
        caip10=f"{chain}:{account}",
        row=row,
        label=names.labels(chain, actor).get(account),
        exposures=exposures.get((chain, account), []),
        watched=watched,
        transfers=movements.transfers(actor, incident, watched, account, limit=MOST),
        hops=movements.hops(actor, incident, watched, account, limit=MOST),
        most=MOST,
        entries=entries,
        subject=subject,
        note_form=NoteForm(incident=incident, actor=actor),
    )
