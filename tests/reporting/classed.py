"""Which fields of reporting's models the public may see, and which stay private."""

from reporting.models import (
    Check,
    CalendarAddress,
    Evidence,
    ProgressUpdate,
    Reminder,
    ReportingPeriod,
    Success,
)

# A new field fails a test (test_nothing_leaks.py) until it stands in one of these tables.
PUBLIC = {
    Check: {"update", "result", "finding", "by_role", "made_at", "reply"},
    ReportingPeriod: {
        "key",
        "commitment",
        "starts_on",
        "ends_on",
        "due_on",
        "received_on",
        "excused_reason",
    },
    ProgressUpdate: {
        "key",
        "commitment",
        "period",
        "nothing_changed",
        "value",
        "base",
        "not_measured_reason",
        "self_assessment",
        "narrative",
        "obstacles",
        "lessons",
        "sent_for_by",
    },
    Success: {
        "key",
        "signatory",
        "title",
        "story",
        "happened_from",
        "happened_to",
        "area_codes",
        "people_consent",
    },
    Evidence: {
        "reference",
        "kind",
        "title",
        "url",
        "description",
        "file",
        "media_type",
        "bytes",
        "sha256",
        "pages",
        "alt_text",
        "author",
        "assurance",
        "attribution",
        "deadweight",
        "page",
        "quote",
        "dated_on",
        "visibility",
        "withheld_reason",
    },
}
PRIVATE = {
    Check: {"id", "by", "reply_until", "replied_at", "published_at"},
    ReportingPeriod: {"id"},
    ProgressUpdate: {
        "id",
        "status",
        "version",
        "returned_words",
        "submitted_at",
        "published_at",
    },
    Success: {"id", "status", "returned_words", "submitted_at", "published_at"},
    Evidence: {"id", "update", "success"},
}
# Of these no item is made: whom we asked, and when.
WHOLLY_PRIVATE = {CalendarAddress, Reminder}
