"""The council's review pages, at /council."""

from django.urls import path

from reporting.views import (
    checks,
    contact_attempts,
    evidence,
    featured_records,
    health,
    help_requests,
    late_updates,
    letters,
    messages,
    redactions,
    review_queue,
    upcoming_reminders,
)

urlpatterns = [
    path("", review_queue.items_to_review, name="queue"),
    path("/items/<key>", review_queue.item_to_review, name="item"),
    path("/items/<key>/publish", review_queue.publish_item, name="publish"),
    path("/items/<key>/ask", review_queue.ask_colleague, name="item_ask"),
    path("/items/<key>/return", review_queue.return_with_comments, name="return"),
    path("/checks", checks.updates_to_check, name="checks"),
    path("/checks/<key>", checks.check_update, name="check"),
    path("/checks/<key>/plan", checks.note_evidence_plan, name="plan"),
    path("/evidence/<uuid:reference>", evidence.any_file, name="evidence"),
    path("/examples", featured_records.featured_list, name="featured_records"),
    path("/examples/<key>", featured_records.unfeature_record, name="featured_record"),
    path("/behind", late_updates.late_updates, name="late_updates"),
    path(
        "/behind/<int:membership>/reached",
        late_updates.mark_mailbox_working,
        name="mailbox_working",
    ),
    path("/behind/extend", upcoming_reminders.extend_due_dates, name="extend"),
    path("/help/<int:number>", help_requests.help_request, name="help_request"),
    path("/signatories/<key>/contact", contact_attempts.record_attempt, name="contact"),
    path("/letters/<key>", letters.publish_letter, name="letter"),
    path("/letters/to/<key>", letters.publish_letters, name="letters"),
    path("/reminders", upcoming_reminders.upcoming_reminders, name="reminders"),
    path(
        "/reminders/<int:person>/test", upcoming_reminders.send_test_reminder, name="reminder_test"
    ),
    path(
        "/reminders/first-news",
        upcoming_reminders.invite_first_updates,
        name="first_update_invitations",
    ),
    path("/reminders/stop", upcoming_reminders.stop_reminders, name="reminders_stop"),
    path(
        "/reminders/begin-again", upcoming_reminders.resume_reminders, name="reminders_begin_again"
    ),
    path("/redact", redactions.redact_record, name="redact"),
    path("/redactions/<int:number>", redactions.redaction_detail, name="redaction"),
    path("/messages", messages.message_list, name="messages"),
    path("/health", health.health_page, name="health"),
    path("/health/clock", health.trust_clock, name="trust_clock"),
    path("/messages/release", messages.release_brake, name="release"),
    path("/messages/release-place", messages.release_place, name="release_place"),
    path("/messages/resume", messages.resume_sending, name="resume_sending"),
    path("/messages/<int:message>/again", messages.resend_message, name="message_again"),
    path("/messages/<int:message>/sent", messages.mark_message_sent, name="message_sent"),
]
