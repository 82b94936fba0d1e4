"""The council's desk, at /council."""

from django.urls import path

from reporting.views import (
    asking,
    behind,
    checks,
    desk,
    evidence,
    examples,
    health,
    letters,
    messages,
    redactions,
)

urlpatterns = [
    path("", desk.items_to_review, name="queue"),
    path("/items/<key>", desk.item_to_review, name="item"),
    path("/items/<key>/publish", desk.publish_item, name="publish"),
    path("/items/<key>/ask", desk.ask_colleague, name="item_ask"),
    path("/items/<key>/return", desk.return_with_comments, name="return"),
    path("/checks", checks.updates_to_check, name="checks"),
    path("/checks/<key>", checks.check_update, name="check"),
    path("/checks/<key>/plan", checks.note_evidence_plan, name="plan"),
    path("/evidence/<uuid:reference>", evidence.any_file, name="evidence"),
    path("/examples", examples.featured_list, name="featured_records"),
    path("/examples/<key>", examples.unfeature_record, name="featured_record"),
    path("/behind", behind.late_updates, name="late_updates"),
    path("/behind/<int:membership>/reached", behind.mark_mailbox_working, name="mailbox_working"),
    path("/behind/extend", asking.extend_due_dates, name="extend"),
    path("/letters/<key>", letters.publish_letter, name="letter"),
    path("/letters/to/<key>", letters.publish_letters, name="letters"),
    path("/reminders", asking.upcoming_reminders, name="reminders"),
    path("/reminders/<int:person>/test", asking.send_test_reminder, name="reminder_test"),
    path("/reminders/first-news", asking.invite_first_updates, name="first_update_invitations"),
    path("/reminders/stop", asking.stop_reminders, name="reminders_stop"),
    path("/reminders/begin-again", asking.resume_reminders, name="reminders_begin_again"),
    path("/redact", redactions.redact_record, name="redact"),
    path("/messages", messages.message_list, name="messages"),
    path("/health", health.health_page, name="health"),
    path("/health/clock", health.trust_clock, name="trust_clock"),
    path("/messages/release", messages.release_brake, name="release"),
    path("/messages/<int:message>/again", messages.resend_message, name="message_again"),
    path("/messages/<int:message>/sent", messages.mark_message_sent, name="message_sent"),
]
