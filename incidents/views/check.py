"""The public check page. It asks the server for nothing that tells what is asked: the browser
fetches one of 256 flat files and looks into it by itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from incidents.services import check_page


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """The page. The same for everybody."""
    return render(request, "check.html")


@require_safe
@cache_control(public=True, max_age=15)
def entries(request: HttpRequest, shard: str) -> HttpResponse:
    """One flat file, as it lies there."""
    body = check_page.shard(shard)
    if body is None:
        raise Http404
    return HttpResponse(body, content_type="application/json")
