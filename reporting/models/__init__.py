"""Models of reporting: periods, updates, successes, evidence, checks and reminders."""

from reporting.models.checks import Check, Confirmation
from reporting.models.contact_attempts import ContactAttempt
from reporting.models.delegations import Delegation
from reporting.models.evidence import Evidence, FileToErase
from reporting.models.featured_records import FeaturedRecord
from reporting.models.help_requests import HelpRequest
from reporting.models.links import LinkCheck
from reporting.models.notices import Letter, MonthlyFigures
from reporting.models.periods import CalendarAddress, ReportingPeriod
from reporting.models.rechecks import Recheck
from reporting.models.redactions import Redaction, RedactionTrace
from reporting.models.reminders import Reminder, ReminderStop
from reporting.models.replies import Reply
from reporting.models.updates import ProgressUpdate, Success

__all__ = [
    "Check",
    "Confirmation",
    "ContactAttempt",
    "Delegation",
    "CalendarAddress",
    "Evidence",
    "FeaturedRecord",
    "FileToErase",
    "HelpRequest",
    "Letter",
    "LinkCheck",
    "MonthlyFigures",
    "ProgressUpdate",
    "Recheck",
    "Redaction",
    "RedactionTrace",
    "Reminder",
    "ReminderStop",
    "Reply",
    "ReportingPeriod",
    "Success",
]
