"""The composition: settings, processes and the commands that put the parts together."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        """Make the Celery application the current one, for every process that sets Django up."""
        import config.celery  # noqa: F401 - not in config/__init__: config.embedded has no Django
