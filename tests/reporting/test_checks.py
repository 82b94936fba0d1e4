"""The council checks an update; the signatory replies; the public reads both together."""

from datetime import date, timedelta

import pytest
from django.test import Client

from charter.errors import NotAllowedError, WrongStateError
from charter.models import Message
from registry import clock
from registry.models import Entry, Record
from reporting import schedule
from reporting.actions import checks
from reporting.models import Check
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
FOUND = {"result": "confirmed", "finding": "Seen 14 contracts.", "by_role": "The charter team"}


@pytest.fixture(autouse=True)
def second_factor_is_set_up(monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)


def public(update):
    return Record.objects.get(pk=update.key).item


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def update(commitment):
    with on(DUE):
        return scenarios.published(commitment, evidence=[LINK])


def checked(update, **found):
    return checks.record_check(update, by=factories.officer(), **FOUND | found)


def test_a_check_is_not_public_before_the_signatory_could_reply(update, sink):
    with on(DUE):
        made = checked(update)
        assert made.reply_until == date(2026, 6, 15)
        scenarios.tick()
        assert checks.publish_due_checks(clock.now()) == 0
    assert "check" not in public(update)
    assert public(update)["level_of_proof"] == "evidence_provided"
    [email] = [email for email in sink.emails() if "checked" in email["Subject"]]
    words = email.get_body(("plain",)).get_content()
    assert "Seen 14 contracts." in words
    assert f"/business/checks/{update.key}" in words


def test_after_ten_working_days_the_check_is_public_without_a_reply(commitment, update):
    with on(DUE):
        made = checked(update)
    with on(made.reply_until, hour=23):
        assert checks.publish_due_checks(clock.now()) == 0
    with on(made.reply_until + timedelta(days=1)):
        assert checks.publish_due_checks(clock.now()) == 1
        assert checks.publish_due_checks(clock.now()) == 0
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public(update)["check"] == {**FOUND, "on": "2026-06-01"}
    assert public(update)["level_of_proof"] == "checked_by_council"
    assert Record.objects.get(pk=commitment.key).level_of_proof == "checked_by_council"
    assert "Seen 14 contracts." in page
    assert "Brookfield Catering did not reply." in page
    assert "A check is not a guarantee." in page
    assert "The council checked what Brookfield Catering had told: confirmed" in page


def test_a_reply_is_public_together_with_the_check(commitment, update):
    with on(DUE):
        checked(update, result="partly_confirmed", finding="Seen 12 contracts.")
        page = signed_in(factories.officer()).get(f"/commitments/{commitment.key}").text
        assert "Seen 12 contracts." not in page
        asha, address = signed_in(factories.asha()), f"/business/checks/{update.key}"
        assert "Read and reply" in asha.get("/business").text
        assert "Seen 12 contracts." in asha.get(address).text
        assert asha.post(address, {"reply": ""}).context["form"].errors
        asha.post(address, {"reply": "Two more are being signed."})
        page = Client().get(f"/commitments/{commitment.key}").text
        assert "Read and reply" not in asha.get("/business").text
    assert public(update)["check"]["reply"] == "Two more are being signed."
    assert public(update)["level_of_proof"] == "evidence_provided"
    assert "partly confirmed</strong>" in page
    assert "Two more are being signed." in page


def test_what_the_council_could_not_confirm_is_disputed(commitment, update):
    with on(DUE):
        made = checked(update, result="could_not_confirm", finding="No contracts were there.")
        checks.publish_reply(made, by=factories.asha(), text="They are in the office.")
    assert public(update)["disputed"] is True
    assert Record.objects.get(pk=commitment.key).progress["disputed"] is True


def test_there_is_one_check_and_one_reply(update):
    with on(DUE):
        made = checked(update)
        assert checked(update, finding="Again.") == made
        checks.publish_reply(made, by=factories.asha(), text="Thank you.")
        entries = Entry.objects.count()
        checks.publish_reply(made, by=factories.asha(), text="One word more.")
    assert Entry.objects.count() == entries
    assert public(update)["check"]["reply"] == "Thank you."


def test_a_reply_that_comes_too_late_is_refused(update):
    with on(DUE):
        made = checked(update)
    with on(made.reply_until + timedelta(days=1)):
        checks.publish_due_checks(clock.now())
        with pytest.raises(WrongStateError, match="without a reply"):
            checks.publish_reply(made, by=factories.asha(), text="Too late.")


def test_what_repeats_a_checked_answer_has_its_level_of_proof(commitment, update):
    with on(date(2027, 6, 1)):
        scenarios.tick()
        same = scenarios.published(commitment, nothing_changed=True, value=None, narrative="")
        made = checked(update)
        assert public(same)["level_of_proof"] == "evidence_provided"
        checks.publish_reply(made, by=factories.asha(), text="Thank you.")
    assert public(same)["level_of_proof"] == "checked_by_council"
    assert "check" not in public(same)


def test_only_a_published_update_of_a_commitment_that_stands_is_checked(commitment):
    with on(DUE):
        waiting = scenarios.told(commitment)
        with pytest.raises(WrongStateError):
            checked(waiting)
        client = signed_in(factories.officer())
        assert client.get(f"/council/checks/{waiting.key}").status_code == 404


def test_nobody_else_checks_or_replies(update):
    with on(DUE):
        with pytest.raises(NotAllowedError):
            checks.record_check(update, by=factories.asha(), **FOUND)
        made = checked(update)
        with pytest.raises(NotAllowedError):
            checks.publish_reply(made, by=factories.grace(), text="No.")
        address = f"/business/checks/{update.key}"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert "Your reply" not in signed_in(factories.grace()).get(address).text
        assert signed_in(factories.asha()).get("/council/checks").status_code == 403
        assert "no-store" in signed_in(factories.asha()).get(address)["Cache-Control"]


def test_an_officer_records_a_check_on_the_pages(update):
    with on(DUE):
        dev = signed_in(factories.officer())
        listed = dev.get("/council/checks").text
        assert f"/council/checks/{update.key}" in listed
        page = dev.get(f"/council/checks/{update.key}").text
        assert LINK["url"] in page
        assert "Payroll records and college letters" in page
        wrong = dev.post(f"/council/checks/{update.key}", {"by_role": "The charter team"})
        assert "Say what the check found" in wrong.text
        dev.post(f"/council/checks/{update.key}", FOUND)
        assert "public from the day after 15 June 2026" in dev.get("/council/checks").text
    assert Check.objects.get().by == factories.officer()
    assert Message.objects.filter(kind="check").count() == 1


def test_the_person_who_checked_is_never_published(update):
    with on(DUE):
        checks.publish_reply(checked(update), by=factories.asha(), text="Thank you.")
    published = " ".join(Entry.objects.values_list("item", flat=True))
    assert "Dev" not in published


@pytest.mark.parametrize(
    ("made_on", "until"),
    [
        (date(2026, 6, 1), date(2026, 6, 15)),  # a Monday
        (date(2026, 6, 6), date(2026, 6, 19)),  # a Saturday
        (date(2026, 12, 18), date(2027, 1, 6)),  # Christmas, Boxing Day moved, New Year
        (date(2027, 3, 19), date(2027, 4, 6)),  # Easter
    ],
)
def test_ten_working_days_leave_out_weekends_and_bank_holidays(made_on, until):
    assert schedule.working_days_after(made_on, 10) == until


def test_what_the_council_found_of_planned_evidence_helps_the_next_writer(update):
    with on(DUE):
        with_second_factor(factories.officer())
        council = signed_in(factories.officer())
        address = f"/council/checks/{update.key}/plan"
        assert "Say why in a sentence" in council.post(address, {"proved": "partly"}).text
        noted = {"proved": "partly", "comments": "Starters alone do not show who stayed."}
        council.post(address, noted)
        council.post(address, noted | {"comments": "A list of starters does not show who stayed."})
        factories.cara()
        writer = signed_in(factories.cara()).get(
            f"/business/commitments/new?measure={factories.measure().key}", follow=True
        )
    assert "A list of starters does not show who stayed." in writer.text
    assert "Payroll or HR extract, training log: useful in part." in writer.text
    assert "Starters alone" not in writer.text
    assert "Brookfield" not in writer.text
