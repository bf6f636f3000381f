"""The war room."""

from django.apps import AppConfig


class IncidentsApp(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in
        from anymail.signals import tracking

        from incidents import checks, events  # noqa: F401 (registers checks and every event kind)
        from incidents.services import notices, provider_events

        user_logged_in.connect(notices.signed_in)
        tracking.connect(provider_events.tracked)
