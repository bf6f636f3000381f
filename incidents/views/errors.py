"""404 and 500, the same words for everybody."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from incidents.exceptions import NotFound


def _body(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "field": None, "fields": []}}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Absent and forbidden look the same; the API has its own shape for it."""
    if request.path.startswith("/api/"):
        return JsonResponse(_body(NotFound.code, NotFound.message), status=404)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Says that nothing accepted was lost; needs no database."""
    if request.path.startswith("/api/"):
        return JsonResponse(_body("server_error", "This is a fault of ours."), status=500)
    return render(request, "500.html", status=500)
