"""Every reason is rendered once: {"error": {"code", "message", "field", "fields"}}."""

from collections.abc import Iterator
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from incidents.exceptions import HoldfastError, NotFound, TooMany

# Codes of DRF's own refusals where ours say it better.
_CODES = {400: "bad_input", 401: "not_authenticated", 403: "not_allowed", 413: "too_large"}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, in our shape. None: not a refusal but a fault of ours."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, HoldfastError):
        set_rollback()
        answer = Response(_body(error.code, error.detail, error.field), status=error.status)
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.wait)
        return answer
    if isinstance(error, ReauthenticationRequired):
        message = "Use your passkey again: the last time was too long ago."
        return Response(_body("reauthentication_required", message, None), status=403)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.NotAuthenticated):
        # DRF says 403 where the first way to sign in is a session.
        response.status_code = 401
        response.headers.setdefault("WWW-Authenticate", "Session")
    if isinstance(error, exceptions.ValidationError):
        response.data = _invalid(error)
    elif isinstance(error, PermissionDenied | exceptions.APIException):
        code = _CODES.get(response.status_code, getattr(error, "default_code", "error"))
        response.data = _body(code, str(getattr(error, "detail", error)), None)
    return response


def _body(
    code: str, message: str, field: str | None, fields: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "field": field, "fields": fields or []}}


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    """The first fault as the error, and all of them with their fields beside it."""
    faults = list(_faults(error.detail, ""))
    fields = [{"field": path, "message": str(detail)} for path, detail in faults if path]
    path, detail = faults[0]
    is_marking = path == "marking" and detail.code in {"required", "null", "blank"}
    code = "marking_required" if is_marking else "bad_input"
    return _body(code, str(detail), path or None, fields)


def _faults(detail: Any, path: str) -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """(path of the field, reason) of every leaf; the path of what has no field is empty."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = "" if name == "non_field_errors" else str(name)
            yield from _faults(inner, f"{path}.{here}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, path)
    else:
        yield path, detail
