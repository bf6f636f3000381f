"""The composition: settings, processes and the commands that put the parts together."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    name = "config"
    label = "config"
