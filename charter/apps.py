from importlib import import_module

from django.apps import AppConfig


class CharterConfig(AppConfig):
    name = "charter"

    def ready(self) -> None:
        from charter import acts, personal_data, review
        from charter.actions.changes import ChangeReview
        from charter.actions.commitments import CommitmentReview
        from charter.mail import kinds, sending_places, sending_stops
        from charter.mail.log_faults import email_faults
        from charter.mail.stop_alarm import email_stop
        from charter.mail_kinds import MESSAGE_KINDS
        from registry.log import publishing, verifying
        from registry.operations import health

        acts.watch_models()
        kinds.register(MESSAGE_KINDS)
        publishing.publication_checks.append(personal_data.ask_about_entries)
        verifying.register_alarm(email_faults)
        health.register_check(sending_places.find_problems)
        health.register_check(sending_stops.find_problems)
        sending_stops.register_alarm(email_stop)
        review.register_kinds(CommitmentReview(), ChangeReview())
        import_module("charter.actions.corrections")  # Registers an act that needs two persons.
        import_module("charter.checks")
        import_module("charter.mail.checks")
        import_module("charter.second_factor")
        import_module("charter.tasks")
