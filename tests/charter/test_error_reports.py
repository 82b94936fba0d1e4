"""A reader reports an error in a record; the council corrects it, says so and replies."""

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
from tests.charter.test_concurrent_edits import run_concurrently
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
NOOR = "noor@reader.example"
WRONG = "The college of that name closed in 2019."
CREDIT = "A reader pointed this out."


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


def send_report(key, headers=OURS, **fields):
    defaults = {"wrong": WRONG, "right": "See its own page.", "email": NOOR}
    return Client().post(f"/report-an-error?about={key}", defaults | fields, **headers)


def close_report(client, outcome, comments="Thank you."):
    path = f"/council/error-reports/{ErrorReport.objects.get().pk}"
    return client.post(path, {"found": outcome, "comments": comments}, follow=True)


def test_error_report_reaches_the_queue_and_is_answered_by_email(dev, sink):
    key = factories.published_commitment().key
    link = f"/report-an-error?about={key}"
    assert f'href="{link}"' in Client().get(f"/commitments/{key}").text
    page = Client().get(link)
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    assert key in page.text
    for _ in range(2):  # a second click
        assert send_report(key).url == "/report-an-error/sent"
    assert "Thank you" in Client().get("/report-an-error/sent").text
    report = ErrorReport.objects.get()
    assert "1 reported error" in dev.get("/council").text
    item = f"/council/error-reports/{report.pk}"
    assert item in dev.get("/council").text
    page = dev.get(item).text
    for detail in (WRONG, "See its own page.", NOOR, f"/id/{key}"):
        assert detail in page
    page = dev.post(item, {"found": "put_right", "comments": ""}).text
    assert "the reader reads nothing else" in page
    close_report(dev, "put_right", "The name is right now.")
    assert "Someone has already dealt with this." in close_report(dev, "nothing_wrong").text
    assert item not in dev.get("/council").text
    outbox.drain()
    [email] = [email for email in sink.emails() if email["To"] == NOOR]
    assert email["Subject"] == f"The error you reported in {key}"
    text = email.get_body(("plain",)).get_content()
    assert "We have corrected it." in text
    assert "The name is right now." in text


def test_reader_without_an_address_gets_no_email(dev):
    send_report(factories.published_commitment().key, email="")
    page = dev.get(f"/council/error-reports/{ErrorReport.objects.get().pk}").text
    assert "nobody is written to" in page
    assert "Closed." in close_report(dev, "nothing_wrong").text
    assert not Message.objects.filter(kind="error_report_response").exists()


def test_published_correction_credits_the_reader(dev):
    commitment = factories.published_commitment()
    send_report(commitment.key)
    correction = {"action": "correct", "reason": "We wrote it wrongly.", "values": {"title": "B"}}
    change = factories.proposed_change(commitment, **correction)
    item_path = f"/council/items/{commitment.key}"
    page = dev.get(item_path)
    assert WRONG in page.text
    page = dev.post(f"{item_path}/publish", {"seen_digest": "something else", "pointed_out": "yes"})
    assert page.status_code == 409
    assert "checked>" in page.text  # the form keeps the tick
    dev.post(
        f"{item_path}/publish", {"seen_digest": page.context["seen_digest"], "pointed_out": "yes"}
    )
    change.refresh_from_db()
    assert change.status == "published"
    public = Client().get(f"/commitments/{commitment.key}").text
    assert f"We wrote it wrongly. {CREDIT}" in public
    assert WRONG not in public


@pytest.mark.parametrize("case", ["no report", "refused", "not a correction", "not ticked"])
def test_only_a_ticked_correction_credits_a_reader(dev, case):
    commitment = factories.published_commitment()
    if case != "no report":
        send_report(commitment.key)
    if case == "refused":
        close_report(dev, "nothing_wrong")
    action = "amend" if case == "not a correction" else "correct"
    factories.proposed_change(commitment, action=action)
    page = dev.get(f"/council/items/{commitment.key}")
    assert (CREDIT.strip(".") in page.text) == (case == "not ticked")
    checkbox = {} if case == "not ticked" else {"pointed_out": "yes"}
    dev.post(
        f"/council/items/{commitment.key}/publish",
        {"seen_digest": page.context["seen_digest"]} | checkbox,
    )
    entry = Entry.objects.filter(key=commitment.key).latest("number")
    assert entry.action == action
    assert CREDIT not in entry.item


def test_error_report_is_not_public():
    key = factories.published_commitment().key
    entries = Entry.objects.count()
    send_report(key)
    assert Entry.objects.count() == entries
    for path in (f"/commitments/{key}", f"/api/v1/commitments/{key}/versions", "/changes"):
        page = Client().get(path).text
        assert WRONG not in page
        assert NOOR not in page


@pytest.mark.parametrize("kind", ["signatory", "theme", "measure"])
def test_errors_can_be_reported_in_every_kind_of_record(kind):
    factories.published_commitment()
    record = Record.objects.filter(kind=kind).latest("pk")
    page = Client().get(f"/id/{record.key}", follow=True)
    assert f"/report-an-error?about={record.key}" in page.text
    assert send_report(record.key).status_code == 302


def test_report_about_an_unknown_record_gets_a_helpful_404():
    for about in ("C-99999", "nonsense", "", "%00"):
        page = Client().get(f"/report-an-error?about={about}")
        assert page.status_code == 404
        assert "We do not know this record" in page.text
    assert send_report("C-99999").status_code == 404


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"wrong": "x" * 2_001}, "at most 2000 characters"),
        ({"wrong": " "}, "Say what is wrong"),
        ({"email": "noor at reader"}, "valid email address"),
    ],
)
def test_invalid_report_shows_an_error_and_keeps_the_text(fields, error):
    page = send_report(factories.published_commitment().key, **fields)
    assert "There is a problem" in page.text
    assert error in page.text
    for words in ({"right": "See its own page."} | fields).values():
        assert words in page.text
    assert not ErrorReport.objects.exists()


def test_form_from_another_site_is_refused():
    key = factories.published_commitment().key
    assert send_report(key, {}).status_code == 403
    assert send_report(key, {"HTTP_ORIGIN": "https://elsewhere.example"}).status_code == 403
    assert not ErrorReport.objects.exists()


def test_one_connection_can_send_10_reports_an_hour():
    key = factories.published_commitment().key
    statuses = [send_report(key, wrong=f"Error {number}").status_code for number in range(11)]
    assert statuses == [302] * 10 + [429]
    assert ErrorReport.objects.count() == 10


def test_only_the_council_can_read_and_close_reports():
    report = factories.error_report(factories.published_commitment().key)
    asha = signed_in(factories.asha())
    for method in (asha.get, asha.post):
        assert method(f"/council/error-reports/{report.pk}").status_code == 403
    with pytest.raises(NotAllowedError):
        error_reports.close_report(report, by=factories.asha(), put_right=True)


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_send_one_reply():
    report = factories.error_report(factories.published_commitment().key)
    dev = factories.officer()
    run_concurrently(
        lambda: error_reports.close_report(report, by=dev, put_right=True, comments="Thanks."), 2
    )
    assert Message.objects.filter(kind="error_report_response").count() == 1


def test_error_report_is_deleted_a_year_after_the_decision():
    key = factories.published_commitment().key
    closed, undecided = factories.error_report(key), factories.error_report(key, wrong="Else.")
    error_reports.close_report(
        closed, by=factories.officer(), put_right=False, comments="It is so."
    )
    Message.objects.update(finished_at=clock.now())
    with clock.fixed_at(clock.now() + timedelta(days=364)):
        tasks.delete_decided_requests()
        assert ErrorReport.objects.count() == 2
    with clock.fixed_at(clock.now() + timedelta(days=366)):
        tasks.delete_decided_requests()
    assert list(ErrorReport.objects.all()) == [undecided]
    reply = Message.objects.get(kind="error_report_response")
    assert (reply.recipient, reply.text) == ("", "")
    assert "a correction only says that a reader reported it" in Client().get("/privacy").text


def test_redaction_search_covers_error_reports():
    factories.error_report(factories.published_commitment().key, right="Jane Doe told me.")
    places = redaction_search.find_passages(["Jane Doe"], [], user=factories.administrator()).places
    assert [(type(place.row), place.column) for place in places] == [(ErrorReport, "right")]
