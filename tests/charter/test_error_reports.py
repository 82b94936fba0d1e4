"""A reader says what is wrong in a record; the council puts it right, says so, and answers."""

from datetime import timedelta

import pytest
from django.test import Client

from charter import tasks
from charter.actions import error_reports
from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import ErrorReport, Message
from registry import clock
from registry.models import Entry, Record
from reporting.redaction import search as redaction_search
from tests import factories
from tests.charter.test_concurrent_edits import at_once
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
NOOR = "noor@reader.example"
WRONG = "The college of that name closed in 2019."
CREDIT = "A reader pointed this out."


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


def sent(key, headers=OURS, **fields):
    told = {"wrong": WRONG, "right": "See its own page.", "email": NOOR}
    return Client().post(f"/report-an-error?about={key}", told | fields, **headers)


def decided(client, found, words="Thank you."):
    path = f"/council/error-reports/{ErrorReport.objects.get().pk}"
    return client.post(path, {"found": found, "comments": words}, follow=True)


def test_an_error_comes_from_the_public_page_to_the_queue_and_back_as_a_email(dev, sink):
    key = factories.published_commitment().key
    link = f"/report-an-error?about={key}"
    assert f'href="{link}"' in Client().get(f"/commitments/{key}").text
    page = Client().get(link)
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    assert key in page.text
    for _ in range(2):  # a second click
        assert sent(key).url == "/report-an-error/sent"
    assert "Thank you for telling us" in Client().get("/report-an-error/sent").text
    report = ErrorReport.objects.get()
    assert "1 reported error" in dev.get("/council").text
    item = f"/council/error-reports/{report.pk}"
    assert item in dev.get("/council").text
    page = dev.get(item).text
    for seen in (WRONG, "See its own page.", NOOR, f"/id/{key}"):
        assert seen in page
    page = dev.post(item, {"found": "put_right", "comments": ""}).text
    assert "the reader reads nothing else" in page
    decided(dev, "put_right", "The name is right now.")
    assert "decided already" in decided(dev, "nothing_wrong").text
    assert item not in dev.get("/council").text
    outbox.drain()
    [email] = [email for email in sink.emails() if email["To"] == NOOR]
    assert email["Subject"] == f"The error that you reported in {key}"
    text = email.get_body(("plain",)).get_content()
    assert "It was put right." in text
    assert "The name is right now." in text


def test_who_gives_no_address_is_not_written_to(dev):
    sent(factories.published_commitment().key, email="")
    page = dev.get(f"/council/error-reports/{ErrorReport.objects.get().pk}").text
    assert "nobody is written to" in page
    assert "Closed." in decided(dev, "nothing_wrong").text
    assert not Message.objects.filter(kind="error_report_response").exists()


def test_the_published_correction_says_that_a_reader_pointed_it_out(dev):
    commitment = factories.published_commitment()
    sent(commitment.key)
    corrected = {"action": "correct", "reason": "We wrote it wrongly.", "values": {"title": "B"}}
    change = factories.proposed_change(commitment, **corrected)
    item = f"/council/items/{commitment.key}"
    page = dev.get(item)
    assert WRONG in page.text
    page = dev.post(f"{item}/publish", {"seen_digest": "something else", "pointed_out": "yes"})
    assert page.status_code == 409
    assert "checked>" in page.text  # nothing typed is lost
    dev.post(f"{item}/publish", {"seen_digest": page.context["seen_digest"], "pointed_out": "yes"})
    change.refresh_from_db()
    assert change.status == "approved"
    public = Client().get(f"/commitments/{commitment.key}").text
    assert f"We wrote it wrongly. {CREDIT}" in public
    assert WRONG not in public


@pytest.mark.parametrize("case", ["no report", "refused", "not a correction", "not ticked"])
def test_a_reader_is_named_only_where_one_pointed_out_what_is_corrected(dev, case):
    commitment = factories.published_commitment()
    if case != "no report":
        sent(commitment.key)
    if case == "refused":
        decided(dev, "nothing_wrong")
    action = "amend" if case == "not a correction" else "correct"
    factories.proposed_change(commitment, action=action)
    page = dev.get(f"/council/items/{commitment.key}")
    assert (CREDIT.strip(".") in page.text) == (case == "not ticked")
    ticked = {} if case == "not ticked" else {"pointed_out": "yes"}
    dev.post(
        f"/council/items/{commitment.key}/publish",
        {"seen_digest": page.context["seen_digest"]} | ticked,
    )
    entry = Entry.objects.filter(key=commitment.key).latest("number")
    assert entry.action == action
    assert CREDIT not in entry.item


def test_nothing_of_a_report_is_public():
    key = factories.published_commitment().key
    entries = Entry.objects.count()
    sent(key)
    assert Entry.objects.count() == entries
    for path in (f"/commitments/{key}", f"/api/v1/commitments/{key}/versions", "/changes"):
        page = Client().get(path).text
        assert WRONG not in page
        assert NOOR not in page


@pytest.mark.parametrize("kind", ["signatory", "theme", "measure"])
def test_an_error_can_be_reported_in_every_kind_of_record(kind):
    factories.published_commitment()
    record = Record.objects.filter(kind=kind).latest("pk")
    page = Client().get(f"/id/{record.key}", follow=True)
    assert f"/report-an-error?about={record.key}" in page.text
    assert sent(record.key).status_code == 302


def test_of_a_record_that_we_do_not_know_the_page_says_so_kindly():
    for about in ("C-99999", "nonsense", "", "%00"):
        page = Client().get(f"/report-an-error?about={about}")
        assert page.status_code == 404
        assert "We do not know this record" in page.text
    assert sent("C-99999").status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"wrong": "x" * 2_001}, "at most 2000 characters"),
        ({"wrong": " "}, "Say what is wrong"),
        ({"email": "noor at reader"}, "valid email address"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field_and_stays(typed, said):
    page = sent(factories.published_commitment().key, **typed)
    assert "There is a problem" in page.text
    assert said in page.text
    for words in ({"right": "See its own page."} | typed).values():
        assert words in page.text
    assert not ErrorReport.objects.exists()


def test_a_form_that_is_not_ours_is_refused():
    key = factories.published_commitment().key
    assert sent(key, {}).status_code == 403
    assert sent(key, {"HTTP_ORIGIN": "https://elsewhere.example"}).status_code == 403
    assert not ErrorReport.objects.exists()


def test_one_connection_sends_so_many_reports_an_hour_and_no_more():
    key = factories.published_commitment().key
    answers = [sent(key, wrong=f"Error {number}").status_code for number in range(11)]
    assert answers == [302] * 10 + [429]
    assert ErrorReport.objects.count() == 10


def test_only_the_council_reads_and_decides():
    report = factories.error_report(factories.published_commitment().key)
    asha = signed_in(factories.asha())
    for answer in (asha.get, asha.post):
        assert answer(f"/council/error-reports/{report.pk}").status_code == 403
    with pytest.raises(NotAllowedError):
        error_reports.close_report(report, by=factories.asha(), put_right=True)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_decide_once():
    report = factories.error_report(factories.published_commitment().key)
    dev = factories.officer()
    at_once(
        lambda: error_reports.close_report(report, by=dev, put_right=True, comments="Thanks."), 2
    )
    assert Message.objects.filter(kind="error_report_response").count() == 1


def test_a_report_is_forgotten_a_year_after_the_decision():
    key = factories.published_commitment().key
    decided, waiting = factories.error_report(key), factories.error_report(key, wrong="Else.")
    error_reports.close_report(
        decided, by=factories.officer(), put_right=False, comments="It is so."
    )
    Message.objects.update(finished_at=clock.now())
    with clock.fixed_at(clock.now() + timedelta(days=364)):
        tasks.delete_decided_requests()
        assert ErrorReport.objects.count() == 2
    with clock.fixed_at(clock.now() + timedelta(days=366)):
        tasks.delete_decided_requests()
    assert list(ErrorReport.objects.all()) == [waiting]
    answer = Message.objects.get(kind="error_report_response")
    assert (answer.recipient, answer.text) == ("", "")
    assert "a correction only says that a reader pointed it out" in Client().get("/privacy").text


def test_redaction_finds_what_a_reader_wrote():
    factories.error_report(factories.published_commitment().key, right="Jane Doe told me.")
    places = redaction_search.find_passages(["Jane Doe"], []).places
    assert [(type(place.row), place.column) for place in places] == [(ErrorReport, "right")]
