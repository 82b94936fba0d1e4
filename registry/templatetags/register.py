"""Template tags and filters of the project."""

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.safestring import SafeString

from registry import clock
from registry.schema import code_lists
from registry.website import private_links
from registry.wording.formatting import format_day

register = template.Library()

# The tone of a state's tag. It never carries meaning alone: shape and word say the same.
TONES = {
    "not_started": "plain",
    "on_track": "good",
    "at_risk": "warn",
    "off_track": "bad",
    "met": "good",
    "partly_met": "calm",
    "not_met": "bad",
    "withdrawn": "plain",
    "up_to_date": "good",
    "due": "calm",
    "overdue": "warn",
    "silent": "bad",
    "unreachable": "bad",
    "paused": "plain",
    "closed": "plain",
}
CONTROLS = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "checkbox": "govuk-checkboxes__input",
    "file": "govuk-file-upload",
}


@register.simple_tag(name="private_url")
def private_url_tag(name: str) -> str:
    return private_links.private_url(name)


@register.simple_tag
def is_demonstration() -> bool:
    return settings.DEMO


@register.filter
def tone(code: str) -> str:
    return TONES[code]


@register.filter
def delivery_label(code: str) -> str:
    return code_lists.DELIVERY[code]


@register.filter
def reporting_label(code: str) -> str:
    return code_lists.REPORTING[code]


@register.filter
def proof_label(code: str) -> str:
    return code_lists.LEVELS_OF_PROOF[code]


@register.filter
def check_result(code: str) -> str:
    return code_lists.CHECK_RESULTS[code]


@register.filter
def confirmation_label(code: str) -> str:
    return code_lists.CONFIRMATION_ANSWERS[code]


@register.filter
def evidence_type(code: str) -> str:
    """Return the label of a type of evidence: "Web page"."""
    return code_lists.EVIDENCE_TYPES[code]


@register.filter
def file_type(media_type: str) -> str:
    """Return the short name of a file type: "PDF"."""
    return media_type.rpartition("/")[2].upper()


@register.filter
def lower_first(text: str) -> str:
    """Return a text with a lower-case first letter, for use inside a sentence."""
    return text[:1].lower() + text[1:]


@register.filter
def day(value: date | datetime) -> str:
    """Format a date, or the London date of an instant: "1 July 2026"."""
    return format_day(clock.local_date(value) if isinstance(value, datetime) else value)


@register.filter
def govuk_widget(field: BoundField) -> SafeString:
    """Render a form field's control with its GOV.UK class."""
    attributes: dict[str, Any] = {"class": CONTROLS.get(field.widget_type, "govuk-input")}
    if field.errors:
        attributes["class"] += f" {attributes['class']}--error"
    extra_class = field.field.widget.attrs.get("class")
    if extra_class:
        attributes["class"] += f" {extra_class}"
    return field.as_widget(attrs=attributes)
