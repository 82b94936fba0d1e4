"""Which of several charters a page is about. With one charter nobody is asked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from charter.models import Charter
from charter.models.charters import CharterQuerySet


def charter_from_request(request: HttpRequest, charters: CharterQuerySet) -> Charter | None:
    """Return the charter named in the URL, or the only one; None if the visitor has to choose."""
    if key := request.GET.get("charter"):
        return get_object_or_404(charters, key=key)
    first_two = list(charters[:2])
    if not first_two:
        raise Http404("There is no charter yet.")
    return first_two[0] if len(first_two) == 1 else None


def choose_charter_page(
    request: HttpRequest, charters: CharterQuerySet, *, title: str, section: str
) -> HttpResponse:
    """Show staff a page to choose one of several charters."""
    context = {
        "charters": charters.select_related("authority"),
        "title": title,
        "address": request.path,
        "section": section,
    }
    return render(request, "council/choose_charter.html", context)
