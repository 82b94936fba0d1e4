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
    path("", desk.queue, name="queue"),
    path("/items/<key>", desk.item, name="item"),
    path("/items/<key>/publish", desk.publish, name="publish"),
    path("/items/<key>/ask", desk.ask_colleague, name="item_ask"),
    path("/items/<key>/return", desk.return_with_words, name="return"),
    path("/checks", checks.to_check, name="checks"),
    path("/checks/<key>", checks.check, name="check"),
    path("/checks/<key>/plan", checks.plan, name="plan"),
    path("/evidence/<uuid:reference>", evidence.any_file, name="evidence"),
    path("/examples", examples.chosen, name="examples"),
    path("/examples/<key>", examples.take_back, name="example"),
    path("/behind", behind.behind, name="behind"),
    path("/behind/<int:membership>/reached", behind.reached, name="reached"),
    path("/behind/extend", asking.extend, name="extend"),
    path("/letters/<key>", letters.write, name="letter"),
    path("/letters/to/<key>", letters.write_all, name="letters"),
    path("/reminders", asking.reminders_next, name="reminders"),
    path("/reminders/<int:person>/test", asking.test, name="reminder_test"),
    path("/reminders/first-news", asking.invite, name="first_news"),
    path("/reminders/stop", asking.stop, name="reminders_stop"),
    path("/reminders/begin-again", asking.begin_again, name="reminders_begin_again"),
    path("/redact", redactions.redact, name="redact"),
    path("/messages", messages.sent, name="messages"),
    path("/health", health.health, name="health"),
    path("/health/clock", health.trust_clock, name="trust_clock"),
    path("/messages/release", messages.release, name="release"),
    path("/messages/<int:message>/again", messages.again, name="message_again"),
    path("/messages/<int:message>/sent", messages.was_sent, name="message_sent"),
]
