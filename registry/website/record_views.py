"""Show a record: as it is, as it was at a moment, removed, or as a statement to print."""

from collections.abc import Callable
from datetime import date

from django.http import Http404, HttpResponse
from django.urls import reverse

from registry.log import keys
from registry.log.as_of import Moment
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website import as_of as as_of_pages
from registry.website import commitment
from registry.website.link_days import add_link_days
from registry.website.pages import Visit
from registry.website.parameters import requested_moment
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
from registry.website.redirects import redirect_to_normalised_key


def show_record(
    visit: Visit, kind: str, key: str, build_page: Callable[[Record, date], RecordPage]
) -> HttpResponse:
    """Return the page of a record, or redirect to it from a key in another spelling."""
    if not keys.is_key(key):
        return redirect_to_normalised_key(f"website:{kind}", key, query=visit.query)
    record = find_record(kind, key)
    moment = requested_moment(visit.query)
    if moment:
        past_builder = commitment.public_page if kind == "commitment" else build_page
        page = as_of_pages.page_at(key, moment, past_builder)
        if page is None:
            return _not_yet_page(visit, record, moment)
    elif record.item is None:
        page = RemovedRecord(**record_fields(record))
    else:
        page = build_page(record, visit.today)
        add_link_days(page.all_evidence)
    spec = kinds.KINDS[kind]
    frame = {
        "moment": moment,
        "cited": moment or Moment(visit.head.number, visit.today),
        "address": reverse(f"website:{kind}", args=[key]),
    }
    if isinstance(page, RemovedRecord):
        context = {"record": page, "path": spec.plural, **frame}
        return visit.render("website/removed.html", context, section=spec.section)
    return visit.render(f"website/{kind}.html", {kind: page, **frame}, section=spec.section)


def find_record(kind: str, key: str) -> Record:
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        raise Http404
    return record


def _not_yet_page(visit: Visit, record: Record, moment: Moment) -> HttpResponse:
    """Return the 404 page for a moment before the first entry of a record."""
    context = {"key": record.key, "moment": moment, "published": record.published_at}
    context["address"] = reverse(f"website:{record.kind}", args=[record.key])
    page = visit.render("website/not_yet.html", context, section=kinds.KINDS[record.kind].section)
    page.status_code = 404
    return page


def show_statement(
    visit: Visit, kind: str, key: str, build_page: Callable[[Record, date], RecordPage]
) -> HttpResponse:
    """Return a printable statement of a record at a moment, by default now."""
    record = find_record(kind, key)
    moment = requested_moment(visit.query) or Moment(visit.head.number, visit.today)
    page = as_of_pages.page_at(key, moment, build_page)
    if page is None:
        return _not_yet_page(visit, record, moment)
    is_removed = isinstance(page, RemovedRecord)
    context = {
        "key": key,
        kind: None if is_removed else page,
        "removed": page if is_removed else None,
        "moment": moment,
        "last": Entry.objects.get(number=moment.number),
    }
    return visit.render(
        f"website/{kind}_statement.html", context, section=kinds.KINDS[kind].section
    )
