"""The one reply beside what the public page says against a signatory."""

import json
from datetime import date

import pytest

from charter.errors import NotAllowedError, WrongStateError
from charter.mail import bounces
from registry.models import Entry, Record
from reporting.actions import replies
from reporting.models import Reply
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client, page, signed_in

pytestmark = pytest.mark.django_db
JULY_1, SEPTEMBER_2, SEPTEMBER_3 = date(2026, 7, 1), date(2026, 9, 2), date(2026, 9, 3)
TEXT = "Our kitchen burned down. We open again in October."
SAID = "“Silent since 30 August 2026: the update due on 1 June has not been received.”"
BESIDE = (
    f'<strong>Brookfield Catering’s reply, 2 September 2026:</strong> <span class="said">“{TEXT}”'
)


@pytest.fixture
def commitment():
    """Return a commitment of Asha's that is silent since 30 August 2026."""
    return scenarios.silent_commitment()


def submitted_reply(commitment, text=TEXT):
    draft = replies.save_draft(commitment, by=factories.asha(), version=1, text=text)
    return factories.submit(draft, by=factories.asha())


def published_reply(commitment, text=TEXT):
    return factories.publish(submitted_reply(commitment, text))


def test_reply_is_written_previewed_reviewed_and_shown_beside_the_sentence(commitment, client):
    form, public = f"/business/replies/{commitment.key}", f"/commitments/{commitment.key}"
    with on(SEPTEMBER_2):
        asha, dev = signed_in(factories.asha()), officer_client()
        assert f'href="{form}"' in page(asha.get("/business"))
        assert f"The public page says: {SAID}" in page(asha.get(form))
        assert "Enter your reply" in page(asha.post(form, {"text": " ", "version": 1}))
        preview = page(asha.post(form, {"text": TEXT, "version": 1}, follow=True))
        assert BESIDE in preview
        assert "the update due on 1 June has not been received" in preview
        assert "Your reply is with the council" in page(
            asha.post(f"{form}/preview", {"version": 1}, follow=True)
        )
        private_page = page(asha.get(f"/business/commitments/{commitment.key}"))
        assert "You can take it back until" in private_page
        assert TEXT not in page(client.get(public))
        key = Reply.objects.get().key
        item = page(dev.get(f"/council/items/{key}"))
        assert BESIDE in item
        assert '<dt class="govuk-summary-list__key">The public page says</dt>' in item
        seen = factories.seen_digest(Reply.objects.get())
        dev.post(f"/council/items/{key}/publish", {"seen_digest": seen})
        for address in (public, f"{public}/statement"):
            assert BESIDE in page(client.get(address))
        assert page(client.get("/changes?show=letters")).count("Reply by the signatory") == 1
        assert "Public since 2 September 2026" in page(asha.get(form))
        asha.post(form, {"text": "Something else.", "version": 2})
    record = Record.objects.get(pk=key)
    assert Reply.objects.get().text == TEXT
    assert record.item | {"salt": ""} == {
        "about": commitment.key,
        "charter": factories.charter().key,
        "dated_on": "2026-09-02",
        "period": commitment.periods.earliest("pk").key,
        "salt": "",
        "text": TEXT,
        "title": f"Reply to {SAID}",
        "type": "reply",
    }


def test_reply_stays_in_the_timeline_once_the_update_has_come(commitment, client):
    with on(SEPTEMBER_2):
        reply = published_reply(commitment)
        event = f'href="#{reply.key}">Brookfield Catering replied to {SAID}</a>'
        assert event in page(client.get(f"/commitments/{commitment.key}"))
    with on(SEPTEMBER_3):
        scenarios.submitted_update(commitment)
        text = page(client.get(f"/commitments/{commitment.key}"))
    assert BESIDE not in text
    assert f'id="{reply.key}"' in text
    assert f"Brookfield Catering replied to {SAID}</p>" in text
    assert f'<p class="said">“{TEXT}”</p>' in text


def test_returned_reply_is_a_task_until_there_is_nothing_to_reply_to(commitment):
    with on(SEPTEMBER_2):
        factories.return_with_comments(submitted_reply(commitment), comments="Which kitchen?")
        asha = signed_in(factories.asha())
        home = page(asha.get("/business"))
        assert "The council has a question about your reply." in home
        assert "Which kitchen?" in home
        assert "Which kitchen?" in page(asha.get(f"/business/replies/{commitment.key}"))
        scenarios.submitted_update(commitment)
        assert "your reply" not in page(asha.get("/business"))


def test_unreachable_signatory_has_one_reply_on_all_its_pages(commitment, client):
    other = scenarios.commitment(title="Host ten school visits")
    with on(JULY_1):
        factories.lose_mailbox("asha@brookfield.example")
        submitted_reply(commitment)
        with pytest.raises(WrongStateError):
            submitted_reply(other, "Another reply.")
        factories.publish(Reply.objects.get())
        pages = [f"/commitments/{row.key}" for row in (commitment, other)]
        pages.append(f"/signatories/{commitment.signatory.key}")
        for address in pages:
            text = page(client.get(address))
            assert "We have not been able to contact this organisation since 1 July 2026." in text
            assert f'reply, 1 July 2026:</strong> <span class="said">“{TEXT}”' in text
    with on(SEPTEMBER_3):
        bounces.clear_bounce(factories.asha().memberships.get(), by=factories.officer())
        text = page(client.get(pages[-1]))
        assert "Earlier replies" in text
        assert TEXT in text


def test_deadline_without_a_final_update_is_announced_and_can_be_replied_to(client):
    """The commitment ended on 31 May 2026, and its final update is due on 30 June."""
    commitment = scenarios.commitment(end_on=date(2026, 5, 31))
    sentence = "“Deadline passed on 31 May 2026. No final update yet.”"
    private = f"/business/commitments/{commitment.key}"
    with on(date(2026, 5, 20)):
        text = page(signed_in(factories.asha()).get(private))
        assert f"From 1 June 2026 the public page will say: {sentence}" in text
    with on(date(2026, 6, 8)):
        home = page(signed_in(factories.asha()).get("/business"))
        assert f'href="/business/replies/{commitment.key}"' in home
        reply = published_reply(commitment)
        assert reply.sentence == sentence.strip("“”")
        text = page(client.get(f"/commitments/{commitment.key}"))
        assert text.index("No final update yet.") < text.index(TEXT) < text.index('id="reporting"')
        assert text.count(TEXT) == 1


def test_nothing_can_be_replied_to_before_the_page_says_it_nor_afterwards(commitment):
    with on(date(2026, 6, 20)):
        asha = signed_in(factories.asha())
        answer = page(asha.get(f"/business/replies/{commitment.key}", follow=True))
        assert "The public page says nothing to reply to at the moment." in answer
        with pytest.raises(WrongStateError):
            submitted_reply(commitment)
    with on(JULY_1):
        draft = replies.save_draft(commitment, by=factories.asha(), version=1, text=TEXT)
        scenarios.submitted_update(commitment)
        with pytest.raises(WrongStateError):
            factories.submit(draft, by=factories.asha())


def test_only_writers_of_the_organisation_reply_and_no_words_of_two_are_lost(commitment):
    form = f"/business/replies/{commitment.key}"
    with on(SEPTEMBER_2):
        assert signed_in(factories.cara()).get(form).status_code == 404
        assert "can write one" in page(signed_in(factories.grace()).get(form))
        with pytest.raises(NotAllowedError):
            replies.save_draft(commitment, by=factories.grace(), version=1, text="No.")
        asha, ben = signed_in(factories.asha()), signed_in(factories.ben())
        asha.post(form, {"text": "We have moved.", "version": 1, "later": "yes"})
        asha.post(form, {"text": "We have moved to Aston.", "version": 1, "later": "yes"})
        conflict = ben.post(form, {"text": "We are closed.", "version": 1})
        assert conflict.status_code == 409
        assert "We have moved to Aston." in conflict.text
        assert "We are closed.</textarea>" in conflict.text
        ben.post(form, {"text": "We are closed.", "version": 2})
    assert Reply.objects.get().text == "We are closed."


def test_name_in_a_published_reply_is_redacted(commitment, client):
    with on(SEPTEMBER_2):
        reply = published_reply(commitment, "Jo Bloggs left us.")
    with on(SEPTEMBER_3):
        edna = factories.administrator()
        findings = redaction_search.find_passages(["Jo Bloggs"], [], user=edna)
        redactions.redact(
            ["Jo Bloggs"],
            [],
            by=edna,
            reason_code="personal_data",
            seen_digest=findings.digest,
        )
        assert "Jo Bloggs" not in page(client.get(f"/commitments/{commitment.key}"))
    assert Reply.objects.get().text == "[removed] left us."
    stored = [json.loads(entry.item or "{}") for entry in Entry.objects.filter(key=reply.key)]
    assert "Jo Bloggs" not in str(stored)
