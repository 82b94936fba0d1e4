"""Evidence as files and links: given with updates, seen by whom it may be, run by nobody."""

import errno
from datetime import date
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import evidence
from registry.models import Record
from reporting.actions import successes, updates
from reporting.models import Evidence, ProgressUpdate
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import LINK, on
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
LINK_OF = {"evidence_title": "A page", "evidence_kind": "document"}
FIGURE = {"answer": "number", "value": "14", "self_assessment": "on_track"}


@pytest.fixture(autouse=True)
def second_factor_is_set_up(monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)


@pytest.fixture
def commitment():
    return scenarios.commitment()


def send(commitment, *, button="", **typed):
    """Let Asha fill in the update form; return the answer."""
    client = signed_in(factories.asha())
    address = f"/{commitment.key}/update"
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in shown.items() if value}
    buttons = {button: "yes"} if button else {}
    return client.post(address, shown | FIGURE | typed | buttons)


def letter(**options):
    """A file chosen in the form."""
    typed = {"evidence_title": "College letter", "evidence_kind": "document"}
    return typed | {"evidence_file": SimpleUploadedFile("../letter.html", uploads.pdf())} | options


def public_item(update):
    return Record.objects.get(pk=update.key).item["evidence"]


def test_a_file_is_private_until_its_update_is_published_and_then_for_everybody(commitment):
    with on(DUE):
        assert send(commitment, **letter(evidence_page="3", evidence_quote="All 14 passed.")).url
        update = ProgressUpdate.objects.get()
        piece = update.evidence.get()
        address = f"/evidence/{update.key}/{piece.reference}"
        own, desk = f"/business/evidence/{piece.reference}", f"/council/evidence/{piece.reference}"
        assert Client().get(address).status_code == 404
        assert Client().get(own).url.startswith("/account/login/")
        assert signed_in(factories.cara()).get(own).status_code == 404
        assert signed_in(factories.cara()).get(desk).status_code == 403
        for answer in (
            signed_in(factories.ben()).get(own),
            signed_in(factories.officer()).get(desk),
        ):
            assert answer.content.startswith(b"%PDF-")
            assert "no-store" in answer["Cache-Control"]
        updates.approve(update, by=factories.officer())
        answer = Client().get(address)
        assert answer.content.startswith(b"%PDF-")
        page = Client().get(f"/commitments/{commitment.key}").text
    [shown] = public_item(update)
    assert shown["file"]["url"].endswith(address)
    assert shown["file"] | {"pages": 1, "media_type": "application/pdf"} == shown["file"]
    assert (shown["page"], shown["quote"]) == ("3", "All 14 passed.")
    assert "College letter</a> (document, PDF" in page
    assert "page 3" in page


def test_a_file_is_given_out_so_that_nothing_in_it_runs(commitment):
    with on(DUE):
        send(commitment, **letter())
        update = updates.approve(ProgressUpdate.objects.get(), by=factories.officer())
        reference = update.evidence.get().reference
        answer = Client().get(f"/evidence/{update.key}/{reference}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{reference}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-cache" in answer["Cache-Control"]
    assert not answer.cookies
    assert Client().post(f"/evidence/{update.key}/{reference}").status_code == 405


@pytest.mark.parametrize("key", ["U-00000", "C-00000", "P-00000", "nonsense"])
def test_no_other_address_gives_the_file(commitment, key):
    with on(DUE):
        send(commitment, **letter())
        update = updates.approve(ProgressUpdate.objects.get(), by=factories.officer())
    reference = update.evidence.get().reference
    assert Client().get(f"/evidence/{key}/{reference}").status_code == 404


def test_of_what_only_the_council_may_see_the_public_reads_kind_and_reason(commitment):
    with on(DUE):
        why = {"evidence_visibility": "council_only", "evidence_withheld_reason": "It names people"}
        assert (
            "Say why only the council"
            in send(commitment, **letter(**{**why, "evidence_withheld_reason": ""})).text
        )
        send(commitment, **letter(**why))
        update = updates.approve(ProgressUpdate.objects.get(), by=factories.officer())
        [piece] = update.evidence.all()
        assert Client().get(f"/evidence/{update.key}/{piece.reference}").status_code == 404
        desk = f"/council/evidence/{piece.reference}"
        assert signed_in(factories.officer()).get(desk).status_code == 200
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public_item(update) == [
        {
            "id": str(piece.reference),
            "type": "document",
            "visibility": "council_only",
            "withheld_reason": "It names people",
        }
    ]
    assert "Document, for the council only: It names people" in page
    assert "College letter" not in page


def test_an_update_carries_several_pieces_added_one_by_one(commitment):
    with on(DUE):
        added = send(commitment, button="more", **letter())
        assert added.url == f"/{commitment.key}/update?answer=number#evidence"
        send(
            commitment,
            button="more",
            evidence_title="Photograph",
            evidence_kind="photograph",
            evidence_alt_text="Cooks at work",
            evidence_file=SimpleUploadedFile("a.jpg", uploads.picture(exif=uploads.gps())),
        )
        page = signed_in(factories.asha()).get(added.url).text
        assert page.count("/business/evidence/") == 2
        summary = {"evidence_title": "Payroll summary", "evidence_kind": "web_page"}
        send(commitment, evidence_url=LINK["url"], **summary)
        update = ProgressUpdate.objects.get()
        desk = signed_in(factories.officer()).get(f"/council/items/{update.key}").text
        assert desk.count("/council/evidence/") == 2
        assert LINK["url"] in desk
        updates.approve(update, by=factories.officer())
    kinds = [shown["type"] for shown in public_item(update)]
    assert kinds == ["document", "photograph", "web_page"]
    assert public_item(update)[1]["alt_text"] == "Cooks at work"


def test_what_was_given_can_be_taken_away_before_it_is_sent(
    commitment, django_capture_on_commit_callbacks
):
    with on(DUE):
        send(commitment, button="more", **letter())
        piece = Evidence.objects.get()
        name = piece.file.name
        assert evidence.file_storage().exists(name)
        with django_capture_on_commit_callbacks(execute=True):
            send(commitment, evidence_removed=[str(piece.reference)])
    assert not Evidence.objects.exists()
    assert not evidence.file_storage().exists(name)


def test_a_file_for_which_there_is_no_room_leaves_no_half_and_what_was_typed_stays(
    commitment, monkeypatch
):
    def full(storage, name, content):
        Path(storage.path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(storage.path(name)).write_bytes(b"%PDF-")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with on(DUE):
        answer = send(commitment, **letter(evidence_quote="All 14 passed."))
    assert "We cannot keep the file at the moment." in answer.text
    assert "All 14 passed." in answer.text
    assert not ProgressUpdate.objects.exists()
    assert not list(Path(evidence.file_storage().location).rglob("*.pdf"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (letter(evidence_kind=""), "Say what kind of evidence it is"),
        (letter(evidence_title=""), "Give the evidence a name"),
        (letter(evidence_url=LINK["url"]), "Give a link or a file, not both"),
        (letter(evidence_kind="photograph"), "Say what can be seen in the photograph"),
        (letter(evidence_kind="evaluation"), "Say who wrote it"),
        (letter(evidence_on="1/1/2030"), "cannot be to come"),
        (LINK_OF | {"evidence_url": "http://brookfield.example/a"}, "begins with https://"),
        *(
            (LINK_OF | {"evidence_url": f"https://{host}/x"}, "a site that everybody can open")
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
        ({"evidence_url": "https://intranet/a"}, "Give a link that begins with https://"),
        ({"evidence_title": "A letter"}, "Give the link to the evidence, or a file"),
        (
            letter(evidence_file=SimpleUploadedFile("letter.pdf", uploads.HTML)),
            "Give a PDF, JPEG or PNG file. This is none of them.",
        ),
        (letter(evidence_file=SimpleUploadedFile("letter.pdf", b"")), "none of them"),
    ],
)
def test_what_is_wrong_with_evidence_is_said_at_the_field(commitment, typed, words):
    with on(DUE):
        for file in [value for value in typed.values() if isinstance(value, SimpleUploadedFile)]:
            file.seek(0)
        page = send(commitment, **typed)
    assert words in page.text
    assert not Evidence.objects.exists()


def test_a_body_larger_than_any_form_is_refused_before_it_is_kept(commitment):
    with on(DUE):
        large = SimpleUploadedFile("a.pdf", bytes(13 * 1024 * 1024))
        client = signed_in(factories.asha())
        assert client.post(f"/{commitment.key}/update", {"evidence_file": large}).status_code == 400


def test_an_evaluation_names_its_author_and_its_shares_and_no_figure_follows_them(commitment):
    with on(DUE):
        study = letter(
            evidence_kind="sroi_report",
            evidence_author="Aston University",
            evidence_assurance="Social Value UK",
            evidence_attribution="75",
            evidence_deadweight="0",
        )
        send(commitment, **study)
        update = updates.approve(ProgressUpdate.objects.get(), by=factories.officer())
        page = Client().get(f"/commitments/{commitment.key}").text
    [shown] = public_item(update)
    assert (shown["author"], shown["attribution"], shown["deadweight"]) == (
        "Aston University",
        75,
        0,
    )
    assert Record.objects.get(pk=update.key).item["cumulative_value"] == "14"
    assert "by Aston University, assured by Social Value UK" in page
    assert "Deadweight as stated there: 0%." in page


def test_a_success_carries_evidence_too(commitment):
    with on(DUE):
        story = successes.save_draft(
            commitment,
            by=factories.asha(),
            title="First to finish",
            story="One of them trains the next.",
            happened_from=DUE,
            people_consent="none_identifiable",
        )
        successes.submit(story, by=factories.asha())
        successes.return_with_comments(story, by=factories.officer(), comments="Show it, please.")
        client, address = signed_in(factories.asha()), f"/business/successes/{story.key}"
        form = client.get(address).context["form"]
        shown = {name: form[name].value() for name in form.fields if form[name].value()}
        assert client.post(address, shown | letter()).status_code == 302
        successes.approve(story, by=factories.officer())
        reference = story.evidence.get().reference
        assert Client().get(f"/evidence/{story.key}/{reference}").status_code == 200
        page = Client().get(f"/commitments/{commitment.key}").text
    assert Record.objects.get(pk=story.key).item["level_of_proof"] == "evidence_provided"
    assert "College letter" in page


def test_a_redacted_update_takes_its_file_from_the_public(commitment):
    from registry.log import publishing

    with on(DUE):
        send(commitment, **letter())
        update = updates.approve(ProgressUpdate.objects.get(), by=factories.officer())
        address = f"/evidence/{update.key}/{update.evidence.get().reference}"
        assert Client().get(address).status_code == 200
        publishing.redact([Record.objects.get(pk=update.key).entry], reason_code="personal_data")
        assert Client().get(address).status_code == 404
