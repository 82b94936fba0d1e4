"""Administrators redact text that should never have been public; no table keeps it."""

from datetime import date
from hashlib import sha256

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from charter.errors import ChangedSinceReadError, NotAllowedError
from charter.models import Act, Message
from registry import clock, evidence
from registry.log import publishing, verifying
from registry.models import Entry, Record
from reporting.actions import checks, successes
from reporting.models import LinkCheck, ProgressUpdate
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
NAME = "Jo O'Leary"
FILE = {
    "title": "Letter",
    "kind": "document",
    "media_type": "application/pdf",
    "bytes": 9,
    "sha256": sha256(b"%PDF-1.7\n").hexdigest(),
}


def tables_with(text: str) -> set[str]:
    """Return the tables in which some row matches a text, which may contain SQL wildcards."""
    tables = set()
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                f"SELECT count(*) FROM {name} AS line WHERE line::text ILIKE %s",  # noqa: S608
                [f"%{text}%"],
            )
            if cursor.fetchone()[0]:
                tables.add(name)
    return tables


def administrator_client() -> Client:
    return signed_in(with_second_factor(factories.administrator()))


def redact_texts(texts, references=()):
    search = redaction_search.find_passages(texts, references, user=factories.administrator())
    return redactions.redact(
        texts,
        references,
        by=factories.administrator(),
        reason_code="personal_data",
        seen_digest=search.digest,
    )


@pytest.fixture
def commitment(settings, tmp_path):
    """Return a commitment whose updates, successes, checks and emails all name a person."""
    settings.MEDIA_ROOT = tmp_path
    commitment = scenarios.commitment(description=f"We train {NAME} and nineteen others.")
    with on(DUE):
        factories.published_change(
            commitment, reason=f"{NAME} is ill.", values={"target_value": 12}
        )
        update = scenarios.submitted_update(
            commitment, narrative=f"We thank\n{NAME.upper()} for the meals."
        )
        factories.return_with_comments(update, by=factories.officer(), comments=f"Who is {NAME}?")
        piece = FILE | {
            "reference": "11111111-1111-4111-8111-111111111111",
            "file": ContentFile(b"%PDF-1.7\n", name="letter.pdf"),
        }
        update = scenarios.submitted_update(
            commitment, narrative=f"{NAME} cooks.", evidence=[piece]
        )
        factories.publish(update, by=factories.officer())
        check_fields = {
            "by_role": "The charter team",
            "result": "confirmed",
            "finding": f"Met {NAME}.",
        }
        check = checks.record_check(update, by=factories.officer(), **check_fields)
        checks.publish_reply(check, by=factories.asha(), text=f"{NAME} was glad.")
        success_fields = {
            "title": f"{NAME} passed",
            "story": "All four stay.",
            "happened_from": DUE,
            "people_consent": "none_identifiable",
        }
        successes.save_draft(commitment, by=factories.asha(), **success_fields)
        visitor = Client()
        visitor.post(f"/{commitment.key}/update", {"answer": "same", "remark": f"Ask {NAME}"})
    return commitment


def test_redacted_text_leaves_every_table_and_the_log_verifies(commitment):
    assert {
        "registry_entry",
        "registry_record",
        "charter_actobject",
        "charter_commitment",
        "charter_change",
        "charter_message",
        "reporting_progressupdate",
        "reporting_check",
        "reporting_success",
    } <= tables_with("O%Leary")
    before = Record.objects.get(pk=commitment.key)
    head = publishing.head()
    with on(DUE):
        redact_texts([NAME])
    assert tables_with("O%Leary") == set()
    redaction = Act.objects.get(verb="record.redact")
    assert set(redaction.objects_touched.values_list("before", "after")) == {(None, None)}
    assert not any("Leary" in str(session.get_decoded()) for session in Session.objects.all())
    assert verifying.verify() == []
    assert Entry.objects.get(number=head.number).hash == head.hash
    after = Record.objects.get(pk=commitment.key)
    assert after.item["description"] == "We train [removed] and nineteen others."
    assert after.item["target"] == before.item["target"]
    assert after.original["target"]["value"] == "20"
    assert [weakening["what"] for weakening in after.weakenings] == ["target_lowered"]
    assert (after.status, after.delivery) == ("live", "on_track")
    update = ProgressUpdate.objects.get()
    assert Record.objects.get(pk=update.key).item["check"]["finding"] == "Met [removed]."
    assert Message.objects.filter(text__contains="[removed]").exists()


def test_later_publications_do_not_restore_redacted_text(commitment):
    with on(DUE):
        redact_texts([NAME])
    with on(date(2027, 6, 1)):
        scenarios.tick()
        scenarios.published_update(commitment, nothing_changed=True, narrative="")
        factories.published_change(commitment, values={"title": "Start 12 apprenticeships"})
    assert tables_with("O%Leary") == set()
    assert verifying.verify() == []


def test_withdrawn_commitment_keeps_its_state_and_date_after_a_redaction(client, commitment):
    with on(DUE):
        change = factories.proposed_change(commitment, action="withdraw", values={})
        factories.publish(change, by=factories.officer())
    with on(date(2026, 6, 20)):
        redact_texts([NAME])
        page = client.get(f"/commitments/{commitment.key}").content.decode()
    assert Record.objects.get(pk=commitment.key).status == "withdrawn"
    assert "Withdrawn by Brookfield Catering on 1 June 2026" in page
    assert verifying.verify() == []


def test_redacted_file_is_deleted_and_no_longer_backs_the_figure(
    commitment, django_capture_on_commit_callbacks
):
    update = ProgressUpdate.objects.get()
    piece = update.evidence.get()
    LinkCheck.objects.create(evidence=piece, looked_at=clock.now())  # Deleted with it.
    with on(DUE), django_capture_on_commit_callbacks(execute=True):
        redact_texts([], [str(piece.reference)])
    assert not evidence.file_storage().exists(piece.file.name)
    assert not update.evidence.exists()
    record = Record.objects.get(pk=update.key)
    assert "evidence" not in record.item
    assert "Letter" not in str(list(Entry.objects.values_list("item", flat=True)))
    assert f"{NAME} cooks." == record.item["narrative"]  # Only the selected file is redacted.
    assert verifying.verify() == []


def test_administrator_previews_a_redaction_before_confirming(commitment):
    update = ProgressUpdate.objects.get()
    with on(DUE):
        client = administrator_client()
        assert "/council/redact" in client.get("/council").text
        address = f"/council/redact?key={update.key.lower()}"
        assert "narrative: Jo O&#x27;Leary cooks." in client.get(address).text
        assert "Choose the reason" in client.post(address, {"passage": NAME}).text
        form = {"passage": NAME, "reason_code": "personal_data"}
        preview = client.post(address, form)
        assert f"{update.key}, published" in preview.text
        assert "progress update, narrative" in preview.text
        assert tables_with("O%Leary")  # The preview changes nothing.
        client.post(address, form | {"seen_digest": preview.context["found"].digest})
        assert tables_with("O%Leary") == set()
        page = client.get(f"/updates/{update.key}").text
    assert "The text contained personal data and was removed." in page


def test_redaction_is_refused_if_passages_changed_since_the_preview():
    scenarios.commitment(description=f"We train {NAME}.")
    with on(DUE):
        digest = redaction_search.find_passages([NAME], [], user=factories.administrator()).digest
        scenarios.commitment(title=f"Host {NAME}")
        with pytest.raises(ChangedSinceReadError):
            redactions.redact(
                [NAME], [], by=factories.administrator(), reason_code="legal", seen_digest=digest
            )


def test_officer_cannot_redact():
    with pytest.raises(NotAllowedError):
        redactions.redact([NAME], [], by=factories.officer(), reason_code="legal", seen_digest="")


def test_accounts_and_parts_of_words_are_not_redacted():
    scenarios.commitment(description="Asha trains Ashanti cooks.")
    redact_texts(["Asha"])
    assert factories.asha().name == "Asha"
    assert "[removed] trains Ashanti cooks." in str(Record.objects.get(kind="commitment").item)
