"""The war room."""

from django.apps import AppConfig


class IncidentsApp(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in

        from incidents import checks, events  # noqa: F401 (registers checks and every event kind)
        from incidents.services import notices

        user_logged_in.connect(notices.signed_in)
