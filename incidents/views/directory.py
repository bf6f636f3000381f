"""The public directory of keys, at /.well-known/holdfast/. Nobody signs in, nothing is counted."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from incidents.services import signing_keys

_kept = cache_control(public=True, max_age=300)


@require_safe
@_kept
def keys(request: HttpRequest) -> HttpResponse:
    """Every key, those that ended too, as JSON."""
    told = signing_keys.as_json(signing_keys.directory())
    return JsonResponse(told, json_dumps_params={"indent": 2})


@require_safe
@_kept
def allowed_signers(request: HttpRequest) -> HttpResponse:
    """What ``ssh-keygen -Y verify -f`` reads."""
    text = signing_keys.allowed_signers(signing_keys.directory())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@_kept
def openpgp(request: HttpRequest) -> HttpResponse:
    """Certificates that hold."""
    text = signing_keys.certificates(signing_keys.directory())
    return HttpResponse(text, content_type="application/pgp-keys")
