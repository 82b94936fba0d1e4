"""What describes the data: dictionary, schemas, and what catalogues and search engines read."""

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase

from registry import catalogue, codelists, dictionary, kinds
from registry.website.pages import Visit, public

XML, TEXT = "application/xml; charset=utf-8", "text/plain; charset=utf-8"


@public
def dictionary_page(visit: Visit) -> HttpResponse:
    described = [
        (kinds.PLURALS[kind], kinds.PLURALS[kind].capitalize(), dictionary.fields(kind))
        for kind in kinds.KINDS
    ]
    lists = [(name, codes.items()) for name, codes in codelists.CLOSED.items()]
    context = {"kinds": described, "lists": lists, "section": "data"}
    return visit.render("website/dictionary.html", context)


@public
def schema(visit: Visit, plural: str) -> HttpResponse:
    kind = next((kind for kind, name in kinds.PLURALS.items() if name == plural), None)
    if kind is None:
        raise Http404
    return _json(dictionary.json_schema(kind), "application/schema+json")


@public
def data_json(visit: Visit) -> HttpResponse:
    return _json(catalogue.data_json(visit.head))


@public
def sitemap(visit: Visit) -> HttpResponse:
    page = visit.render("website/sitemap_index.xml", {"files": catalogue.sitemaps()})
    return HttpResponse(page.content, content_type=XML)


@public
def sitemap_file(visit: Visit, name: str, number: str = "1") -> HttpResponse:
    found = catalogue.addresses(name, int(number))
    if not found:
        raise Http404
    page = visit.render("website/sitemap.xml", {"addresses": found})
    return HttpResponse(page.content, content_type=XML)


def text(written: Callable[[Visit], str]) -> Callable[..., HttpResponseBase]:
    """Return the view of a file of plain text."""

    @public
    def file(visit: Visit) -> HttpResponse:
        return HttpResponse(written(visit), content_type=TEXT)

    return file


robots = text(lambda visit: catalogue.robots())
security = text(lambda visit: catalogue.security(visit.today))


def _json(content: dict[str, Any], media_type: str = "application/json") -> HttpResponse:
    return HttpResponse(json.dumps(content, ensure_ascii=False, indent=1), content_type=media_type)
