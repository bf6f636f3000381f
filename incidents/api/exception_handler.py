"""Every reason is rendered once: {"error": {"code", "message", "field"}}."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from incidents.exceptions import HoldfastError


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with our reasons added."""
    if isinstance(error, HoldfastError):
        body = {"code": error.code, "message": error.detail, "field": error.field}
        return Response({"error": body}, status=error.status)
    return exception_handler(error, context)
