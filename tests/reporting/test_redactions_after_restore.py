"""What was redacted stays redacted after a restore, in every column of text and every file."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from charter.actions.uploads import mark_as_applied
from charter.models import (
    Act,
    ActObject,
    Change,
    DetailsRequest,
    Follower,
    Following,
    HandOver,
    PlanNote,
    StatedSignature,
    Upload,
    User,
)
from charter.workflow import ReviewStatus
from registry import clock, evidence
from registry.log import publishing, verifying
from registry.models import Record
from reporting.models import (
    Check,
    Confirmation,
    ContactAttempt,
    Evidence,
    FeaturedRecord,
    HelpRequest,
    Letter,
    LinkCheck,
    ProgressUpdate,
    RedactionTrace,
    Reminder,
    ReminderStop,
)
from reporting.redaction import restoring, scope, traces
from reporting.redaction.text_columns import (
    EXCUSED_COLUMNS,
    EXCUSED_MODELS,
    TEXT_COLUMNS,
    searched_models,
    text_columns,
)
from tests import factories
from tests.charter.access_world import build_world
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.reporting.test_redactions import FILE, redact_texts, tables_with
from tests.shared_worlds import lost_in_a_restore
from tests.visitors import officer_client

pytestmark = pytest.mark.django_db
CANARY = "Zara Quill"
DUE = date(2026, 6, 1)


def is_text(column: Any) -> bool:
    """Return True for a column that could hold a text of a person."""
    kinds = models.CharField | models.TextField | models.JSONField | models.BinaryField
    return (
        isinstance(column, kinds | ArrayField | models.FileField)
        and not isinstance(column, models.EmailField)
        and not column.choices
        and not column.unique
    )


def test_every_column_of_text_is_redacted_or_excused():
    excused = {
        f"{label}.{name}"
        for columns in EXCUSED_COLUMNS.values()
        for label, names in columns.items()
        for name in names
    }
    redacted = {f"{label}.{name}" for label, names in TEXT_COLUMNS.items() for name in names}
    ours = [m for app in ("charter", "reporting") for m in apps.get_app_config(app).get_models()]
    columns = {
        f"{model._meta.label}.{column.name}"
        for model in ours
        if model._meta.label not in EXCUSED_MODELS
        for column in model._meta.concrete_fields
        if is_text(column)
    }
    assert redacted | excused == columns
    assert not redacted & excused


def plant_canary(model: type[models.Model], user: User) -> None:
    """Write the canary into every column of text of one row."""
    if model is ActObject:  # The database refuses a change.
        row = ActObject.objects.latest("pk")
        row.pk, row.before, row.after = None, {"title": CANARY}, {"title": CANARY}
        row.save(force_insert=True)
        return
    values = {}
    for column in text_columns(model):
        is_list = isinstance(column, ArrayField) or column.default is list
        is_object = isinstance(column, models.JSONField)
        values[column.name] = [CANARY] if is_list else {"title": CANARY} if is_object else CANARY
    if model is Evidence:
        del values["url"]  # It is a file.
    for row in scope.own_rows(model, user):
        # The database may not allow each column in each state.
        with suppress(IntegrityError), transaction.atomic():
            model._default_manager.filter(pk=row.pk).update(**values)
            return
    pytest.fail(f"No {model.__name__} takes the canary: add one to `complete_world`")


def complete_world() -> None:
    """Add a row of each model that `build_world` does not need."""
    update = ProgressUpdate.objects.get()
    commitment, officer = update.commitment, factories.officer()
    by = {"asked_by": officer, "asked_at": clock.now()}
    Confirmation.objects.create(
        update=update, email="a@school.example", token_hash="0", expires_at=clock.now(), **by
    )
    LinkCheck.objects.create(evidence=update.evidence.get(), looked_at=clock.now())
    Check.objects.update(reply="Yes.", replied_at=clock.now())
    FeaturedRecord.objects.update(end_reason="Over.", ended_at=clock.now())
    HelpRequest.objects.update(answer="Yes.", answered_at=clock.now())
    Letter.objects.update(answer="Sorry.", answered_at=clock.now())
    mark_as_applied(Upload.objects.latest("pk"), outcome="Nothing was new.")
    commitment.signatory.organisation.identifiers.create(scheme="GB-COH", number="06445363")
    PlanNote.objects.create(
        commitment=commitment, proved="useful", noted_by=officer, noted_on=clock.today()
    )
    StatedSignature.objects.create(
        signatory=commitment.signatory, signed_on=clock.today(), contact_email="a@firm.example"
    )
    ContactAttempt.objects.create(
        signatory=commitment.signatory,
        kind="call",
        made_on=clock.today(),
        recorded_by=officer,
        recorded_at=clock.now(),
    )
    HandOver.objects.create(commitment=commitment, by=officer, at=clock.now())
    Change.objects.create(
        commitment=commitment,
        action="correct",
        ground="checked_against_document",
        document="The tender",
        reason="A slip.",
        status="dropped",
    )
    DetailsRequest.objects.create(signatory=commitment.signatory, values={}, **by)
    follower = Follower.objects.create(email="reader@example.org", emailed_until=clock.today())
    Following.objects.create(follower=follower, about=commitment.key, asked_at=clock.now())
    ReminderStop.objects.create(
        authority=commitment.signatory.charter.authority, began_by=officer, began_at=clock.now()
    )
    Reminder.objects.create(
        membership=commitment.signatory.organisation.memberships.first(),
        period=update.period,
        due_on=clock.today(),
        step=3,
        claimed_on=clock.today(),
    )


def test_canaries_in_every_column_of_text_stay_away_after_a_restore():
    build_world()
    complete_world()
    administrator = factories.administrator()
    for model in searched_models():
        plant_canary(model, administrator)
    tables = {model._meta.db_table for model in searched_models()}
    assert tables <= tables_with(CANARY)

    with lost_in_a_restore():
        redact_texts([CANARY])
        assert tables_with(CANARY) == set()
    assert tables <= tables_with(CANARY)
    half_written = SessionStore()
    half_written["typed"] = CANARY
    half_written.save()
    call_command("put_back_from_ledger")

    assert tables_with(CANARY) == set()
    assert not half_written.exists(half_written.session_key)
    assert verifying.verify() == []


def test_rows_of_a_redacted_key_are_emptied_even_if_the_ledger_has_no_trace():
    scenarios.commitment(description=f"We train {CANARY}.")
    with on(DUE), lost_in_a_restore():
        redact_texts([CANARY])
        # The machine died between the entry's line in the ledger and that of the trace.
        RedactionTrace.objects.update(is_in_ledger=True)

    restoring.put_back()

    assert tables_with(CANARY) == set()


@pytest.fixture
def update():
    """Return a submitted update whose text and file name a person."""
    commitment = scenarios.commitment()
    with on(DUE):
        piece = FILE | {
            "reference": "11111111-1111-4111-8111-111111111111",
            "title": f"Letter of {CANARY}",
            "file": ContentFile(b"%PDF-1.7\n", name="letter.pdf"),
        }
        yield scenarios.submitted_update(commitment, narrative=f"{CANARY} cooks.", evidence=[piece])


def publish_and_redact(update: ProgressUpdate) -> None:
    factories.publish(update, by=factories.officer())
    redact_texts([CANARY])


def test_update_redacted_after_the_backup_does_not_wait_for_the_council_again(update):
    with lost_in_a_restore():
        publish_and_redact(update)
    restored = restoring.put_back()

    update.refresh_from_db()
    assert (update.status, update.narrative) == (ReviewStatus.PUBLISHED, "[removed]")
    assert Record.objects.get(pk=update.key).item is None
    desk = officer_client()
    assert update.key not in desk.get("/council").text
    assert desk.get(f"/council/items/{update.key}").status_code == 404
    assert restored.redacted_keys == [update.key]
    act = Act.objects.get(verb="ledger.put_back")
    assert update.key in act.objects_touched.values_list("key", flat=True)
    assert update.key in " ".join(restoring.describe(restored))


def test_file_redacted_after_the_backup_is_erased_after_the_restore(
    update, django_capture_on_commit_callbacks
):
    name = update.evidence.get().file.name
    factories.publish(update, by=factories.officer())
    with lost_in_a_restore():
        redact_texts([CANARY])
    assert evidence.file_storage().exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        restoring.put_back()

    assert not update.evidence.exists()
    assert not evidence.file_storage().exists(name)


def test_restoring_twice_spares_what_was_written_since(update):
    with lost_in_a_restore():
        publish_and_redact(update)
    restoring.put_back()
    ProgressUpdate.objects.filter(pk=update.pk).update(narrative="Written again.")
    restored = restoring.put_back()

    update.refresh_from_db()
    assert update.narrative == "Written again."
    assert (restored.entries, restored.redactions, restored.redacted_keys) == (0, 0, [])


def test_verification_finds_a_redaction_of_a_draft_that_a_restore_undid():
    factories.draft(title=f"Train {CANARY}")
    with lost_in_a_restore():
        redact_texts([CANARY])
    assert "redactions that were undone (1)" in str(verifying.verify())

    restoring.put_back()

    assert verifying.verify() == []
    assert tables_with(CANARY) == set()


@pytest.mark.parametrize("is_restored", [False, True])
def test_officer_cannot_publish_a_redacted_text_again(is_restored):
    removed = f"We train {CANARY} and nineteen others."
    commitment = scenarios.commitment(description=removed)
    with on(DUE):
        if is_restored:
            with lost_in_a_restore():
                redact_texts([CANARY])
            restoring.put_back()
        else:
            redact_texts([CANARY])
        typed_again = removed.replace(" and", "\nAND").replace("We", "we")
        factories.proposed_change(commitment, values={"description": typed_again})
        desk = officer_client()
        page = desk.get(f"/council/items/{commitment.key}")
        form = {"seen_digest": page.context["seen_digest"]}
        answer = desk.post(f"/council/items/{commitment.key}/publish", form, follow=True)

    assert answer.status_code == 200
    assert f"{commitment.key} contains text that was redacted" in answer.text
    assert CANARY not in str(Record.objects.get(pk=commitment.key).item)


def test_text_that_only_resembles_a_redacted_one_can_be_published():
    commitment = scenarios.commitment(description=f"We train {CANARY} and nineteen others.")
    with on(DUE):
        redact_texts([CANARY])
        factories.published_change(commitment, values={"description": "We train twenty people."})
    assert Record.objects.get(pk=commitment.key).item["description"] == "We train twenty people."


def test_neither_ledger_nor_database_lets_anybody_guess_a_redacted_text(settings):
    commitment = scenarios.commitment(description=f"We train {CANARY}.")
    redact_texts([CANARY])
    before = traces.RedactionTrace.objects.get()
    settings.SECRET_KEY = "of another register"

    assert before.digests.keys() == {commitment.key}
    entry = publishing.NewEntry("commitment", commitment.key, "", {"x": f"We train {CANARY}."})
    traces.refuse_removed_texts([entry])  # Without the secret no digest fits.
