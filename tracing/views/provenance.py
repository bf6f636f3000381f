"""How a number of a trace came about: the list on a page, and as files."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import slugify

from incidents import access
from incidents.access import Act
from incidents.exceptions import BadInput, NotFound
from incidents.services.addresses import parse
from incidents.views.pages import enter, page, room_page, still
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.core.provenance_file import differences
from tracing.exports.base import provenance_exports
from tracing.services import provenance, provenance_page, traces

MOST = 200  # lines on the page; the files have all


@page
def account_provenance(
    request: HttpRequest, slug: str, trace_id: UUID, chain: str, address: str
) -> HttpResponseBase:
    """The list behind one number, replayed while the page is made. ``asset`` where several are."""
    incident, actor = enter(request, slug)
    trace = traces.get(actor, incident, trace_id)
    chain, address = _account(chain, address)
    asset = request.GET.get("asset", "")
    document = provenance.document(actor, trace, chain, address, asset)
    return room_page(
        request,
        "room/provenance.html",
        incident,
        actor,
        trace=trace,
        document=document,
        lines=provenance_page.lines(document, MOST),
        wrong=differences(document),
        exports=sorted(provenance_exports()),
        **provenance_page.number(document),
    )


@page
def provenance_export(
    request: HttpRequest, slug: str, trace_id: UUID, chain: str, address: str, export: str
) -> HttpResponseBase:
    """The same as a file."""
    incident, actor = enter(request, slug)
    trace = traces.get(actor, incident, trace_id)
    if export not in provenance_exports():
        raise NotFound
    access.require(actor, incident, Act.EXPORT)
    chain, address = _account(chain, address)
    asset = request.GET.get("asset", "")
    document = provenance.document(actor, trace, chain, address, asset)
    chosen = provenance_exports()[export]()
    answer = HttpResponse(chosen.render(document), content_type=chosen.media_type)
    still(request, slug, lambda who, now: traces.get(who, now, trace_id))
    name = slugify(f"provenance-{slug}-{address[:12]}-{document['digest'][:8]}")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{export}"'
    return answer


def _account(chain: str, address: str) -> tuple[str, str]:
    """An account as it is stored; accounts without an address ("fee", "burn") as they are."""
    try:
        if address in provenance.WITHOUT_ADDRESS:
            return str(caip.parse_chain(chain)), address
        return parse(chain, address)
    except (BadInput, InvalidIdentifier) as error:
        raise NotFound from error
