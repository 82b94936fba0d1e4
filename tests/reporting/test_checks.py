"""Checks of published updates by the council, published together with the signatory's reply."""

from datetime import date, timedelta

import pytest
from django.test import Client

from charter.errors import NotAllowedError, WrongStateError
from charter.models import Message
from registry import clock, working_days
from registry.models import Entry, Record
from reporting.actions import checks
from reporting.models import Check
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on
from tests.visitors import officer_client, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
CHECK = {"result": "confirmed", "finding": "Seen 14 contracts.", "by_role": "The charter team"}


def public_item(update):
    return Record.objects.get(pk=update.key).item


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def update(commitment):
    with on(DUE):
        return scenarios.published_update(commitment, evidence=[LINK])


def record_check(update, **fields):
    return checks.record_check(update, by=factories.officer(), **CHECK | fields)


def test_check_stays_private_while_the_signatory_can_reply(update, sink):
    with on(DUE):
        check = record_check(update)
        assert check.reply_until == date(2026, 6, 15)
        scenarios.tick()
        assert checks.publish_due_checks(clock.now()) == 0
    assert "check" not in public_item(update)
    assert public_item(update)["level_of_proof"] == "evidence_provided"
    [email] = [email for email in sink.emails() if "checked" in email["Subject"]]
    body = email.get_body(("plain",)).get_content()
    assert "Seen 14 contracts." in body
    assert f"/business/checks/{update.key}" in body


def test_check_is_published_without_a_reply_after_ten_working_days(commitment, update):
    with on(DUE):
        check = record_check(update)
    with on(check.reply_until, hour=23):
        assert checks.publish_due_checks(clock.now()) == 0
    with on(check.reply_until + timedelta(days=1)):
        assert checks.publish_due_checks(clock.now()) == 1
        assert checks.publish_due_checks(clock.now()) == 0
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public_item(update)["check"] == {**CHECK, "on": "2026-06-01"}
    assert public_item(update)["level_of_proof"] == "checked_by_council"
    assert Record.objects.get(pk=commitment.key).level_of_proof == "checked_by_council"
    assert "Seen 14 contracts." in page
    assert "Brookfield Catering did not reply." in page
    assert "A check is not a guarantee." in page
    assert "Council check of this update: confirmed" in page


def test_reply_is_published_together_with_the_check(commitment, update):
    with on(DUE):
        record_check(update, result="partly_confirmed", finding="Seen 12 contracts.")
        page = officer_client().get(f"/commitments/{commitment.key}").text
        assert "Seen 12 contracts." not in page
        asha, address = signed_in(factories.asha()), f"/business/checks/{update.key}"
        assert "Read and reply" in asha.get("/business").text
        assert "Seen 12 contracts." in asha.get(address).text
        assert asha.post(address, {"reply": ""}).context["form"].errors
        asha.post(address, {"reply": "Two more are being signed."})
        page = Client().get(f"/commitments/{commitment.key}").text
        assert "Read and reply" not in asha.get("/business").text
    assert public_item(update)["check"]["reply"] == "Two more are being signed."
    assert public_item(update)["level_of_proof"] == "evidence_provided"
    assert "partly confirmed</strong>" in page
    assert "Two more are being signed." in page


def test_unconfirmed_figure_is_shown_as_disputed(commitment, update):
    with on(DUE):
        check = record_check(update, result="could_not_confirm", finding="No contracts were there.")
        checks.publish_reply(check, by=factories.asha(), text="They are in the office.")
    assert public_item(update)["disputed"] is True
    assert Record.objects.get(pk=commitment.key).progress["disputed"] is True


def test_second_check_or_reply_changes_nothing(update):
    with on(DUE):
        check = record_check(update)
        assert record_check(update, finding="Again.") == check
        checks.publish_reply(check, by=factories.asha(), text="Thank you.")
        entries = Entry.objects.count()
        checks.publish_reply(check, by=factories.asha(), text="One word more.")
    assert Entry.objects.count() == entries
    assert public_item(update)["check"]["reply"] == "Thank you."


def test_late_reply_is_refused(update):
    with on(DUE):
        check = record_check(update)
    with on(check.reply_until + timedelta(days=1)):
        checks.publish_due_checks(clock.now())
        with pytest.raises(WrongStateError, match="without a reply"):
            checks.publish_reply(check, by=factories.asha(), text="Too late.")


def test_no_change_update_shares_the_level_of_proof_of_the_checked_one(commitment, update):
    with on(date(2027, 6, 1)):
        scenarios.tick()
        same = scenarios.published_update(
            commitment, nothing_changed=True, value=None, narrative=""
        )
        check = record_check(update)
        assert public_item(same)["level_of_proof"] == "evidence_provided"
        checks.publish_reply(check, by=factories.asha(), text="Thank you.")
    assert public_item(same)["level_of_proof"] == "checked_by_council"
    assert "check" not in public_item(same)


def test_unpublished_update_cannot_be_checked(commitment):
    with on(DUE):
        pending = scenarios.submitted_update(commitment)
        with pytest.raises(WrongStateError):
            record_check(pending)
        client = officer_client()
        assert client.get(f"/council/checks/{pending.key}").status_code == 404


def test_only_officers_check_and_only_owners_and_editors_reply(update):
    with on(DUE):
        with pytest.raises(NotAllowedError):
            checks.record_check(update, by=factories.asha(), **CHECK)
        check = record_check(update)
        with pytest.raises(NotAllowedError):
            checks.publish_reply(check, by=factories.grace(), text="No.")
        address = f"/business/checks/{update.key}"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert "Your reply" not in signed_in(factories.grace()).get(address).text
        assert signed_in(factories.asha()).get("/council/checks").status_code == 403
        assert "no-store" in signed_in(factories.asha()).get(address)["Cache-Control"]


def test_officer_records_a_check_in_the_browser(update):
    with on(DUE):
        dev = officer_client()
        check_list = dev.get("/council/checks").text
        assert f"/council/checks/{update.key}" in check_list
        page = dev.get(f"/council/checks/{update.key}").text
        assert LINK["url"] in page
        assert "Payroll records and college letters" in page
        response = dev.post(f"/council/checks/{update.key}", {"by_role": "The charter team"})
        assert "Say what the check found" in response.text
        dev.post(f"/council/checks/{update.key}", CHECK)
        assert "public from the day after 15 June 2026" in dev.get("/council/checks").text
    assert Check.objects.get().by == factories.officer()
    assert Message.objects.filter(kind="check").count() == 1


def test_name_of_the_checking_officer_is_never_published(update):
    with on(DUE):
        checks.publish_reply(record_check(update), by=factories.asha(), text="Thank you.")
    entries = " ".join(Entry.objects.values_list("item", flat=True))
    assert "Dev" not in entries


@pytest.mark.parametrize(
    ("made_on", "until"),
    [
        (date(2026, 6, 1), date(2026, 6, 15)),  # a Monday
        (date(2026, 6, 6), date(2026, 6, 19)),  # a Saturday
        (date(2026, 12, 18), date(2027, 1, 6)),  # Christmas, Boxing Day moved, New Year
        (date(2027, 3, 19), date(2027, 4, 6)),  # Easter
    ],
)
def test_reply_deadline_skips_weekends_and_bank_holidays(made_on, until):
    assert working_days.working_days_after(made_on, 10) == until


def test_officers_note_on_evidence_is_shown_to_the_next_author(update):
    with on(DUE):
        council = officer_client()
        address = f"/council/checks/{update.key}/plan"
        assert "Say why in a sentence" in council.post(address, {"proved": "partly"}).text
        note = {"proved": "partly", "comments": "Starters alone do not show who stayed."}
        council.post(address, note)
        council.post(address, note | {"comments": "A list of starters does not show who stayed."})
        factories.cara()
        page = signed_in(factories.cara()).get(
            f"/business/commitments/new?measure={factories.measure().key}", follow=True
        )
    assert "A list of starters does not show who stayed." in page.text
    assert "Payroll or HR extract, training log: useful in part." in page.text
    assert "Starters alone" not in page.text
    assert "Brookfield" not in page.text
