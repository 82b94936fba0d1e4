from importlib import import_module

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from charter import review
        from charter.mail import kinds
        from reporting.actions.successes import SuccessReview
        from reporting.actions.updates import UpdateReview
        from reporting.mail_kinds import MESSAGE_KINDS

        kinds.register(MESSAGE_KINDS)
        review.register_kinds(UpdateReview(), SuccessReview())
        import_module("reporting.tasks")
