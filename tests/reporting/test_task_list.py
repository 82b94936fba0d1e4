"""The first page of a signatory: what it owes, in order, with one button each."""

from datetime import date

import pytest

from charter.actions import signatories
from charter.errors import WrongStateError
from charter.mail import bounces
from charter.models import Commitment, Message
from reporting.actions import checks, updates
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import at_the_desk, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_a_signatory_that_owes_nothing_reads_until_when():
    scenarios.commitment()
    with on(date(2025, 7, 1)):
        page = read(signed_in(factories.asha()).get("/business"))
    assert "Nothing to do until 2 May 2026." in page


def test_what_is_owed_stands_in_order_with_one_button_each():
    scenarios.commitment(title="Due now")
    scenarios.commitment(date(2025, 6, 20), title="Due soon")
    scenarios.commitment(date(2025, 4, 1), title="Overdue")
    with on(DUE):
        factories.returned_commitment(title="Returned", end_on=date(2027, 5, 31))
        factories.draft(title="A draft", end_on=date(2027, 5, 31))
        page = read(signed_in(factories.asha()).get("/business"))
    owed = page[page.index("What you owe") : page.index("Your commitments</h2>")]
    order = [
        owed.index(title) for title in ("Returned", "Overdue", "Due now", "A draft", "Due soon")
    ]
    assert order == sorted(order)
    assert "Which college?" in owed
    assert "From 1 July 2026 the public page will say “overdue”" in owed


def test_what_the_public_page_says_by_now_is_told_as_it_says_it():
    scenarios.silent()
    says = {
        date(2026, 7, 20): "overdue since 1 July 2026",
        date(2026, 9, 20): "silent since 30 August 2026",
    }
    for day, sentence in says.items():
        with on(day):
            page = read(signed_in(factories.asha()).get("/business"))
        assert f"The public page says “{sentence}”, with the dates on which we asked." in page
        assert "as soon as we have asked" not in page


def test_nobody_reads_that_the_page_says_overdue_while_we_have_not_asked():
    scenarios.commitment()
    with on(date(2026, 7, 20)):
        asha = signed_in(factories.asha())
        assert "“overdue” as soon as we have asked after that day" in read(asha.get("/business"))
        bounces.record_bounce(Message(recipient="asha@brookfield.example"))
        page = read(asha.get("/business"))
    assert "The public page says that we have not been able to reach you." in page


def test_the_sponsor_reads_along_and_is_led_to_no_form():
    scenarios.commitment(title="Overdue here")
    factories.draft(title="A draft")
    with on(date(2026, 7, 20)):
        grace = signed_in(factories.grace())
        page = grace.get("/business").text
        assert page.index("Overdue here") < page.index("A draft") < page.index("You read along")
        assert 'class="govuk-button' not in page
        for commitment in Commitment.objects.all():
            page = grace.get(f"/business/commitments/{commitment.key}").text
            assert "Go on writing" not in page
            assert "Send an update" not in page
        assert "See what would change" not in grace.get("/business/spreadsheet").text
        assert "Make an" not in grace.get("/reminders").text


def test_whoever_writes_for_one_of_two_signatories_begins_there():
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


def test_nothing_of_a_commitment_that_was_withdrawn_is_asked_for():
    returned, checked, begun = [
        scenarios.commitment(title=title) for title in ("One", "Two", "Three")
    ]
    with on(DUE):
        update = scenarios.told(returned)
        updates.return_with_comments(update, by=factories.officer(), comments="Which college?")
        found = {"by_role": "The team", "result": "confirmed", "finding": "Seen."}
        made = checks.record_check(scenarios.published(checked), by=factories.officer(), **found)
        updates.start_draft(begun, by=factories.asha())
        client = signed_in(factories.asha())
        owed = client.get("/business").context["tasks"]
        assert [task.title for task in owed] == ["One", "Two", "Three"]
        for commitment in (returned, checked, begun):
            factories.approved_change(commitment, action="withdraw", values={})
        assert client.get("/business").context["tasks"] == []
        with pytest.raises(WrongStateError):
            checks.publish_reply(made, by=factories.asha(), text="Thank you.")


def test_a_signatory_that_pauses_is_not_told_that_the_page_will_say_overdue():
    commitment = scenarios.commitment()
    with on(DUE):
        pause = {"until": date(2026, 8, 1), "reason": "The kitchen burned down."}
        signatories.pause(commitment.signatory, by=factories.officer(), **pause)
        page = read(signed_in(factories.asha()).get("/business"))
    assert "Reporting is paused until 1 August 2026: nothing is owed" in page
    assert "overdue" not in page


def test_whose_mailbox_refused_our_email_reads_so_until_update_comes_from_there():
    commitment, other = scenarios.commitment(), scenarios.commitment(title="Plant 500 trees")
    factories.ben()
    refused = "asha@brookfield.example refused our email on 1 June 2026"
    with on(DUE):
        bounces.record_bounce(Message(recipient="asha@brookfield.example"))
        scenarios.told(commitment, by=factories.ben())
        assert refused in read(signed_in(factories.asha()).get("/business"))
        scenarios.told(other)
        assert refused not in read(signed_in(factories.asha()).get("/business"))


def test_a_stranger_sees_nothing_of_it():
    commitment = scenarios.commitment(title="Plant 500 trees in Aston")
    with on(DUE):
        client = signed_in(factories.cara())
        assert "Plant 500 trees" not in read(client.get("/business"))
        assert client.get(f"/{commitment.key}/update").status_code == 404
        assert client.post(f"/{commitment.key}/update", {"answer": "same"}).status_code == 404


def test_private_pages_are_never_kept():
    commitment = scenarios.commitment()
    with on(DUE):
        for visitor, addresses in [
            (signed_in(factories.asha()), ["/business", f"/{commitment.key}/update"]),
            (at_the_desk(), ["/council", "/council/behind", "/council/messages"]),
        ]:
            for address in addresses:
                assert "no-store" in visitor.get(address)["Cache-Control"]
