"""The closed lists of codes, each declared once: models, forms, fields, pages and API follow.

The lists of measures are in measure_codes.py.

A member is `code, label`, or `code, extras, label` with the extras of its list, which no member can
leave out. Members are in the order of forms and pages. A code is never renamed, reused or
translated.
"""

from typing import Self

from registry.schema.codes import CodeList, TaggedList, Tone, choices_of

# --- Commitments ----------------------------------------------------------------------------------


class Delivery(TaggedList):
    ON_TRACK = "on_track", Tone.GOOD, "arrow", "On track"
    AT_RISK = "at_risk", Tone.WARN, "triangle", "At risk"
    OFF_TRACK = "off_track", Tone.BAD, "arrow_down", "Off track"
    NOT_STARTED = "not_started", Tone.PLAIN, "dashed_circle", "Not started"
    MET = "met", Tone.GOOD, "tick", "Met"
    PARTLY_MET = "partly_met", Tone.CALM, "half_circle", "Partly met"
    NOT_MET = "not_met", Tone.BAD, "cross", "Not met"
    WITHDRAWN = "withdrawn", Tone.PLAIN, "struck_circle", "Withdrawn"

    @classmethod
    def final_results(cls) -> tuple[Self, ...]:
        """Return the deliveries that a final update can report."""
        return cls.MET, cls.PARTLY_MET, cls.NOT_MET

    @classmethod
    def self_assessments(cls) -> list[Self]:
        """Return the deliveries of updates: withdrawing is a change of its own."""
        return [delivery for delivery in cls if delivery != cls.WITHDRAWN]

    @classmethod
    def ongoing(cls) -> list[Self]:
        """Return the deliveries that an update before the final one can report."""
        return [
            delivery for delivery in cls.self_assessments() if delivery not in cls.final_results()
        ]


class Reporting(TaggedList):
    UP_TO_DATE = "up_to_date", Tone.GOOD, "bubble_tick", "Up to date"
    DUE = "due", Tone.CALM, "clock", "Due now"
    OVERDUE = "overdue", Tone.WARN, "circle_alert", "Overdue"
    SILENT = "silent", Tone.BAD, "bubble_dots", "Silent"
    UNREACHABLE = "unreachable", Tone.BAD, "envelope_cross", "Unreachable"
    NO_CONTACT = "no_contact", Tone.WARN, "empty_chair", "No contact"
    PAUSED = "paused", Tone.PLAIN, "pause", "Paused"
    CLOSED = "closed", Tone.PLAIN, "padlock", "Closed"

    @classmethod
    def late_states(cls) -> tuple[Self, ...]:
        """Return the states of commitments with an update that was not received."""
        return cls.OVERDUE, cls.SILENT, cls.UNREACHABLE, cls.NO_CONTACT


class Ending(TaggedList):
    """Whether a commitment has come to its end, and whether its result is known."""

    OPEN = "open", Tone.PLAIN, "dashed_circle", "Open"
    FINAL_UPDATE_DUE = (
        "final_update_due",
        Tone.WARN,
        "circle_alert",
        "Deadline passed, no final update",
    )
    FINAL_UPDATE_SENT = "final_update_sent", Tone.CALM, "clock", "Final update with the council"
    ENDED_BEFORE = "ended_before", Tone.PLAIN, "dashed_circle", "Ended before this register"
    SETTLED = "settled", Tone.PLAIN, "tick", "Settled"
    LEFT_UNSETTLED = "left_unsettled", Tone.PLAIN, "empty_chair", "Left unsettled"

    @classmethod
    def without_result(cls) -> tuple[Self, ...]:
        """Return the endings of commitments that should have a result, and have none published."""
        return cls.FINAL_UPDATE_DUE, cls.FINAL_UPDATE_SENT, cls.ENDED_BEFORE, cls.LEFT_UNSETTLED


# On track, as a report says which those due after it did not follow.
ON_TRACK_BEFORE = "on_track_before"
# What a commitment can be counted as, `counted_as`: each as one of these. What has ended is first.
COUNTED_DELIVERIES = {
    **dict(choices_of([*Delivery.final_results(), Delivery.WITHDRAWN, *Ending.without_result()])),
    **dict(choices_of([Delivery.ON_TRACK])),
    ON_TRACK_BEFORE: "On track when last reported",
    **dict(choices_of([Delivery.AT_RISK, Delivery.OFF_TRACK, Delivery.NOT_STARTED])),
}


class Weakening(CodeList):
    TARGET_LOWERED = "target_lowered", "Target lowered"
    DATE_LATER = "date_later", "Deadline moved later"
    START_CHANGED = "start_changed", "Starting point moved"
    MEASURE_CHANGED = "measure_changed", "Measure or unit changed"
    WITHDRAWN = "withdrawn", "Commitment withdrawn"


class CorrectionGround(CodeList):
    """Why a correction may lower what was published."""

    BEFORE_FIRST_UPDATE = "before_first_update", "Before the first update"
    COUNCIL_ERROR = "council_error", "The council’s error"
    CHECKED_AGAINST_DOCUMENT = "checked_against_document", "Checked against a document"

    @classmethod
    def of_council(cls) -> tuple[Self, ...]:
        """Return the grounds that only the council can give."""
        return cls.COUNCIL_ERROR, cls.CHECKED_AGAINST_DOCUMENT


class Additionality(CodeList):
    CORE = "core", "Core: part of the organisation’s paid or usual work"
    ADDITIONAL = "additional", "Additional: beyond the organisation’s paid or usual work"


class Cadence(CodeList):
    MONTHLY = "monthly", 1, "Every month"
    QUARTERLY = "quarterly", 3, "Every 3 months"
    HALF_YEARLY = "half_yearly", 6, "Every 6 months"
    YEARLY = "yearly", 12, "Every year"
    ON_COMPLETION = "on_completion", None, "Once, at the end"

    def __init__(self, code: str, months: int | None) -> None:
        """Set the length of a period in months: None for one period until the deadline."""
        super().__init__(code)
        self.months = months


class EndReason(CodeList):
    ACHIEVED = "achieved", "Achieved"
    EXPIRED = "expired", "Ended without being fully met"
    WITHDRAWN = "withdrawn", "Withdrawn by the signatory"
    CONTRACT_ENDED = "contract_ended", "Contract ended"
    MOVED_TO_PARENT = "moved_to_parent", "Moved to the parent organisation"
    ORGANISATION_CHANGED = "organisation_changed", "Organisation changed"
    LEFT_CHARTER = "left_charter", "Membership of the charter ended"
    REPLACED = "replaced", "Replaced by another commitment"

    @classmethod
    def closing_reasons(cls) -> list[Self]:
        """Return the reasons for which a signatory can close a commitment before its deadline.

        A result is the final update's to tell, withdrawing is a change of its own, and a signatory
        leaves the charter through the council.
        """
        other_acts = (cls.ACHIEVED, cls.EXPIRED, cls.WITHDRAWN, cls.LEFT_CHARTER)
        return [reason for reason in cls if reason not in other_acts]

    @classmethod
    def membership_reasons(cls) -> tuple[Self, ...]:
        """Return the reasons of commitments whose signatory left before their result was known."""
        return cls.ORGANISATION_CHANGED, cls.LEFT_CHARTER


class ContractStage(CodeList):
    NEED = "need", "Identifying what is needed"
    TENDER = "tender", "Out to tender"
    LETTING = "letting", "Being awarded"
    MANAGEMENT = "management", "Running"
    ENDED = "ended", "Ended"


class PlannedEvidenceType(CodeList):
    PAYROLL = "payroll", "Payroll or HR extract, training log"
    INVOICES = "invoices", "Invoices, ledger or contract extract"
    ATTENDANCE = "attendance", "Attendance log or partnership agreement"
    PARTNER_LETTER = "partner_letter", "Letter from a school or community partner"
    TIMESHEET = "timesheet", "Timesheets"
    PHOTOGRAPH = "photograph", "Photographs"
    CASE_STUDY = "case_study", "Case study or good news story"
    MANAGEMENT_INFORMATION = "management_information", "Management or performance report"
    SURVEY = "survey", "Survey results"
    CERTIFICATE = "certificate", "Certificate or accreditation"
    EVALUATION = "evaluation", "Independent evaluation or SROI report"
    ENVIRONMENT_RECORD = "environment_record", "Waste notes, meter readings or emission calculation"
    PUBLIC_LINK = "public_link", "A public page that anyone can check"
    OTHER = "other", "Something else"


# --- Signatories ----------------------------------------------------------------------------------


class Standing(CodeList):
    """A signatory's charter status."""

    PLAN_IN_PROGRESS = "plan_in_progress", "Signed, and not accredited yet", "Plan in progress"
    ACCREDITED = "accredited", "Accredited by the council until a set date", "Accredited"
    SUSPENDED = "suspended", "Suspended until it has carried out an agreed plan", "Suspended"
    LAPSED = "lapsed", "The accreditation ended and was not renewed", "Lapsed"
    WITHDRAWN = "withdrawn", "The organisation left voluntarily", "Withdrawn"
    REMOVED = "removed", "The council removed the organisation", "Removed"
    CEASED = "ceased", "The organisation no longer exists", "Ceased"

    @classmethod
    def left_standings(cls) -> tuple[Self, ...]:
        """Return the statuses of signatories that have left the charter."""
        return cls.WITHDRAWN, cls.REMOVED, cls.CEASED


class Route(CodeList):
    CONTRACT = "contract", "A contract with the council, or a tender for one", "Contract"
    GRANT = "grant", "A grant from the council", "Grant"
    VOLUNTARY = "voluntary", "Neither a contract nor a grant", "Voluntary"


class Size(CodeList):
    MICRO = "micro", "0 to 9 people"
    SMALL = "small", "10 to 49 people"
    MEDIUM = "medium", "50 to 249 people"
    LARGE = "large", "250 people or more"


class OrganisationKind(CodeList):
    COMPANY = "company", "Company"
    PARTNERSHIP = "partnership", "LLP or partnership"
    SOLE_TRADER = "sole_trader", "Sole trader"
    CHARITY = "charity", "Charity"
    CIC = "community_interest_company", "Community interest company"
    COOPERATIVE = "cooperative", "Co-operative or registered society"
    COMMUNITY_GROUP = "community_group", "Unincorporated community group"
    SCHOOL = "school", "School or academy trust"
    COLLEGE = "college", "College or university"
    NHS = "nhs", "NHS body"
    COUNCIL = "council", "Council"
    PUBLIC_BODY = "public_body", "Other public body"
    HOUSING = "housing_association", "Housing association"
    OVERSEAS = "overseas_company", "Overseas company"
    FINANCE = "finance_body", "Finance body"
    SUPPORT = "support_body", "Support body or intermediary"


# --- Updates, successes, notices and redactions ---------------------------------------------------


class PeriodState(CodeList):
    SCHEDULED = "scheduled", "Not due yet"
    DUE = "due", "Due now"
    OVERDUE = "overdue", "Overdue"
    SILENT = "silent", "Silent"
    RECEIVED = "received", "Received"
    RECEIVED_LATE = "received_late", "Received late"
    NOT_RECEIVED = "not_received", "Not received"
    UNREACHABLE = "unreachable", "Could not be contacted"
    NO_CONTACT = "no_contact", "Nobody to ask"
    EXCUSED = "excused", "Not required"
    PAUSED = "paused", "Paused"


class LevelOfProof(CodeList):
    """How a figure is backed, from the weakest level to the strongest."""

    SELF_REPORTED = (
        "self_reported",
        "bubble",
        "The signatory’s own figure, with no evidence",
        "Self-reported",
    )
    EVIDENCE_PROVIDED = (
        "evidence_provided",
        "link",
        "A file or link is attached, and the council has not confirmed the figure",
        "Evidence provided",
    )
    CHECKED_BY_COUNCIL = (
        "checked_by_council",
        "square_tick",
        "The council has seen the evidence and accepts the figure",
        "Checked by the council",
    )
    CONFIRMED_BY_BENEFICIARY = (
        "confirmed_by_beneficiary",
        "two_circles",
        "An organisation that benefited says it happened",
        "Confirmed by the beneficiary",
    )

    def __init__(self, code: str, shape: str, description: str) -> None:
        super().__init__(code, description)
        self.shape = shape


class EvidenceType(CodeList):
    DOCUMENT = "document", "Document"
    WEB_PAGE = "web_page", "Web page"
    PHOTOGRAPH = "photograph", "Photograph"
    CERTIFICATE = "certificate", "Certificate"
    DATASET = "dataset", "Data set"
    STATEMENT = "statement", "Statement"
    SROI_REPORT = "sroi_report", "Social return on investment (SROI) report"
    EVALUATION = "evaluation", "Independent evaluation"

    @classmethod
    def study_types(cls) -> tuple[Self, ...]:
        """Return the types with an author, and shares that they state."""
        return cls.SROI_REPORT, cls.EVALUATION


class EvidenceVisibility(CodeList):
    PUBLIC = "public", "Anyone can see it"
    COUNCIL_ONLY = "council_only", "Only the council can see it"


class CheckResult(CodeList):
    CONFIRMED = "confirmed", "Confirmed"
    PARTLY_CONFIRMED = "partly_confirmed", "Partly confirmed"
    COULD_NOT_CONFIRM = "could_not_confirm", "Could not confirm"


class ConfirmationAnswer(CodeList):
    YES = "yes", "Yes, this happened"
    PARTLY = "partly", "Partly"
    NO = "no", "No, this did not happen"


class PeopleConsent(CodeList):
    NONE_IDENTIFIABLE = "none_identifiable", "No one can be identified"
    CONSENT_HELD = "consent_held", "Everyone who can be identified has agreed in writing"


class NoticeType(CodeList):
    LETTER = "letter", "Letter from the council"
    REPLY = "reply", "Reply by the signatory"
    FEATURED = "featured", "Featured by the council"
    FIGURES = "figures", "Council performance figures"


class RedactionReason(CodeList):
    """Why a text was removed, in the sentence that stands in its place."""

    PERSONAL_DATA = "personal_data", "The text contained personal data and was removed."
    LEGAL = "legal", "The text was removed for a legal reason."
    SAFEGUARDING = "safeguarding", "The text was removed to protect someone."
    ERROR = "error", "The text was published by mistake and was removed."
    LOST = "lost", "The text was lost when the register was restored from a backup."

    @classmethod
    def manual_reasons(cls) -> list[Self]:
        """Return the reasons a person can give; only a restore sets the reason “lost”."""
        return [reason for reason in cls if reason != cls.LOST]
