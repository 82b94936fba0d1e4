from importlib import import_module

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from charter.mail import kinds
        from reporting.mail_kinds import MESSAGE_KINDS

        kinds.register(MESSAGE_KINDS)
        import_module("reporting.tasks")
