"""The closed lists of codes with their labels. A code is never translated or reused."""

DELIVERY = {
    "not_started": "Not started",
    "on_track": "On track",
    "at_risk": "At risk",
    "off_track": "Off track",
    "met": "Met",
    "partly_met": "Partly met",
    "not_met": "Not met",
    "withdrawn": "Withdrawn",
}
SELF_ASSESSMENTS = [code for code in DELIVERY if code != "withdrawn"]
REPORTING = {
    "up_to_date": "Up to date",
    "due": "Due",
    "overdue": "Overdue",
    "silent": "Silent",
    "unreachable": "Unreachable",
    "paused": "Paused",
    "closed": "Closed",
}
LEVELS_OF_PROOF = {
    "self_reported": "Said by the business",
    "evidence_provided": "Evidence linked",
    "checked_by_council": "Checked by the council",
    "confirmed_by_beneficiary": "Confirmed by the beneficiary",
}
PERIOD_STATES = {
    "scheduled": "Not due yet",
    "due": "Due",
    "overdue": "Overdue",
    "received": "Answered",
    "received_late": "Answered late",
    "not_received": "Never answered",
    "unreachable": "We could not reach them",
    "excused": "Excused",
    "paused": "Paused",
}
END_REASONS = {
    "achieved": "Achieved",
    "expired": "Its time is over",
    "withdrawn": "Withdrawn by the signatory",
    "contract_ended": "The contract ended",
    "moved_to_parent": "Moved to the parent organisation",
    "organisation_changed": "The organisation changed",
    "left_charter": "The signatory left the charter",
    "replaced": "Replaced by another commitment",
}
REDACTION_REASONS = {
    "personal_data": "The text held personal data and was removed.",
    "legal": "The text was removed for a legal reason.",
    "safeguarding": "The text was removed to protect somebody.",
    "error": "The text was published by mistake and was removed.",
    "lost": "The text was lost when the register was restored from a backup.",
}
CADENCES = {
    "monthly": "Every month",
    "quarterly": "Every three months",
    "half_yearly": "Every six months",
    "yearly": "Every year",
    "on_completion": "Once, at the end",
}
ADDITIONALITY = {
    "core": "Part of what they are paid or set up to do",
    "additional": "Beyond what they are paid or set up to do",
}
CONTRACT_STAGES = {
    "need": "Finding out what is needed",
    "tender": "Out to tender",
    "letting": "Being let",
    "management": "Running",
    "ended": "Ended",
}
STANDINGS = {
    "plan_in_progress": "Plan in progress",
    "accredited": "Accredited",
    "suspended": "Suspended",
    "lapsed": "Lapsed",
    "withdrawn": "Withdrawn",
    "removed": "Removed",
    "ceased": "Ceased",
}
ROUTES = {"contract": "Contract", "grant": "Grant", "voluntary": "Voluntary"}
SIZES = {
    "micro": "0 to 9 people",
    "small": "10 to 49 people",
    "medium": "50 to 249 people",
    "large": "250 people or more",
}
EVIDENCE_TYPES = {
    "document": "Document",
    "web_page": "Web page",
    "photograph": "Photograph",
    "certificate": "Certificate",
    "dataset": "Data set",
    "statement": "Statement",
    "sroi_report": "Report on social return on investment (SROI)",
    "evaluation": "Independent evaluation",
}
EVIDENCE_STRENGTHS = {
    "independent": "Strong: somebody else made it, or anybody can look it up",
    "records": "Good: a record kept at the time, which a check can look into",
    "statement": "Weak by itself: the organisation's own word",
}
NATURES = {
    "input": "Input: what is put in",
    "output": "Output: what is done",
    "outcome": "Outcome: what changes for people",
    "impact": "Impact: what lasts",
}
COUNTS = {
    "since_promise": "Everything since the commitment began",
    "on_a_day": "How things are on the last day of the period",
    "in_a_year": "The 12 months to the last day of the period",
}
CHECK_RESULTS = {
    "confirmed": "Confirmed",
    "partly_confirmed": "Partly confirmed",
    "could_not_confirm": "Could not confirm",
}
CONFIRMATION_ANSWERS = {
    "yes": "Yes, this happened",
    "partly": "Partly",
    "no": "No, this did not happen",
}
# By the names under which the API publishes the lists.
CODE_LISTS = {
    "delivery": DELIVERY,
    "reporting": REPORTING,
    "level_of_proof": LEVELS_OF_PROOF,
    "period_state": PERIOD_STATES,
    "end_reason": END_REASONS,
    "redaction_reason": REDACTION_REASONS,
    "cadence": CADENCES,
    "additionality": ADDITIONALITY,
    "standing": STANDINGS,
    "contract_stage": CONTRACT_STAGES,
    "route": ROUTES,
    "size": SIZES,
    "evidence_type": EVIDENCE_TYPES,
    "evidence_strength": EVIDENCE_STRENGTHS,
    "counts": COUNTS,
    "check_result": CHECK_RESULTS,
    "confirmation_answer": CONFIRMATION_ANSWERS,
}
