"""The war room."""

from django.apps import AppConfig


class IncidentsApp(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from incidents import checks, events  # noqa: F401 (registers checks and every event kind)
