"""Every act that puts a person's words before the public asks about personal data first."""

import inspect
import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from charter import personal_data, questions
from charter.actions import (
    bulk_changes,
    charters,
    corrections,
    organisations,
    retractions,
    second_person,
    signatories,
    standing,
    stated_signatures,
)
from charter.models import Charter, Commitment, Message, Signatory
from charter.questions import UnansweredError, digests_of
from charter.spreadsheets.organisations import Revision
from registry import clock
from registry.log import publishing
from registry.models import Entry, Record
from reporting.actions import checks, confirmations, featured_records, letters, periods
from reporting.models import Check
from tests import factories
from tests.charter.test_acts import own_functions
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import page, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
WORDS = "Ring Kim on 07700 900123."
CHECK = {"result": "confirmed", "finding": "Seen 14.", "by_role": "The charter team"}
BODY = "South City College"


def build_world() -> SimpleNamespace:
    """Return what the acts below are about, on the day when an update was due."""
    silent = scenarios.silent_commitment(date(2025, 2, 1))
    commitment = scenarios.commitment()
    officer, asha = factories.officer(), factories.asha()
    suspended = Signatory.objects.for_user(factories.cara()).get()
    standing.suspend(suspended, by=officer, reason="It pays late.", plan="30 days.")
    update = scenarios.published_update(commitment)
    other = scenarios.commitment(title="Host ten placements")
    unreachable = factories.signatory("Aston Joinery")
    Signatory.objects.filter(pk=unreachable.pk).update(unreachable_since=DUE)
    Charter.objects.filter(pk=suspended.charter_id).update(second_person_acts=["signatory.remove"])
    return SimpleNamespace(
        officer=officer,
        administrator=factories.administrator(),
        asha=asha,
        commitment=commitment,
        charter=commitment.signatory.charter,
        signatory=commitment.signatory,
        suspended=suspended,
        invited=factories.invited(),
        unreachable=unreachable,
        letter=letters.publish(silent.periods.earliest("pk"), by=officer),
        update=update,
        check=checks.record_check(update, by=officer, **CHECK),
        unchecked=scenarios.published_update(other),
        featured=featured_records.feature_record(other, by=officer, why="Clear."),
        confirmation=confirmations.request_confirmation(
            update, by=asha, body=BODY, email="head@college.example"
        ),
        theme=commitment.signatory.charter.themes.exclude(pk=commitment.theme_id).first(),
        owed=silent.periods.latest("pk"),
    )


def change_theme(w: SimpleNamespace) -> Any:
    chosen = bulk_changes.select_commitments([w.commitment.key])
    return bulk_changes.change_commitments(
        [w.commitment.key],
        by=w.officer,
        theme=w.theme,
        contact=None,
        reason=WORDS,
        seen_digest=bulk_changes.commitments_digest(chosen),
    )


def import_revision(w: SimpleNamespace) -> Any:
    revision = Revision(2, w.signatory, {"covers": "All sites"}, [], "")
    arguments = {"admissions": [], "revisions": [revision], "reason": WORDS}
    return list(organisations.import_organisations(w.charter, by=w.officer, **arguments))


def extend(w: SimpleNamespace) -> Any:
    w.owed.due_on = max(w.owed.due_on, clock.today())
    return periods.extend_due_dates([w.owed], by=w.officer, days=30, reason=WORDS)


def propose_removal(w: SimpleNamespace) -> Any:
    return second_person.do_or_propose(
        "signatory.remove",
        by=w.officer,
        authority=w.charter.authority,
        organisation=w.signatory.organisation,
        arguments=factories.proposal(w.signatory).arguments | {"reason": WORDS},
    )


def answer_as_named(w: SimpleNamespace) -> Any:
    """Answer as a body whose name, typed by someone else, holds an address."""
    w.confirmation.body = "The college, head@college.example"
    w.confirmation.save()
    return confirmations.record_answer(w.confirmation, answer="yes", may_be_named=True)


ACCREDITATION = {"certificate_number": "36", "accredited_from": DUE}
# Each act with words that the public reads, at once or later, and a call of it.
ASKING: dict[str, Callable[[SimpleNamespace], Any]] = {
    "charter.actions.bulk_changes.change_commitments": change_theme,
    "charter.actions.charters.amend_charter": lambda w: charters.amend_charter(
        w.charter, by=w.administrator, reason=WORDS, authority={}, values={"title": "New"}
    ),
    "charter.actions.corrections.correct_or_propose": lambda w: corrections.correct_or_propose(
        w.commitment,
        by=w.administrator,
        values={"target_value": 12},
        reason=WORDS,
        ground="council_error",
    ),
    "charter.actions.organisations.import_organisations": import_revision,
    "charter.actions.organisations.request_details_change": lambda w: (
        organisations.request_details_change(
            w.signatory, by=w.asha, reason="New", values={"covers": WORDS}
        )
    ),
    "charter.actions.organisations.amend_details": lambda w: organisations.amend_details(
        w.signatory, by=w.officer, reason="New", values={"covers": WORDS}, since=DUE
    ),
    "charter.actions.second_person.do_or_propose": propose_removal,
    "charter.actions.stated_signatures.state_signatures": lambda w: (
        stated_signatures.state_signatures(
            w.charter,
            by=w.administrator,
            rows=[{"signatory": w.invited.key, "document": WORDS, "signed_on": "2014-05-01"}],
        )
    ),
    "charter.actions.retractions.retract_unreachable": lambda w: retractions.retract_unreachable(
        w.unreachable, by=w.officer, reason=WORDS
    ),
    "charter.actions.signatories.pause": lambda w: signatories.pause(
        w.signatory, by=w.officer, until=None, reason=WORDS
    ),
    "charter.actions.signatories.resume": lambda w: signatories.resume(
        w.signatory, by=w.officer, reason=WORDS
    ),
    "charter.actions.standing.accredit": lambda w: standing.accredit(
        w.signatory, by=w.officer, reason=WORDS, **ACCREDITATION
    ),
    "charter.actions.standing.suspend": lambda w: standing.suspend(
        w.signatory, by=w.officer, reason="Late.", plan=WORDS
    ),
    "charter.actions.standing.reinstate": lambda w: standing.reinstate(
        w.suspended, by=w.officer, reason=WORDS
    ),
    "charter.actions.standing.end_membership": lambda w: standing.end_membership(
        w.signatory, by=w.officer, standing="withdrawn", reason=WORDS
    ),
    "reporting.actions.checks.record_check": lambda w: checks.record_check(
        w.unchecked, by=w.officer, **CHECK | {"finding": WORDS}
    ),
    "reporting.actions.checks.save_plan_note": lambda w: checks.save_plan_note(
        w.commitment, by=w.officer, proved="useful", comments=WORDS
    ),
    "reporting.actions.checks.publish_reply": lambda w: checks.publish_reply(
        w.check, by=w.asha, text=WORDS
    ),
    "reporting.actions.confirmations.request_confirmation": lambda w: (
        confirmations.request_confirmation(w.update, by=w.asha, body=WORDS, email="b@b.example")
    ),
    "reporting.actions.confirmations.record_answer": answer_as_named,
    "reporting.actions.featured_records.feature_record": lambda w: featured_records.feature_record(
        w.commitment, by=w.officer, why=WORDS
    ),
    "reporting.actions.featured_records.unfeature_record": lambda w: (
        featured_records.unfeature_record(w.featured, by=w.officer, reason=WORDS)
    ),
    "reporting.actions.letters.publish_response": lambda w: letters.publish_response(
        w.letter, by=w.asha, text=WORDS
    ),
    "reporting.actions.periods.extend_due_dates": extend,
}
DRAFT = "a draft, which its own people see; sending it asks (review.py)"
PRIVATE = "read by the council, the organisation or one person only"
CODES = "codes and names of accounts"
SILENT = {
    "charter.acts.acting": CODES,
    "charter.actions.applications.submit_application": "the council asks itself when it admits",
    "charter.actions.applications.decline": PRIVATE,
    "charter.actions.changes.save_draft": DRAFT,
    "charter.actions.charters.set_up": "publishes in the same way as amend_charter",
    "charter.actions.commitments.start_draft": DRAFT,
    "charter.actions.commitments.save_draft": DRAFT,
    "charter.actions.error_reports.submit_report": PRIVATE,
    "charter.actions.error_reports.close_report": PRIVATE,
    "charter.actions.organisations.decline": PRIVATE,
    "charter.actions.people.invite": "a support body's name, published with what it sends",
    "charter.actions.people.invite_or_propose": "as invite",
    "charter.actions.people.accept_invitation": PRIVATE,
    "charter.actions.people.change_role": CODES,
    "charter.actions.second_person.decline": PRIVATE,
    "charter.actions.signatories.admit": "private until its own people accept; that asks",
    "charter.actions.signatories.create_signatory": "a part of admit",
    "charter.actions.signatories.invite_contact": CODES,
    "charter.actions.signatories.restate": "for the command line",
    "charter.actions.stated_signatures.state_or_propose": "as state_signatures",
    "charter.actions.acceptances.sign_application": PRIVATE,
    "charter.actions.staff.invite": CODES,
    "charter.actions.staff.invite_or_propose": CODES,
    "charter.actions.standing.leave_charter": "a part of end_membership",
    "charter.actions.uploads.store_upload": "a file, whose rows are asked about when it is saved",
    "charter.mail.bounces.record_proof": CODES,
    "charter.review.return_with_comments": PRIVATE,
    "reporting.actions.contact_attempts.record_attempt": PRIVATE,
    "reporting.actions.delegations.save_draft": DRAFT,
    "reporting.actions.help_requests.send_request": PRIVATE,
    "reporting.actions.help_requests.answer_request": PRIVATE,
    "reporting.actions.reminder_stops.stop_reminders": PRIVATE,
    "reporting.actions.replies.save_draft": DRAFT,
    "reporting.actions.successes.save_draft": DRAFT,
    "reporting.actions.successes.save_submission": "saves a draft and sends it",
    "reporting.actions.successes.save_reported": DRAFT,
    "reporting.actions.updates.save_draft": DRAFT,
    "reporting.actions.updates.save_submission": "saves a draft and sends it",
    "reporting.redaction.actions.redact": CODES,
    "reporting.redaction.confirming.record_redaction": CODES,
    "reporting.redaction.confirming.confirm": PRIVATE,
    "reporting.reminders.sending.send_test_email": CODES,
    "reporting.review_queue.ask_colleague": PRIVATE,
}
NO_WORDS = {"seen_digest", "email", "key", "verb"}


def takes_words(action: Callable[..., Any]) -> bool:
    """Return True if an action has a parameter for a text or for fields of an object."""
    parameters = inspect.signature(action).parameters.values()
    return any(
        parameter.annotation is str
        or re.search(r"dict\[|Mapping|Submission", str(parameter.annotation))
        or parameter.kind is parameter.VAR_KEYWORD
        for parameter in parameters
        if parameter.name not in NO_WORDS
    )


def test_every_act_with_words_asks_about_personal_data_or_publishes_none():
    actions = {
        name
        for name, function in own_functions()
        if hasattr(function, "verb") or "by" in inspect.signature(function).parameters
        if takes_words(function)
    }
    assert actions == ASKING.keys() | SILENT.keys()
    assert personal_data.ask_about_entries in publishing.publication_checks
    with on(DUE):
        world = build_world()
        entries, drafts = Entry.objects.count(), Commitment.objects.count()
        for name, call in ASKING.items():
            with pytest.raises(UnansweredError) as error:
                call(world)
            [question] = error.value.questions
            assert question.text.startswith(("a telephone number", "an email address")), name
            assert (Entry.objects.count(), Commitment.objects.count()) == (entries, drafts), name
        # The second press goes on, with exactly what was shown.
        with questions.answering(lambda: digests_of([question])):
            ASKING["reporting.actions.letters.publish_response"](world)
    assert Entry.objects.count() == entries + 1


def test_reply_to_a_check_is_quoted_can_be_changed_and_goes_on_with_a_second_press():
    with on(DUE):
        update = scenarios.published_update(scenarios.commitment())
        checks.record_check(update, by=factories.officer(), **CHECK)
        asha, address = signed_in(factories.asha()), f"/business/checks/{update.key}"
        asked = page(asha.post(address, {"reply": WORDS}))
        assert "Check this before it is public" in asked
        assert "Ring Kim on <mark>07700 900123</mark>." in asked
        assert re.search(r'<textarea[^>]* name="reply"[^>]*>Ring Kim on 07700 900123\.<', asked)
        assert not Check.objects.get().published_at
        seen = re.search(r'name="seen_questions" value="([^"]+)"', asked)[1]
        other = {"reply": "Or ring Lee on 07700 900456.", "seen_questions": seen}
        assert "<mark>07700 900456</mark>" in page(asha.post(address, other))
        asha.post(address, {"reply": WORDS, "seen_questions": seen})
    assert Record.objects.get(pk=update.key).item["check"]["reply"] == WORDS


def test_beneficiary_is_asked_on_a_page_without_an_account():
    with on(DUE):
        update = scenarios.published_update(scenarios.commitment())
        body = "The college, head@college.example"
        form = {"body": body, "email": "head@college.example"}
        asha, address = signed_in(factories.asha()), f"/business/confirmations/{update.key}"
        seen = re.search(r'name="seen_questions" value="([^"]+)"', page(asha.post(address, form)))
        asha.post(address, form | {"seen_questions": seen[1]})
        text = Message.objects.get(kind="confirmation").text
        link = re.search(r"http://localhost:\d+(/confirm/\S+)", text)[1]
        answer = {"answer": "yes", "may_be_named": "yes"}
        response = Client().post(link, answer)
        assert "<mark>head@college.example</mark>" in page(response)
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        Client().post(link, answer | {"may_be_named": "no"})
    confirmation = Record.objects.get(pk=update.key).item["confirmations"][0]
    assert confirmation == {"on": "2026-06-01", "answer": "yes"}
