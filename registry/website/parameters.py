"""The parameters of public pages: each is honoured or refused, and none is ignored."""

from collections.abc import Collection
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.utils.encoding import escape_uri_path
from django_filters import FilterSet

from registry import clock
from registry.log.as_of import Moment, MomentError, find_moment, parse_past_day

MOMENT = ("as_of", "day")
FORMER_DAY = "at"  # What `day` was called.
NO_PAST = (
    "This page is of today only. You can see a commitment, a signatory, a theme, a measure, an "
    "update, a success and the list of commitments on an earlier date."
)
LONGEST_NAMED = 60  # characters of what is refused
# Added to links by other sites and by newsletters.
TRACKING = ("utm_", "mc_", "fbclid", "gclid", "dclid", "msclkid", "twclid", "igshid", "ttclid")


class ParameterError(Exception):
    """A parameter that a page does not know, or a value that it cannot honour."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.detail = detail


def canonical_query(text: str) -> str:
    """Return a query string in the one spelling that its answer is made, named and kept by.

    Names are sorted; the values of a name keep their order. `text` is as WSGI has it.
    """
    query = QueryDict(text.encode("latin-1"))
    return urlencode([(name, value) for name in sorted(query) for value in query.getlist(name)])


def canonical_address(request: HttpRequest) -> str:
    """Return the path and the query of a request in their one spelling."""
    query = canonical_query(request.META.get("QUERY_STRING", ""))
    path = escape_uri_path(request.path)
    return f"{path}?{query}" if query else path


def check_parameters(query: QueryDict, known: Collection[str]) -> None:
    """Raise ParameterError for the first parameter that is unknown, no text or given twice."""
    for name in query:
        if name not in known and name in (*MOMENT, FORMER_DAY):
            raise ParameterError(name, NO_PAST)
        if name not in known:
            raise ParameterError(
                name, f"This page has no filter or option “{name[:LONGEST_NAMED]}”."
            )
        values = query.getlist(name)
        if any("\0" in value for value in values):
            raise ParameterError(name, "Enter plain text.")
        if name in MOMENT and len(values) > 1:
            raise ParameterError(name, "Give this option once.")


def without_empty(query: QueryDict, meaningful: Collection[str]) -> QueryDict:
    """Return a query without the parameters that a form sends for what was not filled in.

    Those stay that mean something when empty, and so does a moment, which is refused: today's page
    would be another one than was asked for.
    """
    kept = query.copy()
    for name, values in query.lists():
        if name not in (*MOMENT, *meaningful):
            kept.setlist(name, [value for value in values if value.strip()])
    return kept


def requested_moment(query: QueryDict) -> Moment | None:
    """Return the moment in a query, None for now, or raise ParameterError."""
    if not set(MOMENT) & set(query):
        return None
    try:
        return find_moment(query.get("as_of"), query.get("day"), clock.today())
    except MomentError as error:
        raise ParameterError(error.parameter, error.detail) from None


def is_never_left_out(error: ParameterError) -> bool:
    """Return True if a page must not be shown as if a parameter were not there.

    A reader of the past must not read the present. What trackers add is left out by a redirect.
    """
    return error.parameter in (*MOMENT, FORMER_DAY) or error.parameter.startswith(TRACKING)


def refuse_parameter(request: HttpRequest, error: ParameterError) -> HttpResponse:
    """Return a page that names a wrong parameter, with a link to the page without it.

    Parameters that other sites add to links are left out at once.
    """
    query = request.GET.copy()
    query.pop(error.parameter, None)
    address = f"{request.path}?{query.urlencode()}" if query else request.path
    if error.parameter.startswith(TRACKING):
        return HttpResponseRedirect(address)
    context = {"error": error, "address": address}
    return HttpResponse(render_to_string("website/refused.html", context), status=400)


def redirect_former_day(request: HttpRequest) -> HttpResponse:
    """Redirect an address with the former name of `day` to the one with the present name."""
    query = request.GET.copy()
    query.setlist("day", [*query.pop(FORMER_DAY), *query.getlist("day")])
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")


def check_filters(filters: FilterSet) -> None:
    """Raise ParameterError for the first filter with a value that it does not know."""
    if not filters.is_valid():
        name, messages = next(iter(filters.errors.items()))
        raise ParameterError(name, str(messages[0]))


def chosen_option(query: QueryDict, name: str, options: Collection[str]) -> str:
    """Return the chosen option of a parameter, "" without one, or raise ParameterError."""
    value = query.get(name, "")
    if value and value not in options:
        named = value[:LONGEST_NAMED]
        raise ParameterError(name, f"“{named}” is not one of {', '.join(options)}.")
    return value


def past_day(query: QueryDict, name: str, today: date) -> date | None:
    """Return the day in a parameter, None without one, or raise ParameterError."""
    value = query.get(name, "")
    try:
        return parse_past_day(value, today) if value else None
    except MomentError as error:
        raise ParameterError(name, error.detail) from None


def entry_before(query: QueryDict, name: str) -> int | None:
    """Return the number at which a page of a list begins or ends, or raise ParameterError."""
    value = query.get(name, "")
    # A longer number would not fit the column.
    if value and not (value.isascii() and value.isdigit() and len(value) < 16):
        raise ParameterError(name, "This is no page of the list.")
    return int(value) if value else None
