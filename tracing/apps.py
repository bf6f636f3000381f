"""Following the money."""

from django.apps import AppConfig


class TracingApp(AppConfig):
    name = "tracing"

    def ready(self) -> None:
        # They register the kinds of finding.
        from tracing import crossing_events, events, freeze_events, lead_events  # noqa: F401
        from tracing.services import ports

        ports.register()
