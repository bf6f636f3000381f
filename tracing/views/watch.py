"""How the chains are followed: for everybody who signed in; their endpoints for administrators."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidents import access
from incidents.views.pages import page, person
from tracing.services import watch_page


@page
@require_safe
def watch(request: HttpRequest) -> HttpResponseBase:
    """Every chain. The script of the page asks for it again and changes what is different."""
    viewer = person(request)
    context = {"chains": watch_page.chains(viewer), "administers": access.administers(viewer)}
    return render(request, "watch/chains.html", context)
