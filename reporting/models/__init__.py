"""What came of the promises: periods, news, stories, evidence, and the asking for them."""

from reporting.models.checks import Check
from reporting.models.evidence import Evidence
from reporting.models.periods import CalendarAddress, Reminder, ReportingPeriod
from reporting.models.updates import ProgressUpdate, Success

__all__ = [
    "Check",
    "CalendarAddress",
    "Evidence",
    "ProgressUpdate",
    "Reminder",
    "ReportingPeriod",
    "Success",
]
