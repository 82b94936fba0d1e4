"""Serve descriptions of the data: dictionary, schemas, catalogue, sitemaps and robots.txt."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase

from registry.log import heads
from registry.open_data import catalogue, dictionary
from registry.schema import kinds
from registry.schema.codes import published_lists
from registry.website.pages import Visit, public_page

XML, TEXT = "application/xml; charset=utf-8", "text/plain; charset=utf-8"


@public_page()
def dictionary_page(visit: Visit) -> HttpResponse:
    sections = [
        (spec.plural, spec.plural.capitalize(), dictionary.dictionary_fields(kind))
        for kind, spec in kinds.KINDS.items()
    ]
    context = {"kinds": sections, "lists": published_lists().items()}
    return visit.render("website/dictionary.html", context, section="data")


@public_page()
def schema_file(visit: Visit, plural: str) -> HttpResponse:
    if plural not in kinds.KINDS_BY_PLURAL:
        raise Http404
    kind = kinds.KINDS_BY_PLURAL[plural].name
    return _json_response(dictionary.json_schema(kind), "application/schema+json")


@public_page()
def data_json(visit: Visit) -> HttpResponse:
    return _json_response(catalogue.data_json(visit.head))


@public_page()
def signed_head(visit: Visit) -> HttpResponse:
    return _json_response(asdict(heads.sign_head(visit.head)))


@public_page()
def head_keys(visit: Visit) -> HttpResponse:
    keys = [
        {name: value and str(value) for name, value in asdict(key).items()}
        for key in heads.published_keys()
    ]
    return _json_response({"algorithm": "Ed25519", "keys": keys})


@public_page()
def sitemap_index(visit: Visit) -> HttpResponse:
    page = visit.render("website/sitemap_index.xml", {"files": catalogue.sitemap_urls()})
    return HttpResponse(page.content, content_type=XML)


@public_page()
def sitemap_file(visit: Visit, name: str, number: str = "1") -> HttpResponse:
    addresses = catalogue.sitemap_locations(name, int(number), visit.today)
    if not addresses:
        raise Http404
    page = visit.render("website/sitemap.xml", {"addresses": addresses})
    return HttpResponse(page.content, content_type=XML)


def text_file(build_text: Callable[[Visit], str]) -> Callable[..., HttpResponseBase]:
    """Return a view that serves plain text."""

    @public_page()
    def serve_text(visit: Visit) -> HttpResponse:
        return HttpResponse(build_text(visit), content_type=TEXT)

    return serve_text


def document(name: str) -> Callable[..., HttpResponseBase]:
    """Return a view that serves a file of `docs/` as it is, for people who keep a mirror."""
    path = settings.BASE_DIR / "docs" / name
    return text_file(lambda visit: path.read_text(encoding="utf-8"))


robots_txt = text_file(lambda visit: catalogue.robots_txt())
security_txt = text_file(lambda visit: catalogue.security_txt(visit.today))


def _json_response(content: dict[str, Any], media_type: str = "application/json") -> HttpResponse:
    return HttpResponse(json.dumps(content, ensure_ascii=False, indent=1), content_type=media_type)
