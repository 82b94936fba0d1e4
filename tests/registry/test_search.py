"""One search finds records of all kinds, by their words and by others that mean the same."""

import re

import pytest
from django.db import connection
from django.test import Client

from registry import clock
from registry.log import publishing
from registry.models import SearchedRecord
from registry.reference_data.synonyms import all_synonyms
from tests.registry import items
from tests.registry.listed import listed_rows
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db
OLD_NAME = [{"name": "Fenlock Engineering Ltd", "to": "2026-01-01"}]
NUMBER = [{"scheme": "GB-COH", "id": "ZZ000137"}]


@pytest.fixture
def register(commitment):
    publish(
        "2026-01-07",
        items.signatory("S-00002", legal_name="O’Hara Café plc", former_names=OLD_NAME),
        items.signatory("S-00003", legal_name="Kestrel Row Ltd", identifiers=NUMBER),
        items.commitment("C-00002", signatory="S-00002", title="Pay suppliers in 30 days"),
        items.commitment("C-00003", title="Plant 300 trees", area_codes=["E05011121"]),
        items.update(narrative="Oaks and hazels are in the ground. A wet spring helped."),
        items.success(title="Tall as a ruler", story="A class now waters the orchard."),
    )


def results(reader: Client, text: str) -> list[str]:
    """Return the last parts of the addresses of what a search found, in order."""
    with clock.fixed_at(day("2026-01-08")):
        body = reader.get("/search", {"q": text}).text
    return re.findall(r'<h3 class="row__title[^"]*"><a [^>]*href="/\w+/([^"]+)"', body)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("apprentices", "M-00001"),
        ("LE12", "M-00001"),
        ("local employment", "T-00001"),
        ("Kestrel", "S-00003"),
        ("fenlock engineering", "S-00002"),
        ("ohara", "S-00002"),
        ("O'Hara cafe", "S-00002"),
        ("zz000137", "S-00003"),
        ("aston ward", "E05011121"),
        ("Astn", "E05011121"),
        ("trees", "C-00003"),
        ("woodland", "C-00003"),
        ("prompt payment", "C-00002"),
        ("hazel", "U-00001"),
        ("orchards", "W-00001"),
        ("trees -ruler", "C-00003"),
        ("-trees", "C-00003"),
        ('"300 trees"', "C-00003"),
        ("trees zebra", "C-00003"),
        ("tre", "C-00003"),
    ],
)
def test_best_result_comes_first(register, reader, text, first):
    assert [*results(reader, text), ""][0] == first


@pytest.mark.parametrize("text", ["C-00003", "c00003", "C OOOO3", "E05011121", "b1 1bb"])
def test_key_code_and_postcode_lead_to_their_page(register, reader, text):
    response = reader.get("/search", {"q": text})
    assert response.status_code == 302
    assert response["Location"] in ("/id/C-00003", "/places/E05011121", "/places?q=B11BB")


def test_results_are_grouped_and_counted_with_a_link_to_all(commitment, reader):
    copies = [items.commitment(f"C-1{n:04}", title=f"Plant {n} trees") for n in range(7)]
    publish("2026-01-07", *copies, items.success(story="The trees are in."))
    page = read(reader, "/search?q=trees", "2026-01-08")
    assert "7 commitments and 1 success found for “trees”." in page
    assert "Commitments 7 Successes 1" in page
    body = reader.get("/search?q=trees").text
    assert 'href="/commitments?q=trees">All 7 commitments' in body
    assert "All 1 success" not in body
    assert "7 commitments." in read(reader, "/commitments?q=trees", "2026-01-08")


def test_page_says_which_words_were_tried(register, reader):
    page = read(reader, "/search?q=Kestral+apprentices", "2026-01-08")
    assert "Nothing has “Kestral”." in page
    assert "Also searched for: “Kestrel” and “apprenticeship”." in page
    assert (
        'href="/search?q=%22Kestral+apprentices%22"'
        in reader.get("/search?q=Kestral+apprentices").text
    )
    exactly = read(reader, "/search?q=%22woodland%22", "2026-01-08")
    assert "Also searched for" not in exactly
    assert "Nothing found for “&quot;woodland&quot;”." in exactly


def test_records_with_some_of_the_words_come_after_those_with_all(register, reader):
    page = read(reader, "/search?q=300+trees+Aston", "2026-01-08")
    assert "1 commitment found for “300 trees Aston”. With some of the words: 1 place." in page
    page = read(reader, "/search?q=trees+suppliers", "2026-01-08")
    assert "Nothing found with all of the words “trees suppliers”. With some of them:" in page
    assert "Commitments with some of the words Plant 300 trees" in page


def test_search_without_result_offers_a_way_on(register, reader):
    page = read(reader, "/search?q=zebras", "2026-01-08")
    assert "Nothing found for “zebras”." in page
    assert "Or start from a theme: Local Employment" in page
    body = reader.get("/search?q=Kestrelowitzy").text
    assert 'Did you mean <a class="govuk-link" href="/search?q=Kestrel">Kestrel</a>' in body
    link = '<a class="govuk-link" href="/search?q=zebras">Search the whole register for “zebras”'
    for address in ("/commitments", "/signatories", "/successes"):
        assert link in reader.get(f"{address}?q=zebras").text


def test_words_of_others_lead_to_the_glossary(register, reader):
    assert 'Here we say <a class="govuk-link" href="/glossary#measure">measure' in (
        reader.get("/search?q=KPIs").text
    )
    assert "Others say: indicator, KPI, metric." in read(reader, "/glossary")


def test_every_public_page_has_the_search_also_without_script(register, reader, client):
    for address in ("/", "/glossary", "/commitments/C-00001", "/nothing", "/commitments?zebra=1"):
        body = reader.get(address).text
        form = body[body.index('<form class="find"') :].partition("</form>")[0]
        assert 'method="get" action="/search"' in form, address
    assert 'class="find"' not in reader.get("/search").text  # It has a larger one.
    assert 'class="find"' not in client.get("/account/login/").text


def test_results_are_for_no_search_engine(register, reader):
    noindex = '<meta name="robots" content="noindex">'
    assert noindex in reader.get("/search?q=trees").text
    assert noindex not in reader.get("/search").text


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/search?q=", "/search"),
        ("/commitments?q=trees&theme=&measure=&sort=&weakened=+", "/commitments?q=trees"),
        ("/places?q=+", "/places"),
    ],
)
def test_address_of_a_form_loses_what_was_not_filled_in(register, reader, address, canonical):
    response = reader.get(address)
    assert (response.status_code, response["Location"]) == (302, canonical)


def test_search_follows_what_is_renamed_withdrawn_and_removed(register, reader):
    assert "C-00003" in results(reader, "trees local employment")
    theme = items.theme().content | {"title": "Zebra work", "change_reason": "Renamed."}
    publish("2026-01-08", publishing.NewEntry("theme", items.THEME, "amend", theme))
    assert "C-00003" in results(reader, "trees zebra work")
    publish("2026-01-08", items.success(action="withdraw", change_reason="Wrong class."))
    assert results(reader, "orchard") == []
    with clock.fixed_at(day("2026-01-08")):
        publishing.redact(_entries_of("U-00001", "S-00003"), reason_code="personal_data")
    assert not {"U-00001", "S-00003"} & {*results(reader, "hazels"), *results(reader, "Kestrel")}
    assert not SearchedRecord.objects.filter(key__in=["U-00001", "S-00003"]).exists()
    before = listed_rows()
    with clock.fixed_at(day("2026-01-08")):
        publishing.rebuild_records()
    assert listed_rows() == before


def _entries_of(*keys: str) -> list[int]:
    return [entry.number for entry in publishing.Entry.objects.filter(key__in=keys)]


def test_words_that_mean_the_same_keep_their_ends():
    """A phrase that begins or ends with a word as common as "of" would find its rest alone."""
    others = {other for words in all_synonyms().values() for other in words}
    ends = {word for other in others for word in (other.split()[0], other.split()[-1])}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) AS word "
            "WHERE numnode(plainto_tsquery('english', word)) = 0",
            [list(ends)],
        )
        assert cursor.fetchall() == []
