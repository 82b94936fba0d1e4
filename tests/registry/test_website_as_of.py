"""Pages, lists and statements as they were at an earlier moment."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from registry import clock
from registry.log import as_of, publishing
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website import as_of as as_of_pages
from registry.website import commitment, past_list, themes
from registry.website.signatory_page import build_signatory_page
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db
API = "/api/v1"
KEYS = {
    "charter": "A-00001",
    "theme": "T-00001",
    "measure": "M-00001",
    "signatory": "S-00001",
    "commitment": "C-00001",
    "period": "P-00002",
    "update": "U-00001",
    "success": "W-00001",
    "notice": "N-00001",
}
PAGES = [f"/{spec.plural}/{KEYS[kind]}" for kind, spec in kinds.KINDS.items() if spec.has_page]
RECORDS = [f"{API}/{spec.plural}/{KEYS[kind]}" for kind, spec in kinds.KINDS.items()]
LISTS = [f"{API}/{spec.plural}" for spec in kinds.KINDS.values()]


@pytest.fixture
def register():
    """Publish the year of a commitment.

    It is updated, weakened, left without an update and closed; its signatory is paused and then
    unreachable.
    """
    publish("2026-01-05", *items.small_register())
    publish(
        "2026-03-20",
        items.period(received_on="2026-03-20", update="U-00001"),
        items.update(cumulative_value="9", reported_on="2026-03-20"),
    )
    publish("2026-04-10", items.period(2), items.success(), items.featured())
    publish(
        "2026-05-05",
        items.commitment(
            action="amend",
            title="Fifteen apprenticeships",
            target={"value": "15", "by": "2027-06-30"},
            change_reason="A site closed.",
        ),
    )
    publish("2026-07-16", items.period(2, requested_on=["2026-07-04", "2026-07-15"]))
    publish(
        "2026-08-20",
        items.signatory(
            pause={"from": "2026-08-20", "to": "2026-09-10", "reason": "Moving house."}
        ),
    )


@pytest.fixture
def later_acts(register):
    """Return a function that ends the commitment and changes everything about it."""

    def perform() -> None:
        publish(
            "2026-10-30",
            items.signatory(
                unreachable_since="2026-10-25",
                legal_name="Other",
                standing="suspended",
                standing_since="2026-10-30",
                standing_reason="It was slow.",
            ),
        )
        publish("2026-11-02", replace(items.measure(title="Starts"), key="M-00002"))
        publish(
            "2026-11-20",
            items.commitment(
                action="correct", measure="M-00002", title="Another", change_reason="Recounted."
            ),
            items.commitment("C-00002", based_on="C-00001"),
            items.update(2, cumulative_value="12", reported_on="2026-11-20"),
            items.update(action="withdraw", change_reason="Wrong file."),
            items.success(action="correct", commitments=["C-00002"], change_reason="Moved."),
            items.charter(overdue_after_days=1),
            items.commitment(
                action="close", end_reason="expired", change_reason="Its time is over."
            ),
            items.commitment("C-00003", supersedes="C-00001"),
        )
        publish("2026-11-21", *[items.commitment(f"C-1{number:04}") for number in range(500)])

    return perform


def facts(reader, address: str, on: str) -> str:
    """Return a page without what tells of the present: the banner, the day, and the head."""
    words = read(reader, address, on)
    words = re.sub(r"This is the page as of entry .*? See it as it is today ", "", words)
    return re.sub(r"· head \w+…", "", words)


def test_citations_show_the_same_facts_500_entries_later(register, later_acts, reader):
    today = "2026-09-15"  # A day on which an update is overdue, and no entry says so.
    head = publishing.head().number
    before = {}
    for page in PAGES:
        body = read(reader, page, today)
        cited = re.search(r"To cite: Charter Register.*? http://localhost:8000(\S+) ", body)[1]
        address = cited.replace("&amp;", "&")
        assert address == f"{page}?as_of={head}&day={today}"
        before[page, address] = facts(reader, address, today)
    later_acts()
    assert publishing.head().number >= head + 500
    for (page, address), words in before.items():
        assert facts(reader, address, "2027-12-01") == words
        assert facts(reader, page, "2027-12-01") != words


def test_pages_at_the_head_equal_those_of_today(register, reader):
    today = "2026-09-15"
    for page in PAGES:
        past = facts(reader, f"{page}?as_of={publishing.head().number}&day={today}", today)
        present = facts(reader, page, today).removeprefix("On an earlier date · Every version ")
        if page.startswith("/commitments"):  # It leaves the comparison with other ones out.
            assert past[:400] == present[:400]
        else:
            assert past == present


def test_records_of_every_kind_answer_the_same_500_entries_later(register, later_acts, client):
    head, last_day = publishing.head().number, "2026-09-15"
    moments = [{"as_of": head}, {"as_of": head, "day": last_day}, {"as_of": head - 3}]
    with clock.fixed_at(day(last_day)):
        answers = [client.get(address, moment).json() for address, moment in each_with(moments)]
        today = [client.get(address).json() for address in RECORDS]
    assert today == answers[1 :: len(moments)][: len(RECORDS)]
    later_acts()
    with clock.fixed_at(day("2027-12-01")):
        later = [client.get(address, moment).json() for address, moment in each_with(moments)]
        by_day = [client.get(address, {"day": last_day}).json() for address in RECORDS]
    assert [answer.get("data", answer) for answer in later] == [
        answer.get("data", answer) for answer in answers
    ]
    assert by_day == today


def each_with(moments: list[dict]) -> list[tuple[str, dict]]:
    return [(address, moment) for address in [*RECORDS, *LISTS] for moment in moments]


def test_past_page_shows_the_text_of_its_day(register, reader):
    words = read(reader, "/commitments/C-00001?day=2026-03-31", "2026-12-01")
    assert "This is the page as of entry 8, on 31 March 2026." in words
    assert "“Twenty apprenticeships”" in words
    assert "9 of 20" in words
    assert "Up to date. Last update 20 March 2026: 9 of 20." in words
    assert "Fifteen" not in words
    assert "Weakened on" not in words


@pytest.mark.parametrize(
    ("key", "build_page"),
    [
        ("C-00001", commitment.public_page),
        ("S-00001", build_signatory_page),
        ("T-00001", themes.build_theme_page),
    ],
)
def test_past_page_equals_the_page_built_from_todays_records(register, key, build_page):
    head = publishing.head().number
    on = date(2026, 8, 20)  # The day of the last entry.
    while on < date(2026, 12, 1):
        page = as_of_pages.page_at(key, as_of.Moment(head, on), build_page)
        assert page == build_page(Record.objects.get(key=key), on)
        on += timedelta(days=12)


def test_statement_has_all_the_details_needed_to_check_it(register, reader):
    for address in ("/commitments/C-00001/statement", "/signatories/S-00001/statement"):
        words = read(reader, f"{address}?day=2026-03-31", "2026-12-01")
        last = Entry.objects.filter(at__date__lte="2026-03-31").latest("number")
        assert "Statement as at 31 March 2026" in words
        assert f"{address}?as_of=8&amp;day=2026-03-31" in words
        assert re.search(r"Key [CS]-00001", words)
        assert "Entry of this record" in words
        assert f"Last entry it rests on {last.number}" in words
        assert last.hash in words
        assert "Up to date" in words
        assert "Twenty apprenticeships" in words


def test_statement_of_today_matches_the_page_of_today(register, reader):
    end = items.commitment(action="close", end_reason="expired", change_reason="Its time is over.")
    publish("2026-11-20", end)
    words = read(reader, "/commitments/C-00001/statement", "2026-12-01")
    assert "Statement as at 1 December 2026" in words
    assert publishing.head().hash in words
    assert (
        "on 20 November 2026, with the council’s agreement: ended without being fully met." in words
    )


def test_nothing_is_found_before_the_first_entry(register, reader):
    for address in [*PAGES, "/commitments/C-00001/statement"]:
        response = reader.get(f"{address}?day=2025-12-31")
        assert response.status_code == 404
        assert "was not yet published" in response.text
    for address in RECORDS:
        assert reader.get(f"{address}?day=2025-12-31").status_code == 404


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("as_of=0", "as_of", "an entry from 1 to 14"),
        ("as_of=15", "as_of", "an entry from 1 to 14"),
        ("as_of=banana", "as_of", "an entry from 1 to 14"),
        ("as_of=", "as_of", "an entry from 1 to 14"),
        ("day=2027-01-01", "day", "still to come"),
        ("day=May", "day", "such as 2026-03-31"),
        ("day=20260331", "day", "such as 2026-03-31"),
        ("as_of=14&day=2026-08-19", "day", "Entry 14 is of 2026-08-20"),
        ("day=2026-03-31&day=2026-04-01", "day", "once"),
    ],
)
def test_moment_that_cannot_be_shown_is_refused(register, reader, query, parameter, words):
    with clock.fixed_at(day("2026-12-01")):
        for address in ("/commitments/C-00001", "/themes/T-00001", "/commitments/past"):
            page = reader.get(f"{address}?{query}")
            assert page.status_code == 400
            assert f"The address has <strong>{parameter}</strong>." in page.text
            assert words in page.text
        problem = reader.get(f"{API}/commitments/C-00001?{query}").json()
    assert problem["status"] == 400
    assert problem["errors"][0]["parameter"] == parameter


def test_redacted_text_is_removed_from_past_pages(register, reader):
    number = Entry.objects.get(key="C-00001", action="publish").number
    publishing.redact([number], reason_code="personal_data")
    for part in ("", "/statement"):
        address = f"/commitments/C-00001{part}?day=2026-03-31"
        assert "Twenty apprenticeships" not in read(reader, address, "2026-12-01")
        assert "The text of this record was removed." in read(reader, address, "2026-12-01")


def test_past_page_says_if_it_rests_on_the_newest_commitments_only(register, reader, monkeypatch):
    publish("2026-09-01", *[items.commitment(f"C-0000{number}") for number in (2, 3)])
    monkeypatch.setattr(as_of, "MOST_COMMITMENTS", 2)
    for page in ("/themes/T-00001", "/measures/M-00001", "/signatories/S-00001"):
        words = read(reader, f"{page}?as_of=16", "2026-12-01")
        assert "cover the 2 commitments published or changed last by then." in words
        assert "2 commitments" in words
        assert "changed last by then" not in read(reader, f"{page}?as_of=15", "2026-12-01")


def test_past_list_shows_the_commitments_of_its_day(register, reader):
    words = read(reader, "/commitments/past?day=2026-03-31", "2026-12-01")
    assert "This is the list as of entry 8, on 31 March 2026." in words
    assert "1 commitment." in words
    assert "Twenty apprenticeships" in words
    assert "Fifteen" not in words
    assert "On track" in words
    summer = read(reader, "/commitments/past?as_of=13&day=2026-08-01", "2026-12-01")
    assert "1 commitment, 1 not heard from in time, 1 weakened." in summer
    assert "Fifteen apprenticeships" in summer
    with clock.fixed_at(day("2026-12-01")):
        page = reader.get("/commitments?day=2026-05-05", follow=True)
        assert "commitments?as_of=12&amp;day=2026-05-05" in page.text


def test_past_list_continues_with_earlier_commitments(register, reader, monkeypatch):
    publish("2026-09-01", *[items.commitment(f"C-0000{number}") for number in (2, 3)])
    monkeypatch.setattr(past_list, "ROWS", 1)
    address, shown = "/commitments/past?as_of=16&day=2026-09-01", []
    while address:
        with clock.fixed_at(day("2026-12-01")):
            body = reader.get(address).text
        shown += re.findall(r'href="/commitments/(C-\w+)', body)
        assert ("At least 1 commitment." if address.endswith("01") else "1 earlier") in body
        following = re.search(r'href="(\S+)" rel="next"', body)
        address = following and following[1].replace("&amp;", "&")
    assert list(dict.fromkeys(shown)) == ["C-00003", "C-00002", "C-00001"]


PAST_MATCHES = {
    "q=more": ["C-00002"],  # Its title of then.
    "q=elsewhere": [],
    "q=brookfield": ["C-00003", "C-00002", "C-00001"],
    "delivery=on_track": ["C-00001"],
    "delivery=on_track&q=fifteen": ["C-00001"],
    "delivery=withdrawn": [],
    "weakened=true": ["C-00001"],
    "area=E05011121": ["C-00002"],
    "signatory=S-00001&area=E08000025": ["C-00002"],
    "theme=T-00001": ["C-00003", "C-00002", "C-00001"],
    "size=micro": [],
}


@pytest.mark.parametrize(("query", "keys"), PAST_MATCHES.items())
def test_past_list_keeps_its_filters_and_finds_what_was_so_then(
    register, reader, monkeypatch, query, keys
):
    """However many commitments a page looks through, all that fit are found."""
    publish("2026-09-01", items.commitment("C-00002", title="More", area_codes=["E05011121"]),
            items.commitment("C-00003", title="Others"))  # fmt: skip
    publish("2026-10-01", items.commitment("C-00002", "amend", title="Elsewhere",
                                           change_reason="Moved."),
            items.commitment(action="withdraw", change_reason="Sold."))  # fmt: skip
    for looked_at in (250, 1):
        monkeypatch.setattr(past_list, "LOOKED_AT", looked_at)
        address, shown = f"/commitments?day=2026-09-15&{query}", []
        while address:
            with clock.fixed_at(day("2026-12-01")):
                body = reader.get(address, follow=True).text
            shown += dict.fromkeys(re.findall(r'href="/commitments/(C-\w+)"', body))
            assert "on 15 September 2026." in body
            following = re.search(r'href="(\S+)" rel="next"', body)
            address = following and following[1].replace("&amp;", "&")
        assert shown == keys
        assert ("looked through 1 commitment" in body) is (looked_at == 1)


def test_past_list_can_be_left_with_its_filters(register, reader):
    page = reader.get("/commitments/past?day=2026-03-31&q=apprenticeships&theme=T-00001").text
    assert 'href="/commitments?q=apprenticeships&amp;theme=T-00001">See it as it is today' in page
    assert '<input type="hidden" name="q" value="apprenticeships">' in page
    assert '<span class="govuk-visually-hidden">Remove the filter </span>“apprent' in page
    assert 'href="/commitments/past?theme=T-00001&amp;as_of=' in page


def test_past_of_a_place_is_the_list_of_its_commitments_then(register, reader):
    answer = reader.get("/places/E05011121?day=2026-03-31")
    assert answer["Location"] == "/commitments/past?day=2026-03-31&area=E05011121"
    for address in ("/statistics", "/signatories", "/successes", "/themes", "/measures", "/"):
        answer = reader.get(f"{address}?day=2026-03-31")
        assert answer.status_code == 400
        assert "This page is of today only. You can see a commitment," in answer.text


def test_past_list_has_a_sentence_before_the_first_entry(register, reader):
    assert "Nothing was published yet." in read(reader, "/commitments/past?day=2025-12-31")


def test_former_address_of_the_past_still_leads_to_it(register, reader):
    response = reader.get("/commitments/C-00001/past?at=2026-03-31")
    assert response.status_code == 301
    assert response["Location"] == "/commitments/C-00001?day=2026-03-31"


def test_parameters_of_trackers_are_left_out_of_the_address(register, reader):
    response = reader.get("/commitments?fbclid=x&q=apprenticeships")
    assert response.status_code == 302
    assert response["Location"] == "/commitments?q=apprenticeships"


def test_former_name_of_the_day_still_leads_to_it(register, reader):
    response = reader.get("/commitments/past?at=2026-03-31&q=apprentices")
    assert response.status_code == 302
    assert response["Location"] == "/commitments/past?q=apprentices&day=2026-03-31"


# With the words that the page has beside what it shows without the parameter; "" if it shows none.
REFUSED = [
    ("/?q=x", "q", "This page has no filter or option “q”."),
    ("/commitments?delivery=late", "delivery", "“late” is not one of on_track, at_risk,"),
    ("/commitments?foo=1&reporting=late", "reporting", "“late” is not one of up_to_date, due,"),
    ("/commitments?before=x", "before", "This is no page of the list."),
    ("/commitments?sort=worst", "sort", "“worst” is not one of relevance, newest, due, heard"),
    ("/commitments?q=%00", "q", "Enter plain text."),
    ("/summary?theme=local", "theme", "“local” is not a value of this filter."),
    ("/report?after=x", "after", "This is no page of the list."),
    ("/signatories?after=S-ZZZZZ", "after", "This is no page of the list."),
    ("/successes?size=huge", "size", "“huge” is not one of micro, small, medium, large"),
    ("/places?show=nonsense", "show", "“nonsense” is not one of"),
    ("/changes?show=nonsense", "show", "“nonsense” is not one of new, updates,"),
    ("/changes?since=May", "since", "such as 2026-03-31"),
    ("/themes/T-00001?foo=1", "foo", "This page has no filter or option “foo”."),
    ("/compare?measure=M-ZZZZZ", "measure", "“M-ZZZZZ” is not one of"),
    ("/badge?what=banner", "what", "“banner” is not one of badge, block."),
    ("/join?foo=1", "foo", "This page has no filter or option “foo”."),
    ("/statistics?at=2025-06-01", "at", ""),
    ("/statistics?day=2025-06-01", "day", ""),
    ("/feeds/changes.atom?before=x", "before", ""),
]


@pytest.mark.parametrize(("address", "parameter", "words"), REFUSED)
def test_parameter_that_a_page_cannot_honour_is_named_beside_the_page(
    register, reader, address, parameter, words
):
    response = reader.get(address)
    assert response.status_code == 400
    assert "ETag" not in response
    if words:
        assert words in response.text
        assert f"We show the page without “{parameter}”." in response.text
        whole = reader.get(address.partition("?")[0]).text
        [title] = re.findall(r"<h1[^>]*>.*?</h1>", whole, flags=re.S)
        assert title in response.text
    else:
        assert f"The address has <strong>{parameter}</strong>." in response.text


def test_versions_are_listed_with_what_changed_and_why(register, reader):
    words = read(reader, "/commitments/C-00001/versions", "2026-12-01")
    assert "Version 2, 5 May 2026 Changed, entry 12. Reason given: “A site closed.”" in words
    assert "Commitment Twenty apprenticeships → became Fifteen apprenticeships" in words
    assert "Weakened: target lowered from 20 to 15" in words
    assert "a correction, what should have been written before" in words
    assert "Version 1, 5 January 2026 Published, entry 5." in words
    page = reader.get("/commitments/C-00001/versions").text
    assert 'href="/commitments/C-00001?as_of=12&amp;day=2026-05-05"' in page
    assert 'href="/api/v1/commitments/C-00001/versions/2"' in page
    publishing.redact([5], reason_code="personal_data")
    words = read(reader, "/commitments/C-00001/versions", "2026-12-01")
    assert "Twenty apprenticeships" not in words
    assert "entry 5. The text of this version was removed." in words


def test_records_of_every_kind_have_a_page_of_their_versions(register, reader):
    for kind, spec in kinds.KINDS.items():
        assert "Version 1," in read(reader, f"/{spec.plural}/{KEYS[kind]}/versions", "2026-12-01")
        assert reader.get(f"/{spec.plural}/A-ZZZZZ/versions").status_code == 404
