"""The description of the data for catalogues and search engines, in their formats."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connections, router
from django.urls import reverse

from registry import clock
from registry.log import publishing
from registry.log.canonical import published_time
from registry.models import Entry, Record
from registry.open_data.charters import current_charters
from registry.reference_data import places
from registry.schema import kinds
from registry.wording.formatting import join_list

TITLE = "Charter Register: commitments, progress and successes"
DESCRIPTION = (
    "What businesses promised under a council's charter, how each commitment is going and "
    "what came "
    "of it. Every change is kept, with its reason, and anyone can verify the history."
)
# A file of the site map has the records first published by so many entries: no record moves to
# another one, and no file has more addresses than the format allows.
ENTRIES_OF_A_FILE = 50_000
# The files of a kind that have records: after each the index leads to the next.
FILES = """
    WITH RECURSIVE file(number) AS (
        (SELECT first_entry / %(size)s FROM registry_record WHERE kind = %(kind)s
        ORDER BY first_entry LIMIT 1)
        UNION ALL
        SELECT (
            SELECT first_entry / %(size)s FROM registry_record
            WHERE kind = %(kind)s AND first_entry >= (file.number + 1) * %(size)s
            ORDER BY first_entry LIMIT 1)
        FROM file WHERE file.number IS NOT NULL
    )
    SELECT number + 1 FROM file WHERE number IS NOT NULL
"""
# Pages of every register, for the site map.
PAGES = ("home", "search", "commitments", "signatories", "themes", "measures", "places",
         "successes", "statistics", "changes", "glossary", "methods", "data", "dictionary",
         "verify", "privacy", "accessibility", "contact")  # fmt: skip


def dataset_description(head: publishing.Head) -> dict[str, Any]:
    """Return the description of the whole data set. Two queries."""
    items = [charter.item for charter in current_charters(clock.today()) if charter.item]
    owners = dict.fromkeys(item["owner"]["name"] for item in items)
    contact = items[0].get("contact", {}) if len(items) == 1 else {}
    latest = Entry.objects.filter(number=head.number).first()
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "publisher": join_list(list(owners)) or "The council of this register",
        "email": contact.get("email", settings.REPLY_ADDRESS),
        "modified": published_time(latest.at) if latest else "",
        "licence": kinds.LICENCE,
        "files": list(_data_files()),
    }


def _data_files() -> Iterator[dict[str, str]]:
    """Yield the downloads: the list of each kind as CSV and JSON, and all changes."""
    for plural in kinds.KINDS_BY_PLURAL:
        for suffix, media_type in (("csv", "text/csv"), ("json", "application/json")):
            yield {
                "title": f"{plural.capitalize()} as {suffix.upper()}",
                "url": f"{settings.PUBLIC_URL}/api/v1/{plural}.{suffix}",
                "media_type": media_type,
            }
    yield {
        "title": "Every change in order",
        "url": f"{settings.PUBLIC_URL}/api/v1/changes",
        "media_type": "application/json",
    }


def data_json(head: publishing.Head) -> dict[str, Any]:
    """Return the catalogue in the format harvested by data.gov.uk."""
    dataset = dataset_description(head)
    return {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [
            {
                "@type": "dcat:Dataset",
                "identifier": f"{settings.PUBLIC_URL}/data",
                "title": dataset["title"],
                "description": dataset["description"],
                "keyword": ["social value", "business charter", "commitments", "progress"],
                "modified": dataset["modified"],
                "language": ["en-GB"],
                "accessLevel": "public",
                "license": dataset["licence"],
                "landingPage": f"{settings.PUBLIC_URL}/data",
                "publisher": {"@type": "org:Organization", "name": dataset["publisher"]},
                "contactPoint": {
                    "@type": "vcard:Contact",
                    "fn": dataset["publisher"],
                    "hasEmail": f"mailto:{dataset['email']}",
                },
                "distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "title": file["title"],
                        "downloadURL": file["url"],
                        "mediaType": file["media_type"],
                    }
                    for file in dataset["files"]
                ],
            }
        ],
    }


def json_ld(head: publishing.Head) -> dict[str, Any]:
    """Return the schema.org description for search engines, embedded in the data page."""
    dataset = dataset_description(head)
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": dataset["title"],
        "description": dataset["description"],
        "url": f"{settings.PUBLIC_URL}/data",
        "license": dataset["licence"],
        "dateModified": dataset["modified"],
        "isAccessibleForFree": True,
        "creator": {
            "@type": "Organization",
            "name": dataset["publisher"],
            "email": dataset["email"],
        },
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file["title"],
                "encodingFormat": file["media_type"],
                "contentUrl": file["url"],
            }
            for file in dataset["files"]
        ],
    }


def sitemap_urls() -> list[str]:
    """Return the addresses of the site map's files. One query per kind."""
    files = ["pages"]
    with connections[router.db_for_read(Record)].cursor() as cursor:
        for spec in kinds.KINDS.values():
            if spec.has_page:
                cursor.execute(FILES, {"kind": spec.name, "size": ENTRIES_OF_A_FILE})
                files += [f"{spec.plural}-{number}" for (number,) in cursor.fetchall()]
    return [f"{settings.PUBLIC_URL}/sitemaps/{name}.xml" for name in files]


def sitemap_locations(name: str, number: int, today: date) -> list[tuple[str, str]] | None:
    """Return (address, last change) pairs of one site map file, or None for an unknown one.

    Files are numbered from 1. The last change is empty for pages without a record.
    """
    if name == "pages":
        pages = [reverse(f"website:{page}") for page in PAGES]
        pages += [reverse("website:place", args=[code]) for code in places.all_places()]
        return [(f"{settings.PUBLIC_URL}{path}", "") for path in pages]
    spec = kinds.KINDS_BY_PLURAL.get(name)
    if spec is None or not spec.has_page:
        return None
    start = (number - 1) * ENTRIES_OF_A_FILE
    records = Record.objects.of_kind(spec.name).filter(
        first_entry__gte=start, first_entry__lt=start + ENTRIES_OF_A_FILE
    )
    root = f"{settings.PUBLIC_URL}{reverse(f'website:{spec.name}', args=['-'])}"[:-1]
    return [
        (f"{root}{record.key}", published_time(record.last_change_on(today)))
        for record in records.order_by("first_entry").only(
            "key", "changed_at", "state_days", "ending_days"
        )
    ]


def robots_txt() -> str:
    """Return the rules for crawlers: every public page is allowed."""
    private = (
        "/account",
        "/business",
        "/council",
        "/follow",
        "/invitations",
        "/reminders",
        "/report-an-error",
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in private)]
    return "\n".join([*lines, "", f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml", ""])


def security_txt(today: date) -> str:
    """Return the contact for security reports (RFC 9116), valid for a year from today."""
    expires = today.replace(year=today.year + 1, day=min(today.day, 28))
    return "\n".join(
        [
            f"Contact: {settings.PUBLIC_URL}/contact",
            f"Expires: {expires}T00:00:00Z",
            "Preferred-Languages: en",
            f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
            "",
        ]
    )
