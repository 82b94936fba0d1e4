from importlib import import_module

from django.apps import AppConfig


class CharterConfig(AppConfig):
    name = "charter"

    def ready(self) -> None:
        from charter.mail import kinds
        from charter.mail_kinds import MESSAGE_KINDS

        kinds.register(MESSAGE_KINDS)
        import_module("charter.checks")
        import_module("charter.mail.checks")
        import_module("charter.tasks")
