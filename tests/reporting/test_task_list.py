"""A signatory's first page: its tasks in order, each with one button."""

from datetime import date

import pytest

from charter.actions import signatories
from charter.errors import WrongStateError
from charter.models import Commitment
from reporting.actions import checks, updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_signatory_without_tasks_sees_when_the_next_begins():
    scenarios.commitment()
    with on(date(2025, 7, 1)):
        page = read(signed_in(factories.asha()).get("/business"))
    assert "Nothing to do until 2 May 2026." in page


def test_tasks_are_listed_in_order_of_urgency():
    scenarios.commitment(title="Due now")
    scenarios.commitment(date(2025, 6, 20), title="Due soon")
    scenarios.commitment(date(2025, 4, 1), title="Overdue")
    with on(DUE):
        factories.returned_commitment(title="Returned", end_on=date(2027, 5, 31))
        factories.draft(title="A draft", end_on=date(2027, 5, 31))
        page = read(signed_in(factories.asha()).get("/business"))
    tasks = page[page.index("Your to-do list") : page.index("Your commitments</h2>")]
    order = [
        tasks.index(title) for title in ("Returned", "Overdue", "Due now", "A draft", "Due soon")
    ]
    assert order == sorted(order)
    assert "Which college?" in tasks
    assert "We will send you a reminder before the public page says “overdue”." in tasks


OVERDUE = "“Overdue since 1 July 2026: an update was due on 1 June.”"
SILENT = "“Silent since 30 August 2026: the update due on 1 June has not been received.”"


def test_home_and_commitment_quote_what_the_public_page_says_and_will_say():
    commitment = scenarios.silent_commitment()
    expected = {
        date(2026, 6, 20): (
            f"From 1 July 2026 the public page will say: {OVERDUE}",
            f"From 30 August 2026 the public page will say: {SILENT}",
        ),
        date(2026, 7, 20): (
            f"The public page says: {OVERDUE}",
            f"From 30 August 2026 the public page will say: {SILENT}",
        ),
        date(2026, 9, 20): (f"The public page says: {SILENT}",),
    }
    for day, sentences in expected.items():
        with on(day):
            asha = signed_in(factories.asha())
            for address in ("/business", f"/business/commitments/{commitment.key}"):
                page = read(asha.get(address))
                for sentence in sentences:
                    assert sentence in page
            public_page = read(asha.get(f"/commitments/{commitment.key}"))
        if sentences[0].startswith("The public page says"):
            assert sentences[0].partition("“")[2].rstrip("”") in public_page


def test_task_does_not_claim_overdue_before_a_reminder_was_sent():
    scenarios.commitment()
    with on(date(2026, 7, 20)):
        asha = signed_in(factories.asha())
        assert "We will send you a reminder before the public page" in read(asha.get("/business"))
        factories.lose_mailbox("asha@brookfield.example")
        page = read(asha.get("/business"))
    assert "says: “We have not been able to contact this organisation since 20 July 2026.”" in page


def test_sponsor_sees_the_tasks_but_no_link_to_a_form():
    scenarios.commitment(title="Overdue here")
    factories.draft(title="A draft")
    with on(date(2026, 7, 20)):
        grace = signed_in(factories.grace())
        page = grace.get("/business").text
        rows = [page.index(words) for words in ("Overdue here", "A draft", "You can view but not")]
        assert rows == sorted(rows)
        assert 'class="govuk-button' not in page
        for commitment in Commitment.objects.all():
            page = grace.get(f"/business/commitments/{commitment.key}").text
            assert "Continue draft" not in page
            assert "Send an update" not in page
        assert "See what would change" not in grace.get("/business/spreadsheet").text
        assert "Make an" not in grace.get("/reminders").text


def test_editor_of_one_of_two_signatories_writes_for_that_one():
    scenarios.commitment(title="Only read here")
    grace = factories.grace()
    factories.signatory("Canal Street Joinery", contact_email=grace.email)
    factories.accept_invitation(grace.email, "Grace")
    with on(DUE):
        visitor = signed_in(grace)
        assert "Send an update" not in visitor.get("/business").text
        page = visitor.get("/business/commitments/new").text
    assert "Canal Street Joinery" in page
    assert "Brookfield Catering" not in page


def test_withdrawn_commitment_has_no_tasks():
    first, second, third = [scenarios.commitment(title=title) for title in ("One", "Two", "Three")]
    with on(DUE):
        update = scenarios.submitted_update(first)
        factories.return_with_comments(update, by=factories.officer(), comments="Which college?")
        fields = {"by_role": "The team", "result": "confirmed", "finding": "Seen."}
        check = checks.record_check(
            scenarios.published_update(second), by=factories.officer(), **fields
        )
        updates.start_draft(third, by=factories.asha())
        client = signed_in(factories.asha())
        tasks = client.get("/business").context["tasks"]
        assert [task.title for task in tasks] == ["One", "Two", "Three"]
        for commitment in (first, second, third):
            factories.published_change(commitment, action="withdraw", values={})
        assert client.get("/business").context["tasks"] == []
        with pytest.raises(WrongStateError):
            checks.publish_reply(check, by=factories.asha(), text="Thank you.")


def test_paused_signatory_is_not_warned_of_overdue():
    commitment = scenarios.commitment()
    with on(DUE):
        pause = {"until": date(2026, 8, 1), "reason": "The kitchen burned down."}
        signatories.pause(commitment.signatory, by=factories.officer(), **pause)
        page = read(signed_in(factories.asha()).get("/business"))
    assert "Reporting is paused until 1 August 2026: nothing is owed" in page
    assert "overdue" not in page


def test_bounced_contact_sees_warning_until_they_send_an_update():
    commitment, other = scenarios.commitment(), scenarios.commitment(title="Plant 500 trees")
    factories.ben()
    warning = "asha@brookfield.example refused our email on 1 June 2026"
    with on(DUE):
        factories.lose_mailbox("asha@brookfield.example")
        scenarios.submitted_update(commitment, by=factories.ben())
        assert warning in read(signed_in(factories.asha()).get("/business"))
        scenarios.submitted_update(other)
        assert warning not in read(signed_in(factories.asha()).get("/business"))


def test_stranger_sees_no_tasks_of_other_signatories():
    commitment = scenarios.commitment(title="Plant 500 trees in Aston")
    with on(DUE):
        client = signed_in(factories.cara())
        assert "Plant 500 trees" not in read(client.get("/business"))
        assert client.get(f"/{commitment.key}/update").status_code == 404
        assert client.post(f"/{commitment.key}/update", {"answer": "same"}).status_code == 404


def test_private_pages_are_never_cached():
    commitment = scenarios.commitment()
    with on(DUE):
        for visitor, addresses in [
            (signed_in(factories.asha()), ["/business", f"/{commitment.key}/update"]),
            (officer_client(), ["/council", "/council/behind", "/council/messages"]),
        ]:
            for address in addresses:
                assert "no-store" in visitor.get(address)["Cache-Control"]
