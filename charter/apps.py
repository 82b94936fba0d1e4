from importlib import import_module

from django.apps import AppConfig


class CharterConfig(AppConfig):
    name = "charter"

    def ready(self) -> None:
        import_module("charter.checks")
        import_module("charter.tasks")
