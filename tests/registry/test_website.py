"""The public website as readers see it on a given day."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from registry import clock
from registry.log import publishing
from registry.website.urls import urlpatterns
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/",
    "/commitments",
    "/commitments?q=apprenticeships",
    "/search",
    "/search?q=apprenticeships",
    "/commitments/past",
    "/commitments/C-00001",
    "/signatories",
    "/updates-not-received",
    "/signatories/S-00001",
    "/themes",
    "/themes/T-00001",
    "/measures",
    "/measures/M-00001",
    "/places",
    "/places/E05011121",
    "/places/E08000025",
    "/successes",
    "/successes/W-00001",
    "/updates/U-00001",
    "/statistics",
    "/statistics/delivery",
    "/statistics/measures",
    "/statistics.csv",
    "/statistics/delivery.csv",
    "/summary?theme=T-00001",
    "/report",
    "/compare",
    "/compare?measure=M-00001",
    "/compare.csv?measure=M-00001",
    "/changes",
    "/changes?show=weakened",
    "/feeds/changes.atom",
    "/feeds/commitments/C-00001.atom",
    "/feeds/places/E05011121.atom",
    "/commitments/C-00001/statement",
    "/commitments/C-00001?as_of=5&day=2026-01-06",
    "/commitments/C-00001/versions",
    "/signatories/S-00001/statement?day=2026-01-05",
    "/badges/C-00001.svg",
    "/embedded/C-00001",
    "/badge?key=C-00001",
    "/glossary",
    "/methods",
    "/for/buyers",
    "/data",
    "/data/dictionary",
    "/docs/data.md",
    "/docs/verify.py",
    "/docs/log-vectors.json",
    "/docs/threats.md",
    "/data.json",
    "/schemas/v1/updates.json",
    "/sitemap.xml",
    "/sitemaps/pages.xml",
    "/robots.txt",
    "/.well-known/security.txt",
    "/.well-known/register-head",
    "/.well-known/register-head-keys",
    "/verify",
    "/privacy",
    "/accessibility",
    "/contact",
]
# The API's own file, redirects, files of evidence, and pictures.
OPENED_ELSEWHERE = {
    "website:without_slash",  # leads elsewhere
    "website:commitments_csv",
    "website:identifier",
    "website:short",
    "website:evidence",
    "website:photograph",
    "website:sharing_picture",
    "website:commitment_past",
}
# The most queries of each page, one of them for the head; the size of the register adds none.
QUERIES = {
    "/": 27,
    "/commitments": 6,
    "/commitments?q=apprenticeships": 7,
    "/commitments?theme=T-00001&size=small&nature=output&sort=due": 9,
    "/commitments?signatory_name=organisation": 6,
    "/search": 1,
    "/search?q=apprenticeships": 9,
    "/search?q=aprenticeships+Astn": 18,
    "/commitments/C-00001": 6,
    "/signatories": 7,
    "/signatories?reporting=silent&size=small": 7,
    "/updates-not-received": 16,
    "/signatories/S-00001": 10,
    "/themes": 6,
    "/themes/T-00001": 12,
    "/measures": 4,
    "/measures/M-00001": 14,
    "/places": 5,
    "/places/E05011121": 9,
    "/places/E08000025": 11,
    "/successes": 9,
    "/successes/W-00001": 5,
    "/updates/U-00001": 5,
    "/statistics": 19,
    "/statistics/answers": 9,
    "/statistics/measures": 6,
    "/summary?theme=T-00001": 9,
    "/report": 12,
    "/compare": 3,
    "/compare?measure=M-00001": 7,
    "/compare?compare=S-00001": 16,
    "/changes": 9,
    "/changes?show=overdue": 6,
    "/feeds/changes.atom": 8,
    "/feeds/themes/T-00001.atom": 14,
    "/feeds/places/E05011121.atom": 12,
    "/commitments/C-00001/statement": 19,
    "/commitments/C-00001?as_of=5": 19,
    "/commitments/C-00001/versions": 3,
    "/signatories/S-00001/statement": 17,
    "/contact": 2,
    "/verify": 2,
}


@pytest.fixture
def update_and_success(commitment):
    """Publish an update and a success of the commitment."""
    publish("2026-01-05", items.update(), items.success())


# Every page


def test_each_public_address_is_among_those_tested_here():
    tested = {resolve(urlsplit(address).path).view_name for address in ADDRESSES}
    assert OPENED_ELSEWHERE | tested == {f"website:{page.name}" for page in urlpatterns}


def test_no_page_sets_a_cookie_and_every_page_has_an_etag(update_and_success, reader):
    for address in ADDRESSES:
        response = reader.get(address)
        assert response.status_code == 200, address
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response["Cache-Control"] == "public, no-cache"
        assert response["ETag"].startswith('"8.')


def test_unchanged_page_costs_a_returning_reader_one_query(
    update_and_success, reader, django_assert_num_queries
):
    for address in ADDRESSES:
        etag = reader.get(address)["ETag"]
        with django_assert_num_queries(1):
            response = reader.get(address, headers={"If-None-Match": etag})
        assert response.status_code == 304, address
        assert response["ETag"] == etag
        assert not response.content


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("/commitments/C-00001", "/commitments/C-ZZZZZ"),
        ("/statistics", "/statistics/colours"),
        ("/api/v1/commitments", "/api/v1/commitments?colour=red"),
        ("/api/v1/commitments/C-00001", "/api/v1/commitments/C-ZZZZZ"),
    ],
)
def test_wrong_address_is_an_error_whatever_the_reader_has_kept(commitment, reader, asked, wrong):
    etag = reader.get(asked)["ETag"]
    for kept in (etag, "*"):
        answer = reader.get(wrong, headers={"If-None-Match": kept})
        assert answer.status_code in (400, 404)
        assert "ETag" not in answer
    assert reader.post(asked, headers={"If-None-Match": etag}).status_code == 405


def test_etag_changes_with_the_log_and_at_midnight_in_london(commitment, reader):
    with clock.fixed_at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        evening = reader.get("/")["ETag"]
    with clock.fixed_at(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):
        assert reader.get("/")["ETag"] != evening
    publish("2026-06-30", items.commitment("C-00002"))
    with clock.fixed_at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        assert reader.get("/")["ETag"] != evening


def test_no_page_has_an_inline_style_or_script(update_and_success, reader):
    for address in ADDRESSES:
        body = reader.get(address).content.decode()
        if address.endswith(".svg"):
            continue  # A drawing for other sites has its colours within it.
        # A block of data never runs.
        body = body.replace('<script type="application/ld+json">', "")
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", body), address


def test_public_pages_accept_no_forms(commitment, reader):
    assert reader.post("/commitments").status_code == 405
    assert reader.head("/commitments/C-00001").status_code == 200


def test_number_of_queries_does_not_grow_with_the_register(
    commitment, reader, django_assert_max_num_queries
):
    publish("2026-02-01", items.update(), items.success(), items.commitment("C-00002"))
    publish("2026-02-02", items.commitment(action="amend", title="Less", change_reason="Fewer."))
    publish("2026-02-02", items.period(requested_on=["2026-04-07"]))
    for address, limit in QUERIES.items():
        with django_assert_max_num_queries(limit):
            assert reader.get(address).status_code == 200, address
    for number in range(60):
        publish(
            "2026-02-01",
            items.signatory(f"S-1{number:04}", legal_name=f"Organisation {number}"),
            items.commitment(f"C-1{number:04}", title=f"Apprenticeships {number}"),
            items.commitment(f"C-2{number:04}", signatory=f"S-1{number:04}"),
            items.success(
                f"W-1{number:04}", signatory=f"S-1{number:04}", commitments=[f"C-2{number:04}"]
            ),
        )
    for number in (1, 2):
        publish("2026-09-01", items.period(number), items.update(number))
    for address, limit in QUERIES.items():
        with django_assert_max_num_queries(limit):
            assert reader.get(address).status_code == 200, address


def test_every_page_of_the_demonstration_is_marked_as_fictitious(commitment, reader, settings):
    settings.DEMO = True
    assert "every business and charity here is fictitious" in reader.get("/verify").content.decode()
    settings.DEMO = False
    assert "fictitious" not in reader.get("/verify").content.decode()


# Addresses


@pytest.mark.parametrize(
    ("address", "status", "location"),
    [
        ("/c-oooo1", 308, "/C-00001"),
        ("/commitments/c-0000l", 308, "/commitments/C-00001"),
        ("/signatories/s-00001", 308, "/signatories/S-00001"),
        ("/id/c-00001", 308, "/id/C-00001"),
        ("/id/c-00001?as_of=3", 308, "/id/C-00001?as_of=3"),
        ("/C-00001", 303, "/id/C-00001"),
        ("/C-00001?day=2026-03-31", 303, "/id/C-00001?day=2026-03-31"),
        ("/id/C-00001", 303, "/commitments/C-00001"),
        ("/id/C-00001?as_of=3", 303, "/commitments/C-00001?as_of=3"),
        ("/commitments/c-00001?as_of=3", 308, "/commitments/C-00001?as_of=3"),
        ("/id/P-00001", 303, "/commitments/C-00001#P-00001"),
        ("/id/T-00001", 303, "/themes/T-00001"),
        ("/id/M-00001", 303, "/measures/M-00001"),
        ("/id/A-00001", 303, "/api/v1/charters/A-00001"),
        ("/themes/t-oooo1", 308, "/themes/T-00001"),
    ],
)
def test_key_in_any_spelling_leads_to_the_page(commitment, reader, address, status, location):
    response = reader.get(address)
    assert (response.status_code, response["Location"]) == (status, location)


def test_address_with_a_slash_at_its_end_leads_to_the_one_without(commitment, reader):
    for address in ("/commitments", "/commitments/C-00001", "/statistics/theme", "/business"):
        answer = reader.get(f"{address}/?a=1")
        assert (answer.status_code, answer["Location"]) == (301, f"{address}?a=1")
    for address in ("/x/", "/%2Fexample.org/", "/%2Fcommitments.example.org/"):
        assert reader.get(address).status_code == 404


def test_breadcrumbs_end_with_the_page_itself(commitment, reader):
    trail = re.search(r"<nav class=.govuk-breadcrumbs.*?</nav>", reader.get("/themes/T-00001").text,
                      flags=re.S)  # fmt: skip
    assert trail
    assert re.search(r'aria-current="page">Local Employment</li>\s*</ol>', trail[0])


def test_program_asking_for_json_is_redirected_to_json(commitment, reader):
    response = reader.get("/id/C-00001", headers={"Accept": "application/json"})
    assert response["Location"] == "/api/v1/commitments/C-00001"


@pytest.mark.parametrize("address", ["/commitments/C-99999", "/id/C-99999", "/signatories/X", "/x"])
def test_unknown_address_is_explained_in_plain_words(commitment, reader, address):
    response = reader.get(address)
    assert response.status_code == 404
    assert "If you typed the web address" in response.content.decode()
    assert not response.cookies


# The other pages


def test_home_shows_dated_totals_and_silent_commitments(commitment, reader):
    publish("2026-04-16", items.period(requested_on=["2026-04-07"]))
    body = reader.get("/")
    with clock.fixed_at(day("2026-07-01")):
        body = reader.get("/").content.decode()
    totals = "1 signatory has made 1 commitment. It is open. Reporting on 1 July 2026: 1 silent."
    assert totals in body
    words = read(reader, "/", "2026-07-01")
    assert "Overdue from 30 days after a due date, silent from 90." in words
    assert "Brookfield Catering Ltd Reporting: Silent 1 of 1 open commitment" in words


def test_changes_page_shows_old_and_new_values(commitment, reader):
    publish(
        "2026-02-02",
        items.commitment(
            action="correct", title="20 apprenticeships", change_reason="Typing error."
        ),
    )
    words = read(reader, "/changes", "2026-02-03")
    assert "2 February 2026" in words
    assert "Corrected. Commitment" in words
    assert "Entry 7" in words
    assert "Commitment Twenty apprenticeships → became 20 apprenticeships" in words
    assert "Reason given: “Typing error.”" in words


def test_footer_and_verify_page_show_the_head_of_the_log(commitment, reader):
    head = publishing.head()
    assert f"{head.hash[:12]}…" in reader.get("/privacy").content.decode()
    assert head.hash in read(reader, "/verify")


def test_reporting_state_changes_by_date_without_a_task(commitment, reader):
    publish("2026-04-16", items.period(requested_on=["2026-04-07"]))
    states = [
        re.search(
            r"Reporting: (Up to date|Due now|Overdue|Silent)",
            read(reader, "/commitments/C-00001", on),
        )
        for on in ("2026-03-31", "2026-04-01", "2026-05-01", "2026-06-30")
    ]
    assert [state and state[1] for state in states] == [
        "Up to date",
        "Due now",
        "Overdue",
        "Silent",
    ]
    assert day("2026-04-01") + timedelta(days=90) == day("2026-06-30")
