"""Every request and every socket begins as nobody: it reads rows once it entered a room."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from incidents import scope

Application = Callable[[Any, Any, Any], Awaitable[None]]
Answer = HttpResponse | Awaitable[HttpResponse]


@sync_and_async_middleware
def begin_as_nobody(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Answer]:
    """The first middleware. What a request enters ends with it."""
    if iscoroutinefunction(get_response):

        async def answer_soon(request: HttpRequest) -> HttpResponse:
            with scope.within(scope.NOBODY):
                answer: HttpResponse = await get_response(request)
                return answer

        return answer_soon

    def answer_now(request: HttpRequest) -> HttpResponse:
        with scope.within(scope.NOBODY):
            answer: HttpResponse = get_response(request)
            return answer

    return answer_now


def fenced(application: Application) -> Application:
    """The same for whatever ASGI brings, sockets too."""

    async def inside(connection: Any, receive: Any, send: Any) -> None:
        with scope.within(scope.NOBODY):
            await application(connection, receive, send)

    return inside
