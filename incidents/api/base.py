"""What every view of the API does the same way: who asks, which room, how it is described."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from incidents import access
from incidents.access import Actor
from incidents.api.fields import ErrorSerializer
from incidents.exceptions import NotFound
from incidents.models import Incident, Person
from incidents.services.step_up import proof_of

View = TypeVar("View", bound=Callable[..., Any])


def person(request: Request) -> Person:
    """Who asks."""
    if not isinstance(request.user, Person):
        raise NotFound
    return request.user


def enter(request: Request, slug: str) -> tuple[Incident, Actor]:
    """The incident and the seat of whoever asks.

    :raises NotFound: absent or not theirs. :raises ConsentRequired: terms not accepted.
    """
    return access.get_incident(
        person(request),
        slug,
        proof=proof_of(request._request, request.auth),
        seat=request.headers.get("X-Holdfast-Seat", ""),
    )


def knock(request: Request, slug: str) -> tuple[Incident, Actor]:
    """The same for those who may not have signed the terms: the invited and the lapsed.

    :raises NotFound: absent or not theirs.
    """
    return access.get_actor(
        person(request),
        slug,
        proof=proof_of(request._request, request.auth),
        seat=request.headers.get("X-Holdfast-Seat", ""),
    )


def valid(request: Request, shape: type[BaseSerializer[Any]], **context: Any) -> dict[str, Any]:
    """The body in the given shape. Raises ValidationError naming fields and reasons."""
    serializer = shape(data=request.data, context=context)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_REFUSALS = {
    400: "An input is refused; `field` names it.",
    401: "Not signed in.",
    403: "The terms are not accepted, or your part does not allow it.",
    404: "Absent, or not yours to see: the same answer.",
    409: "It has changed meanwhile, or a second person is needed.",
}


def described(
    name: str,
    tag: str,
    summary: str,
    *,
    takes: Any = None,
    gives: Any = None,
    status: int = 200,
    parameters: list[OpenApiParameter] | None = None,
    refuses: tuple[int, ...] = (400, 401, 403, 404, 409),
) -> Callable[[View], View]:
    """A method's place in the OpenAPI schema, refusals included."""
    responses: dict[Any, Any] = {
        code: OpenApiResponse(ErrorSerializer, description=_REFUSALS[code]) for code in refuses
    }
    responses[status] = gives if gives is not None else OpenApiResponse(description="Done.")
    return extend_schema(
        operation_id=name,
        tags=[tag],
        summary=summary,
        request=takes,
        responses=responses,
        parameters=parameters,
    )


READ = (401, 403, 404)
