"""What came of the promises: periods, news, stories, evidence, and the asking for them."""

from reporting.models.evidence import Evidence
from reporting.models.periods import Reminder, ReportingPeriod
from reporting.models.updates import ProgressUpdate, Success

__all__ = ["Evidence", "ProgressUpdate", "Reminder", "ReportingPeriod", "Success"]
