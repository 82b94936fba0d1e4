"""The columns that may hold people's own text: redaction searches them, a restore empties them.

`EXCUSED_COLUMNS` has all other columns of text, so that a new one has to be classed.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

TEXT_COLUMNS: dict[str, set[str]] = {
    "charter.Acceptance": {"text", "name"},
    "charter.ActObject": {"before", "after"},
    "charter.Application": {"legal_name", "trading_name", "number", "website", "comments"},
    "charter.Authority": {"name", "org_id", "team", "telephone", "postal_address"},
    "charter.Change": {"returned_comments", "values", "reason", "document"},
    "charter.Charter": {"title", "description", "edition", "document_url", "tiers"},
    "charter.Commitment": {
        *("returned_comments", "title", "description", "responsible_role", "evidence_text"),
        *("contracts", "sent_on_behalf_by", "source"),
    },
    "charter.DetailsRequest": {"values", "reason"},
    "charter.ErrorReport": {"wrong", "right"},
    "charter.Following": {"about"},  # The words of a search, perhaps.
    "charter.HandOver": {"reason"},
    "charter.Identifier": {"number"},
    "charter.Invitation": {"body"},
    "charter.Measure": {
        *("title", "definition", "not_counted", "unit_label", "usual_evidence", "counts_reason"),
    },
    "charter.Membership": {"body"},
    "charter.Message": {"subject", "text", "html", "last_code"},
    "charter.MessageAttempt": {"code"},
    "charter.Organisation": {"legal_name", "trading_name", "former_names", "website"},
    "charter.PlanNote": {"comments"},
    "charter.Proposal": {"arguments", "comments"},
    "charter.Signatory": {
        *("certificate_number", "covers", "pause_reason", "retractions", "source"),
        *("standing_reason", "standing_plan"),
    },
    "charter.StatedSignature": {"document"},
    "charter.Theme": {"title", "description"},
    "charter.Upload": {"name", "outcome"},
    "reporting.Check": {"finding", "by_role", "reply"},
    "reporting.Confirmation": {"body"},
    "reporting.ContactAttempt": {"note"},
    "reporting.Evidence": {
        *("title", "description", "url", "alt_text", "page", "quote", "author", "assurance"),
        "withheld_reason",
    },
    "reporting.FeaturedRecord": {"why", "end_reason"},
    "reporting.HelpRequest": {"text", "answer"},
    "reporting.Letter": {"text", "answer"},
    "reporting.LinkCheck": {"why"},
    "reporting.ProgressUpdate": {
        *("returned_comments", "not_measured_reason", "narrative", "obstacles", "lessons"),
        *("sent_on_behalf_by", "draft_form_data"),
    },
    "reporting.Redaction": {"comments"},
    "reporting.Reminder": {"reason"},
    "reporting.ReminderStop": {"reason"},
    "reporting.Reply": {"returned_comments", "text"},
    "reporting.ReportingPeriod": {"excused_reason"},
    "reporting.Success": {"returned_comments", "title", "story"},
}
CODES = "Codes, which name no person"
REFERENCES = "Keys, numbers, names of tables and digests"
EXCUSED_COLUMNS: dict[str, dict[str, set[str]]] = {
    CODES: {
        "charter.Application": {"sector"},
        "charter.Charter": {"second_person_acts", "reminder_days"},
        "charter.Commitment": {"area_codes", "end_reason"},
        "charter.Change": {"end_reason"},
        "charter.Identifier": {"scheme"},
        "charter.Measure": {"code"},
        "charter.Message": {"kind"},
        "charter.MessageAttempt": {"phase", "outcome"},
        "charter.Organisation": {"sector", "area_codes"},
        "charter.Proposal": {"act"},
        "charter.Refusal": {"verdict"},
        "charter.Theme": {"code"},
        "reporting.ReportingPeriod": {"steps"},
        "reporting.Success": {"area_codes"},
    },
    REFERENCES: {
        "charter.Acceptance": {"text_sha256"},
        "charter.ActObject": {"label", "key"},
        "charter.Commitment": {"based_on"},
        "charter.ErrorReport": {"about"},
        "charter.Message": {"message_id", "unsubscribe_address"},
        "charter.SendingPlace": {"address"},
        "reporting.Evidence": {"file", "media_type", "sha256"},
        "reporting.FileToErase": {"problem"},
        "reporting.LinkCheck": {"fingerprint"},
        "reporting.Redaction": {"keys"},
        "reporting.RedactionTrace": {"rows", "evidence", "salt", "digests"},
    },
    "What the public page says: fixed words, dates and keys": {
        "charter.Announcement": {"about", "sentence"},
        "reporting.Reply": {"sentence"},
    },
    "Words of mail servers, which know no one but an address": {
        "charter.RefusedAddress": {"words"},
        "charter.SendingStop": {"words"},
    },
    "A spreadsheet: redaction deletes the unsaved ones, and saved ones keep no content": {
        "charter.Upload": {"content"},
    },
}
# These are no publications: accounts, and the names of people in the record of acts.
EXCUSED_MODELS = {"charter.User", "charter.Act", "charter.ActPerson"}


def searched_models() -> Iterator[type[models.Model]]:
    """Yield the models with people's own text."""
    return map(apps.get_model, TEXT_COLUMNS)


def text_columns(model: type[models.Model]) -> list[Any]:
    """Return the columns of a model that may hold people's own text."""
    names = TEXT_COLUMNS[model._meta.label]
    return [column for column in model._meta.concrete_fields if column.name in names]
