"""Whose copy something is: for the day on which a request turns up where it should not."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from incidents import scope
from incidents.exceptions import BadInput, NotFound
from incidents.models import FreezeRequest
from incidents.packets import watermark
from incidents.packets.watermark import Likeness
from incidents.services import desk_links, packets


@dataclass(frozen=True)
class Copy:
    """One recipient's copy, and how a text compares with it."""

    recipient: str
    likeness: Likeness


@scope.trusted
def whose(reference: str, body: bytes) -> list[Copy]:
    """The copies of a request that a leaked file or text may come from, best first.

    :raises NotFound: no such request. :raises BadInput: a PDF that cannot be read.
    """
    request = FreezeRequest.objects.filter(reference=reference).first()
    if request is None:
        raise NotFound
    known = {desk_links.mark_of(link): link.recipient for link in request.links.all()}
    for dispatch in request.dispatches.select_related("packet"):
        if dispatch.packet is not None:
            known[packets.mark_of(dispatch.packet, dispatch.recipient)] = dispatch.recipient
    return [Copy(known[one.mark], one) for one in watermark.compare(text_of(body), known)]


def text_of(body: bytes) -> str:
    """The text of a PDF, with its keywords; anything else is text already.

    :raises BadInput: a PDF that cannot be read.
    """
    if not body.startswith(b"%PDF"):
        return body.decode(errors="replace")
    try:
        reader = PdfReader(BytesIO(body))
        keywords = str(reader.metadata.get("/Keywords", "")) if reader.metadata else ""
        return "\n".join([keywords, *(page.extract_text() for page in reader.pages)])
    except (PyPdfError, ValueError, KeyError) as error:
        raise BadInput("This PDF cannot be read.") from error
