"""/metrics, for whoever presents the token. To everybody else it does not exist."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from tracing.services.metrics import text


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of the page of chains in Prometheus' format."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # Compared even where nothing is configured, so that the time tells nothing.
    fits = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if not settings.METRICS_TOKEN or scheme.lower() != "bearer" or not fits:
        raise Http404
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)
