"""The update form: Asha reports, previews the public page and sends."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from charter.errors import WrongStateError
from charter.questions import digests_of
from registry.models import Entry
from reporting.actions import expected_updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on
from tests.visitors import form_of, seen_questions, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_email_link_leads_through_sign_in_to_its_answer(client):
    commitment = scenarios.commitment()
    response = client.get(f"/{commitment.key}/update?answer=same")
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next=/{commitment.key}/update%3Fanswer%3Dsame")


def test_opening_the_form_changes_nothing_and_selects_the_answer():
    commitment = scenarios.commitment()
    entries = Entry.objects.count()
    with on(DUE):
        client = signed_in(factories.asha())
        page = read(client.get(f"/{commitment.key}/update?answer=number"))
        client.head(f"/{commitment.key}/update?answer=same")
    assert '<input type="hidden" name="answer" value="number">' in page
    assert "People to date" in page
    assert "Anything to add?" not in page
    assert "Choose a different answer" in page
    assert "20 people by 31 May 2029" in page
    assert "Payroll records and college letters" in page
    assert "is due on 1 June 2026" in page
    assert not ProgressUpdate.objects.exists()
    assert Entry.objects.count() == entries


def test_no_change_is_reported_with_one_button():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = form_of(client.get(f"{address}?answer=same"))
        response = client.post(address, form, follow=True)
    assert "Progress update sent" in read(response)
    update = ProgressUpdate.objects.get()
    assert (update.status, update.nothing_changed) == ("submitted", True)


def test_early_update_must_be_a_figure_not_just_no_change():
    commitment = scenarios.commitment()
    address = f"/{commitment.key}/update"
    with on(date(2026, 5, 1)):
        client = signed_in(factories.asha())
        page = client.get(f"{address}?answer=same")
        message = "“Nothing has changed” can be said from 2 May 2026"
        assert message in read(page)
        assert 'value="same"' not in read(page)
        assert message in read(client.post(address, form_of(page) | {"answer": "same"}))
        with pytest.raises(WrongStateError, match=message):
            scenarios.submitted_update(commitment, nothing_changed=True)
        figure = {"answer": "number", "value": "14", "self_assessment": "on_track"}
        client.post(address, form_of(client.get(address)) | figure)
    assert ProgressUpdate.objects.get().status == "submitted"


def test_figure_evidence_and_success_are_submitted_together():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        response = client.post(
            address,
            form_of(client.get(address))
            | {
                "answer": "number",
                "value": "14",
                "self_assessment": "on_track",
                "narrative": "Fourteen have started.",
                "evidence_title": "Payroll summary",
                "evidence_url": "https://brookfield.example/payroll",
                "evidence_kind": "document",
                "success_title": "Four passed",
                "success_story": "All four stay.",
                "success_on": "20/5/2026",
                "success_consent": "none_identifiable",
            },
        )
    assert response["Location"] == f"{address}/sent"
    update = ProgressUpdate.objects.get()
    assert update.value == 14
    assert update.evidence.get().url == "https://brookfield.example/payroll"
    assert commitment.successes.get().status == "submitted"


def test_errors_are_shown_at_the_field_and_no_input_is_lost():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {
            "answer": "number",
            "narrative": "Fourteen have started.",
            "evidence_url": "javascript:alert(1)",
            "success_title": "Four passed",
        }
        page = read(client.post(address, form_of(client.get(address)) | fields))
    assert "There is a problem" in page
    for error in (
        "Enter the figure to date, or say why you cannot measure it yet",
        "Enter a web address that starts with https://",
        "Tell what happened",
    ):
        assert page.count(error) == 2  # In the summary and at the field.
    assert "Fourteen have started." in page
    assert "Four passed" in page
    assert not ProgressUpdate.objects.exists()


def test_delivery_is_not_copied_from_the_last_update():
    commitment = scenarios.commitment(
        **factories.with_measure("LE01"),
        cadence="quarterly",
        baseline_value=2,
        baseline_on=scenarios.MADE_ON,
    )
    with on(date(2025, 9, 1)):
        scenarios.submitted_update(commitment)
    with on(date(2025, 12, 1)):
        scenarios.tick()
        client = signed_in(factories.asha())
        page = client.get(f"/{commitment.key}/update")
    assert "1 September 2025: 14 of 20 FTE, on track" in read(page)
    assert "2 FTE, 1 June 2025" in read(page)
    assert not page.context["form"]["self_assessment"].value()


def test_draft_keeps_answers_that_the_short_form_does_not_show():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "obstacles": "It floods.", "later": "yes"}
        client.post(address, form_of(client.get(address)) | fields)
        page = client.get(f"{address}?answer=same")
        names = ("answer", "remark", "period", "version", "success_key")
        form = {name: text for name, text in form_of(page).items() if name in names}
        client.post(f"{address}?answer=same", form | {"remark": "All well.", "later": "yes"})
        assert form_of(client.get(address))["obstacles"] == "It floods."
        assert form_of(client.get(address))["remark"] == "All well."


def test_third_no_change_in_a_row_needs_a_sentence():
    commitment = scenarios.commitment(cadence="quarterly")
    for day in (date(2025, 9, 1), date(2025, 12, 1)):
        with on(day):
            scenarios.tick()
            scenarios.submitted_update(commitment, nothing_changed=True)
    with on(date(2026, 3, 2)):
        scenarios.tick()
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = form_of(client.get(address)) | {"answer": "same"}
        assert "add a sentence" in read(client.post(address, form))
        client.post(address, form | {"remark": "The college starts in May."})
    assert expected_updates.last_sent_update(commitment).narrative == "The college starts in May."


def test_saved_draft_comes_back_as_it_was():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "narrative": "Not done yet", "later": "yes"}
        client.post(address, form_of(client.get(address)) | fields)
        page = read(client.get(address))
        assert "Not done yet" in page
        assert 'value="number" data-aria-controls="answer-number" checked' in page
        assert scenarios.reporting_state(commitment) == "due"


def test_draft_keeps_the_input_of_every_answer_until_it_is_sent():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "value": "14", "narrative": "Fourteen have started."}
        evidence = {"evidence_title": "Payroll", "evidence_url": "https://brookfield.example/p"}
        client.post(address, form_of(client.get(address)) | fields | {"later": "yes"})
        same = {"answer": "same", "remark": "It floods.", "preview": "yes"} | evidence
        preview = client.post(address, form_of(client.get(address)) | same, follow=True)
        assert "It floods." in read(preview)
        assert "dropped once you send this: People to date, What happened?" in read(preview)
        form = form_of(client.get(address))
        assert (form["value"], form["narrative"], form["remark"]) == (
            "14",
            "Fourteen have started.",
            "It floods.",
        )
        figure = {"answer": "number", "self_assessment": "on_track", "evidence_kind": "document"}
        client.post(address, form | figure | {"preview": "yes"})
        next_form = form_of(client.get(address))
        assert (next_form["remark"], next_form.get("evidence_title")) == ("It floods.", None)
        client.post(address, next_form)
    update = ProgressUpdate.objects.get()
    assert (update.status, update.value, update.draft_form_data) == ("submitted", 14, {})
    assert update.narrative == "Fourteen have started."
    assert update.evidence.get().title == "Payroll"


def test_figure_and_reason_for_no_figure_exclude_each_other():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "value": "14", "not_measured_reason": "No survey yet"}
        assessed = fields | {"self_assessment": "on_track"}
        page = read(client.post(address, form_of(client.get(address)) | assessed))
    assert page.count("Enter the figure, or say why there is none yet, not both") == 4
    assert "No survey yet" in page


@pytest.mark.parametrize(
    ("code", "value", "message"),
    [
        ("BL04", "840", "It cannot be more than 100: it is a share, % of relevant spend"),
        ("LE12", "2.5", "Give a whole number: people cannot be counted in parts"),
        ("LE12", "−3", "It cannot be less than 0"),
    ],
)
def test_impossible_figure_is_refused_at_its_field(code, value, message):
    commitment = scenarios.commitment(**factories.with_measure(code))
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {
            "answer": "number",
            "value": value,
            "percentage_of": "200",
            "self_assessment": "on_track",
        }
        page = read(client.post(address, form_of(client.get(address)) | fields))
    assert page.count(message) == 2


def test_surprising_figure_gets_a_warning_and_is_then_accepted():
    commitment = scenarios.commitment(**factories.with_measure("LE01"), baseline_value=2)
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "value": "840", "self_assessment": "on_track"}
        preview = client.post(address, form_of(client.get(address)) | fields, follow=True)
        page = read(preview)
        assert "Check your figures" in page
        assert "840 after 2" in page
        assert "far above the target: 840 FTE (target 20)" in page
        update = ProgressUpdate.objects.get()
        assert update.status == "draft"
        form = {"period": update.period.key, "version": update.version}
        client.post(f"{address}/preview", form)  # a form that has shown nothing
        update.refresh_from_db()
        assert update.status == "draft"
        client.post(f"{address}/preview", form | seen_questions(preview))
    assert ProgressUpdate.objects.get().status == "submitted"


def test_file_is_refused_without_a_figure():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        file = {"evidence_file": SimpleUploadedFile("letter.pdf", uploads.pdf())}
        form = form_of(client.get(address)) | {"answer": "same", "remark": "It floods."}
        assert "A file goes with “Report a new figure”" in read(client.post(address, form | file))


def test_public_page_is_previewed_before_the_update_is_sent():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "value": "14", "self_assessment": "on_track"}
        incomplete = form_of(client.get(address)) | fields | {"value": "", "preview": "yes"}
        assert "Enter the figure to date" in read(client.post(address, incomplete))
        response = client.post(address, form_of(client.get(address)) | fields | {"preview": "yes"})
        assert response["Location"] == f"{address}/preview"
        entries = Entry.objects.count()
        preview = client.get(response["Location"])
        assert "Preview of the public page" in read(preview)
        assert "14 of 20 people" in preview.content.decode()
        assert (Entry.objects.count(), scenarios.reporting_state(commitment)) == (entries, "due")
        form = {"period": commitment.periods.get().key, "version": preview.context["version"]}
        for _ in range(2):
            assert client.post(f"{address}/preview", form)["Location"] == f"{address}/sent"
    assert ProgressUpdate.objects.get().status == "submitted"


def test_preview_of_a_late_update_shows_it_as_received():
    commitment = scenarios.silent_commitment()
    with on(date(2026, 9, 20)):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "number", "value": "14", "self_assessment": "on_track"}
        client.post(address, form_of(client.get(address)) | fields | {"preview": "yes"})
        page = read(client.get(f"{address}/preview"))
    assert "Up to date. Last update 20 September 2026: 14 of 20 people." in page
    assert "(late)" in page
    assert "Silent since" not in page


def test_personal_data_gets_a_warning_before_it_is_sent():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {"answer": "same", "remark": "Call Jo on 07700 900123."}
        response = client.post(address, form_of(client.get(address)) | fields)
        assert response["Location"] == f"{address}/preview"
        preview = client.get(response["Location"])
        assert "a telephone number (07700 900123)" in read(preview)
        form = {"period": commitment.periods.get().key, "version": preview.context["version"]}
        asked = client.post(response["Location"], form)
        assert "Call Jo on <mark>07700 900123</mark>." in read(asked)
        assert ProgressUpdate.objects.get().status == "draft"
        form["seen_questions"] = digests_of(preview.context["personal_data"])
        client.post(response["Location"], form)
    assert ProgressUpdate.objects.get().status == "submitted"


def test_sent_update_shows_when_the_next_one_is_due():
    commitment = scenarios.commitment()
    scenarios.commitment(date(2025, 6, 20), title="Asked about sooner")
    with on(date(2026, 5, 10)):
        scenarios.submitted_update(commitment)
        client = signed_in(factories.asha())
        page = read(client.get(f"/{commitment.key}/update"))
        thanks = read(client.get(f"/{commitment.key}/update/sent"))
        public = read(client.get(f"/commitments/{commitment.key}"))
    assert "No update is due" in page
    assert "Its next update is due on 1 June 2027." in page
    assert "The next update on this commitment is due on 1 June 2027." in thanks
    assert "Last update received on 10 May 2026; not yet published" in public
    assert "not set yet" not in public


def test_pay_gap_in_favour_of_women_can_be_promised_and_reported():
    commitment = scenarios.commitment(
        **factories.with_measure("GE10"), baseline_value="-2.3", target_value="-1"
    )
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        page = client.get(address)
        assert "% of median hourly pay of men on 31 May 2026" in read(page)
        fields = {
            "answer": "number",
            "value": "(1.8)",
            "percentage_of": "20",
            "self_assessment": "on_track",
        }
        client.post(address, form_of(page) | fields)
    assert ProgressUpdate.objects.get().value == Decimal("-1.8")


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("LE12", "People to date"),
        ("LE01", "FTE on 31 May 2026"),
        ("BL01", "£ in the 12 months to 31 May 2026"),
    ],
)
def test_form_asks_for_what_the_measure_counts(code, question):
    commitment = scenarios.commitment(**factories.with_measure(code))
    with on(DUE):
        assert question in read(signed_in(factories.asha()).get(f"/{commitment.key}/update"))


def test_update_of_a_yes_or_no_commitment_says_yes_or_no():
    commitment = scenarios.commitment(**factories.with_measure("GE01"), target_value=1)
    with on(DUE):
        client, address = signed_in(factories.asha()), f"/{commitment.key}/update"
        page = client.get(address)
        assert "Is this the case on 31 May 2026?" in read(page)
        form = form_of(page) | {"answer": "number", "self_assessment": "on_track"}
        assert "Say whether this is the case" in read(client.post(address, form))
        client.post(address, form | {"value": "0", "later": "yes"})
        assert client.get(address).context["form"]["value"].value() == "0"
        form["version"] = client.get(address).context["form"]["version"].value()
        client.post(address, form | {"value": "1"})
        factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
        assert "Yes: target met" in read(client.get(f"/commitments/{commitment.key}"))
