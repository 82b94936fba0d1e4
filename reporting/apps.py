from importlib import import_module

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from charter import review
        from charter.mail import kinds
        from registry.log import publishing, verifying
        from registry.operations import health
        from reporting.actions.replies import ReplyReview
        from reporting.actions.successes import SuccessReview
        from reporting.actions.updates import UpdateReview
        from reporting.evidence import erasing
        from reporting.mail_kinds import MESSAGE_KINDS
        from reporting.redaction.traces import find_undone_redactions, refuse_removed_texts

        kinds.register(MESSAGE_KINDS)
        health.register_check(erasing.find_problems)
        publishing.publication_checks.append(refuse_removed_texts)
        verifying.register_checker(find_undone_redactions)
        review.register_kinds(UpdateReview(), SuccessReview(), ReplyReview())
        import_module("reporting.tasks")
