"""Entries for tests of the log and of public pages, published without the private packages."""

from typing import Any

from registry.log.publishing import NewEntry

CHARTER, THEME, MEASURE, SIGNATORY = "A-00001", "T-00001", "M-00001", "S-00001"


def charter(action: str = "publish", **changes: Any) -> NewEntry:
    content = {
        "title": "Example Charter",
        "description": "What organisations promise.",
        "owner": {"name": "Example Council"},
        "edition": "2026",
        "valid_from": "2026-01-01",
        "default_cadence": "quarterly",
        "reminder_days": [-30, 3],
        "overdue_after_days": 30,
        "silent_after_days": 90,
    }
    return NewEntry("charter", CHARTER, action, content | changes)


def theme() -> NewEntry:
    content = {
        "charter": CHARTER,
        "code": "local-employment",
        "title": "Local Employment",
        "description": "Jobs.",
        "position": 1,
        "valid_from": "2026-01-01",
    }
    return NewEntry("theme", THEME, "publish", content)


def measure(**changes: Any) -> NewEntry:
    content = {
        "theme": THEME,
        "code": "LE12",
        "title": "New apprentices started",
        "definition": "Count each person once.",
        "nature": "output",
        "value_type": "quantity",
        "unit": "count",
        "unit_label": "people",
        "usual_evidence": "Apprenticeship agreement",
        "direction": "increase",
        "counts": "since_promise",
        "counts_reason": "Each start since the commitment began is added.",
        "may_be_negative": False,
        "valid_from": "2026-01-01",
    }
    return NewEntry("measure", MEASURE, "publish", content | changes)


def signatory(key: str = SIGNATORY, action: str = "publish", **changes: Any) -> NewEntry:
    content = {
        "charter": CHARTER,
        "legal_name": "Brookfield Catering Ltd",
        "org_type": "company",
        "standing": "accredited",
        "joined_on": "2026-01-05",
    }
    return NewEntry("signatory", key, action, content | changes)


def commitment(key: str = "C-00001", action: str = "publish", **changes: Any) -> NewEntry:
    content = {
        "signatory": SIGNATORY,
        "charter": CHARTER,
        "theme": THEME,
        "measure": MEASURE,
        "title": "Twenty apprenticeships",
        "description": "Create 20 apprenticeships for care leavers.",
        "planned_evidence": {"type": "payroll", "text": "Payroll records and college letters"},
        "additionality": "additional",
        "value_type": "quantity",
        "unit": "count",
        "target": {"value": "20", "by": "2027-06-30"},
        "end_on": "2027-06-30",
        "cadence": "quarterly",
    }
    return NewEntry("commitment", key, action, content | changes)


def period(number: int = 1, commitment: str = "C-00001", **changes: Any) -> NewEntry:
    """Return the period of a quarter of 2026, the first one due on 1 April."""
    months = [("01-01", "03-31", "04-01"), ("04-01", "06-30", "07-01"), ("07-01", "09-30", "10-01")]
    start, end, due = months[number - 1]
    content = {
        "commitment": commitment,
        "from": f"2026-{start}",
        "to": f"2026-{end}",
        "due_on": f"2026-{due}",
    }
    return NewEntry("period", f"P-0000{number}", "publish", content | changes)


def update(
    number: int = 1, commitment: str = "C-00001", action: str = "publish", **changes: Any
) -> NewEntry:
    content = {
        "commitment": commitment,
        "period": f"P-0000{number}",
        "from": "2026-01-01",
        "to": f"2026-0{number * 3}-28",
        "reported_on": f"2026-0{number * 3}-28",
        "cumulative_value": str(number * 3),
        "unit": "count",
        "self_assessment": "on_track",
        "narrative": "They have started.",
        "nothing_changed": False,
        "level_of_proof": "self_reported",
    }
    return NewEntry("update", f"U-0000{number}", action, content | changes)


def success(key: str = "W-00001", action: str = "publish", **changes: Any) -> NewEntry:
    content = {
        "signatory": SIGNATORY,
        "commitments": ["C-00001"],
        "title": "The first three have started",
        "story": "Two of them live in Aston.",
        "happened_from": "2026-02-20",
        "people_consent": "none_identifiable",
        "level_of_proof": "self_reported",
    }
    return NewEntry("success", key, action, content | changes)


def featured(about: str = "C-00001", key: str = "N-00001") -> NewEntry:
    content = {
        "charter": CHARTER,
        "type": "featured",
        "about": about,
        "title": "Featured",
        "text": "It shows how to begin.",
        "dated_on": "2026-06-01",
    }
    return NewEntry("notice", key, "publish", content)


def small_register() -> list[NewEntry]:
    """Return a charter with one commitment and its first period."""
    return [charter(), theme(), measure(), signatory(), commitment(), period()]
