"""Following the money."""

from django.apps import AppConfig


class TracingApp(AppConfig):
    name = "tracing"

    def ready(self) -> None:
        # They register the kinds of finding.
        from tracing import (  # noqa: F401
            crossing_events,
            events,
            freeze_events,
            lead_events,
            lookback_events,
            watch_events,
        )
        from tracing.services import markables, ports

        ports.register()
        markables.register()
