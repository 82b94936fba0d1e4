"""Template tags and filters of the project."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template.defaultfilters import stringfilter
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from registry import clock
from registry.log import freezing, verifying
from registry.schema.code_lists import LevelOfProof, Reporting
from registry.schema.codes import CodeList, TaggedList, Tone, published_lists
from registry.website import photographs, private_links
from registry.website.sharing import HOME
from registry.wording import glossary
from registry.wording.formatting import format_day, format_moment, quote

register = template.Library()

CONTROLS = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "checkbox": "govuk-checkboxes__input",
    "file": "govuk-file-upload",
}


@register.filter(is_safe=True)
@stringfilter
def quoted(text: str) -> str:
    return quote(text)


@register.simple_tag
def others_say(section: str) -> str:
    """Return what others say for a word of the glossary: "code, compact"."""
    return ", ".join(next(ours.others for ours in glossary.WORDS if ours.section == section))


@register.simple_tag(name="private_url")
def private_url_tag(name: str) -> str:
    return private_links.private_url(name)


# The codes of two lists may be equal as texts: `typed` tells them apart.
@lru_cache(maxsize=None, typed=True)
def _render_once(component: str, **codes: CodeList | Tone | bool) -> SafeString:
    """Render a component that shows codes alone: rows and pages repeat the same few."""
    return render_to_string(f"components/{component}.html", codes)


@register.simple_tag(name="delivery")
def delivery_tag(state: TaggedList, tone: Tone) -> SafeString:
    """Return the tag of a delivery, or of an ending in its place."""
    return _render_once("delivery", state=state, tone=tone)


@register.simple_tag(name="reporting")
def reporting_tag(code: str) -> SafeString:
    """Return the tag of a reporting state."""
    return _render_once("reporting", state=Reporting.from_code(code))


@register.simple_tag(name="proof")
def proof_tag(level: str, disputed: bool) -> SafeString:
    """Return a level of proof, and whether it is disputed."""
    return _render_once("proof", proof=LevelOfProof.from_code(level), disputed=bool(disputed))


@register.inclusion_tag("components/sharing.html", takes_context=True)
def sharing_tags(context: dict[str, Any]) -> dict[str, Any]:
    """Return how a page is shared; pages with a form are shared as the register."""
    return {"sharing": context.get("sharing", HOME), "site": settings.PUBLIC_URL}


@register.simple_tag
def photograph(key: str, piece: dict[str, Any]) -> photographs.Photograph | None:
    """Return public evidence of a record as a photograph; None if it is not one to be shown."""
    return photographs.find_photograph(key, piece)


@register.simple_tag
def log_faults() -> list[str]:
    """Return why the register has stopped, if so, and what its latest verification found."""
    obstacle = freezing.find_obstacle()
    stopped = [obstacle.rstrip(".")] if obstacle else []
    found = [str(fault) for fault in verifying.open_faults()]
    return stopped + [fault for fault in found if fault not in stopped]


@register.simple_tag
def is_demonstration() -> bool:
    return settings.DEMO


@register.simple_tag
def code_list(list_name: str) -> list[CodeList]:
    """Return the members of a code list, with label and description."""
    return list(published_lists()[list_name])


@register.filter
def code_in(code: str, list_name: str) -> CodeList:
    """Return a code as a member of a code list, with label, tone and shape."""
    return published_lists()[list_name].from_code(code)


@register.filter
def label_in(code: str, list_name: str) -> str:
    """Return the label of a code in a code list: `"met"|label_in:"delivery"` is "Met"."""
    return str(code_in(code, list_name).label)


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
def moment(value: datetime) -> str:
    """Format an instant in London: "1 July 2026, 3:05pm"."""
    return format_moment(value.astimezone(clock.LONDON))


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
