"""Evidence as files and links: sent with updates, visible only as allowed, never executed."""

import errno
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import evidence
from registry.models import Record
from reporting.actions import successes
from reporting.models import Evidence, ProgressUpdate
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import LINK, on
from tests.visitors import officer_client, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
LINK_FIELDS = {"evidence_title": "A page", "evidence_kind": "document"}
FIGURE = {"answer": "number", "value": "14", "self_assessment": "on_track"}


@pytest.fixture
def commitment():
    return scenarios.commitment()


def send(commitment, *, button="", **fields):
    """Fill in the update form as Asha; return the response."""
    client = signed_in(factories.asha())
    address = f"/{commitment.key}/update"
    form = client.get(address).context["form"]
    initial = {name: form[name].value() for name in form.fields}
    initial = {name: value for name, value in initial.items() if value}
    buttons = {button: "yes"} if button else {}
    return client.post(address, initial | FIGURE | fields | buttons)


def letter(**options):
    """Return form fields with a PDF letter as evidence."""
    fields = {"evidence_title": "College letter", "evidence_kind": "document"}
    return fields | {"evidence_file": SimpleUploadedFile("../letter.html", uploads.pdf())} | options


def public_evidence(update):
    return Record.objects.get(pk=update.key).item["evidence"]


def test_file_is_private_until_its_update_is_published(commitment):
    with on(DUE):
        assert send(commitment, **letter(evidence_page="3", evidence_quote="All 14 passed.")).url
        update = ProgressUpdate.objects.get()
        piece = update.evidence.get()
        address = f"/evidence/{update.key}/{piece.reference}"
        own_address = f"/business/evidence/{piece.reference}"
        council_address = f"/council/evidence/{piece.reference}"
        assert Client().get(address).status_code == 404
        assert Client().get(own_address).url.startswith("/account/login/")
        assert signed_in(factories.cara()).get(own_address).status_code == 404
        assert signed_in(factories.cara()).get(council_address).status_code == 403
        for response in (
            signed_in(factories.ben()).get(own_address),
            officer_client().get(council_address),
        ):
            assert response.content.startswith(b"%PDF-")
            assert "no-store" in response["Cache-Control"]
        factories.publish(update, by=factories.officer())
        response = Client().get(address)
        assert response.content.startswith(b"%PDF-")
        page = Client().get(f"/commitments/{commitment.key}").text
    [item] = public_evidence(update)
    [shown] = Client().get(f"/api/v1/updates/{update.key}").json()["evidence"]
    assert shown["file"] == item["file"] | {"url": f"{settings.PUBLIC_URL}{address}"}
    assert item["file"] | {"pages": 1, "media_type": "application/pdf"} == item["file"]
    assert (item["page"], item["quote"]) == ("3", "All 14 passed.")
    assert "College letter</a> (document, PDF" in page
    assert "page 3" in page


def test_file_is_served_so_that_nothing_in_it_runs(commitment):
    with on(DUE):
        send(commitment, **letter())
        update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
        reference = update.evidence.get().reference
        response = Client().get(f"/evidence/{update.key}/{reference}")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{reference}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-cache" in response["Cache-Control"]
    assert not response.cookies
    assert Client().post(f"/evidence/{update.key}/{reference}").status_code == 405


@pytest.mark.parametrize("key", ["U-00000", "C-00000", "P-00000", "nonsense"])
def test_file_is_served_at_no_other_address(commitment, key):
    with on(DUE):
        send(commitment, **letter())
        update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
    reference = update.evidence.get().reference
    assert Client().get(f"/evidence/{key}/{reference}").status_code == 404


def test_public_sees_only_kind_and_reason_of_council_only_evidence(commitment):
    with on(DUE):
        restriction = {
            "evidence_visibility": "council_only",
            "evidence_withheld_reason": "It names people",
        }
        assert (
            "Enter a reason why only the council"
            in send(commitment, **letter(**{**restriction, "evidence_withheld_reason": ""})).text
        )
        send(commitment, **letter(**restriction))
        update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
        [piece] = update.evidence.all()
        assert Client().get(f"/evidence/{update.key}/{piece.reference}").status_code == 404
        council_address = f"/council/evidence/{piece.reference}"
        assert officer_client().get(council_address).status_code == 200
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public_evidence(update) == [
        {
            "id": str(piece.reference),
            "type": "document",
            "visibility": "council_only",
            "withheld_reason": "It names people",
        }
    ]
    assert "Document, for the council only: It names people" in page
    assert "College letter" not in page


def test_several_pieces_can_be_added_one_by_one(commitment):
    with on(DUE):
        response = send(commitment, button="more", **letter())
        assert response.url == f"/{commitment.key}/update?answer=number#evidence"
        send(
            commitment,
            button="more",
            evidence_title="Photograph",
            evidence_kind="photograph",
            evidence_alt_text="Cooks at work",
            evidence_may_be_shown="on",
            evidence_file=SimpleUploadedFile("a.jpg", uploads.picture(exif=uploads.gps())),
        )
        page = signed_in(factories.asha()).get(response.url).text
        assert page.count("/business/evidence/") == 2
        summary = {"evidence_title": "Payroll summary", "evidence_kind": "web_page"}
        send(commitment, evidence_url=LINK["url"], **summary)
        update = ProgressUpdate.objects.get()
        page_text = officer_client().get(f"/council/items/{update.key}").text
        assert page_text.count("/council/evidence/") == 2
        assert LINK["url"] in page_text
        factories.publish(update, by=factories.officer())
    kinds = [item["type"] for item in public_evidence(update)]
    assert kinds == ["document", "photograph", "web_page"]
    assert public_evidence(update)[1]["alt_text"] == "Cooks at work"


def test_evidence_can_be_removed_before_sending(commitment, django_capture_on_commit_callbacks):
    with on(DUE):
        send(commitment, button="more", **letter())
        piece = Evidence.objects.get()
        name = piece.file.name
        assert evidence.file_storage().exists(name)
        with django_capture_on_commit_callbacks(execute=True):
            send(commitment, evidence_removed=[str(piece.reference)])
    assert not Evidence.objects.exists()
    assert not evidence.file_storage().exists(name)


def test_full_disk_leaves_no_partial_file_and_keeps_the_form(commitment, monkeypatch):
    def fail_without_space(storage, name, content):
        Path(storage.path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(storage.path(name)).write_bytes(b"%PDF-")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fail_without_space)
    with on(DUE):
        response = send(commitment, **letter(evidence_quote="All 14 passed."))
    assert "We cannot keep the file at the moment." in response.text
    assert "All 14 passed." in response.text
    assert not ProgressUpdate.objects.exists()
    assert not list(Path(evidence.file_storage().location).rglob("*.pdf"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (letter(evidence_kind=""), "Say what kind of evidence it is"),
        (letter(evidence_title=""), "Give the evidence a name"),
        (letter(evidence_url=LINK["url"]), "Give a link or a file, not both"),
        (letter(evidence_kind="photograph"), "Say what can be seen in the photograph"),
        (letter(evidence_kind="photograph"), "Confirm that you may publish the photograph"),
        (letter(evidence_kind="evaluation"), "Say who wrote it"),
        (letter(evidence_on="1/1/2030"), "cannot be to come"),
        (LINK_FIELDS | {"evidence_url": "http://brookfield.example/a"}, "starts with https://"),
        *(
            (LINK_FIELDS | {"evidence_url": f"https://{host}/x"}, "a site that everyone can open")
            for host in (
                "127.0.0.1:8790",
                "10.0.0.7",
                "[::1]",
                "[::ffff:10.0.0.7]",
                "localhost",
                "files.localhost",
                "nas.local",
            )
        ),
        ({"evidence_url": "https://intranet/a"}, "Enter a web address that starts with https://"),
        ({"evidence_title": "A letter"}, "Add a link or upload a file"),
        (
            letter(evidence_file=SimpleUploadedFile("letter.pdf", uploads.HTML)),
            "Give a PDF, JPEG or PNG file. This is none of them.",
        ),
        (letter(evidence_file=SimpleUploadedFile("letter.pdf", b"")), "none of them"),
    ],
)
def test_evidence_errors_are_shown_at_the_field(commitment, fields, message):
    with on(DUE):
        for file in [value for value in fields.values() if isinstance(value, SimpleUploadedFile)]:
            file.seek(0)
        page = send(commitment, **fields)
    assert message in page.text
    assert not Evidence.objects.exists()


def test_oversized_request_is_refused_before_it_is_stored(commitment):
    with on(DUE):
        file = SimpleUploadedFile("a.pdf", bytes(13 * 1024 * 1024))
        client = signed_in(factories.asha())
        assert client.post(f"/{commitment.key}/update", {"evidence_file": file}).status_code == 400


def test_evaluation_shows_author_and_shares_without_changing_the_figure(commitment):
    with on(DUE):
        study = letter(
            evidence_kind="sroi_report",
            evidence_author="Aston University",
            evidence_assurance="Social Value UK",
            evidence_attribution="75",
            evidence_deadweight="0",
        )
        send(commitment, **study)
        update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
        page = Client().get(f"/commitments/{commitment.key}").text
    [item] = public_evidence(update)
    assert (item["author"], item["attribution"], item["deadweight"]) == (
        "Aston University",
        75,
        0,
    )
    assert Record.objects.get(pk=update.key).item["cumulative_value"] == "14"
    assert "by Aston University, assured by Social Value UK" in page
    assert "Deadweight as stated there: 0%." in page


def test_success_can_have_evidence(commitment):
    with on(DUE):
        success = successes.save_draft(
            commitment,
            by=factories.asha(),
            title="First to finish",
            story="One of them trains the next.",
            happened_from=DUE,
            people_consent="none_identifiable",
        )
        factories.submit(success, by=factories.asha())
        factories.return_with_comments(success, by=factories.officer(), comments="Show it, please.")
        client, address = signed_in(factories.asha()), f"/business/successes/{success.key}"
        form = client.get(address).context["form"]
        initial = {name: form[name].value() for name in form.fields if form[name].value()}
        assert client.post(address, initial | letter()).status_code == 302
        factories.publish(success, by=factories.officer())
        reference = success.evidence.get().reference
        assert Client().get(f"/evidence/{success.key}/{reference}").status_code == 200
        page = Client().get(f"/commitments/{commitment.key}").text
    assert Record.objects.get(pk=success.key).item["level_of_proof"] == "evidence_provided"
    assert "College letter" in page


def test_redacting_an_update_removes_its_file_from_the_public(commitment):
    from registry.log import publishing

    with on(DUE):
        send(commitment, **letter())
        update = factories.publish(ProgressUpdate.objects.get(), by=factories.officer())
        address = f"/evidence/{update.key}/{update.evidence.get().reference}"
        assert Client().get(address).status_code == 200
        publishing.redact([Record.objects.get(pk=update.key).entry], reason_code="personal_data")
        assert Client().get(address).status_code == 404
