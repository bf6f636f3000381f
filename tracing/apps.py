"""Following the money."""

from django.apps import AppConfig


class TracingApp(AppConfig):
    name = "tracing"

    def ready(self) -> None:
        from tracing import events, lead_events  # noqa: F401 (registers the kinds of finding)
        from tracing.services import ports

        ports.register()
